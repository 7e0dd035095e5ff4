"""The life of an order: its states and the steps between them. No I/O."""

import hashlib
from enum import StrEnum

from app.errors import Conflict

DAY_MS = 86_400_000
# Section 355 BGB: fourteen days from receipt; counted from the order plus the longest delivery time while the
# day of receipt is unknown, which only ever is in the customer's favour.
WITHDRAWAL_DAYS = 14
DELIVERY_MARGIN_DAYS = 14


class OrderState(StrEnum):
    """Where an order is."""

    PENDING = "pending"
    ACTION_REQUIRED = "action-required"
    PROCESSING = "processing"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    READY_FOR_PICKUP = "ready-for-pickup"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    PART_REFUNDED = "part-refunded"
    REFUNDED = "refunded"
    RETURNED = "returned"


_S = OrderState

# Everything that is not listed is refused. A part-refunded order can still be on its way.
STEPS: dict[OrderState, frozenset[OrderState]] = {
    _S.PENDING: frozenset({_S.ACTION_REQUIRED, _S.PROCESSING, _S.PAID, _S.CANCELLED}),
    _S.ACTION_REQUIRED: frozenset({_S.PENDING, _S.PROCESSING, _S.PAID, _S.CANCELLED}),
    _S.PROCESSING: frozenset({_S.PAID, _S.CANCELLED}),
    _S.PAID: frozenset({_S.PACKED, _S.SHIPPED, _S.READY_FOR_PICKUP, _S.CANCELLED, _S.PART_REFUNDED, _S.REFUNDED}),
    _S.PACKED: frozenset({_S.SHIPPED, _S.READY_FOR_PICKUP, _S.CANCELLED, _S.PART_REFUNDED, _S.REFUNDED}),
    _S.SHIPPED: frozenset({_S.DELIVERED, _S.RETURNED, _S.PART_REFUNDED, _S.REFUNDED}),
    _S.READY_FOR_PICKUP: frozenset({_S.DELIVERED, _S.RETURNED, _S.PART_REFUNDED, _S.REFUNDED}),
    _S.DELIVERED: frozenset({_S.RETURNED, _S.PART_REFUNDED, _S.REFUNDED}),
    _S.RETURNED: frozenset({_S.PART_REFUNDED, _S.REFUNDED}),
    _S.PART_REFUNDED: frozenset(
        {_S.PACKED, _S.SHIPPED, _S.READY_FOR_PICKUP, _S.DELIVERED, _S.RETURNED, _S.PART_REFUNDED, _S.REFUNDED}
    ),
    _S.CANCELLED: frozenset(),
    _S.REFUNDED: frozenset(),
}

# The steps that the host takes by hand; the others follow from payments and refunds.
BY_HAND = frozenset({_S.PACKED, _S.SHIPPED, _S.READY_FOR_PICKUP, _S.DELIVERED, _S.RETURNED})

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]

# With these the goods are on their way out of the house.
LEAVING = frozenset({_S.PACKED, _S.SHIPPED, _S.READY_FOR_PICKUP})


def step(present: OrderState, wanted: OrderState) -> OrderState:
    """`wanted`, if the order may go there from `present`. Raises Conflict."""
    if wanted not in STEPS[present]:
        allowed = ", ".join(sorted(STEPS[present])) or "nothing"
        raise Conflict(f"The order is {present}; from there it can become {allowed}, not {wanted}.")
    return wanted


def after_refund(present: OrderState, *, total: int, refunded: int) -> OrderState:
    """The state of an order of which `refunded` of `total` minor units are given back by now."""
    return step(present, _S.REFUNDED if refunded >= total else _S.PART_REFUNDED)


def after_return(present: OrderState, before: OrderState, *, refunded: int) -> OrderState:
    """The state of an order whose bank took money when it was `before` and gave it back; `refunded`: what else is."""
    if present not in (_S.PART_REFUNDED, _S.REFUNDED):
        # It has gone on meanwhile.
        return present
    return _S.PART_REFUNDED if refunded else before


def by_the_host(present: OrderState) -> tuple[OrderState, ...]:
    """Where the host can take an order from `present`: by hand, by calling it off, by giving all its money back."""
    return tuple(state for state in OrderState if state in STEPS[present] & (BY_HAND | {_S.CANCELLED, _S.REFUNDED}))


def withdrawal_until(created_ms: int) -> int:
    """Until when the customer may withdraw, in epoch milliseconds."""
    return created_ms + (WITHDRAWAL_DAYS + DELIVERY_MARGIN_DAYS) * DAY_MS


def order_number(order_id: str) -> str:
    """What a person reads on the telephone: twelve letters and digits derived from the id."""
    # Base 32 (RFC 4648) of the digest's first sixty bits, ten at a time.
    bits, two = int.from_bytes(hashlib.sha256(order_id.encode()).digest()[:8], "big"), _PAIRS
    return (
        f"{two[bits >> 54]}{two[bits >> 44 & 1023]}-{two[bits >> 34 & 1023]}{two[bits >> 24 & 1023]}"
        f"-{two[bits >> 14 & 1023]}{two[bits >> 4 & 1023]}"
    )
