"""Orders, their lines and refunds as the ledger keeps them."""

from msgspec import Struct

from app.ledger.ids import new_id
from app.shop.attempt import Attempt
from app.shop.order import OrderState, order_number
from app.shop.snapshot import Snapshot


class Order(Struct, frozen=True, kw_only=True):
    """A row of `orders`; `document` is a Snapshot as JSON."""

    id: str
    number: str
    attempt: str
    shopper: str | None
    state: str
    email: str
    name: str
    language: str
    amount: int
    refunded: int
    currency: str
    document: str
    created_ms: int
    updated_ms: int
    withdrawn_ms: int | None = None


class OrderLine(Struct, frozen=True, kw_only=True):
    """A row of `order_lines`."""

    order_id: str
    line: int
    variant: str
    sku: str
    title: str
    size: str
    material: str
    quantity: int
    unit_amount: int
    vat_basis_points: int
    drop_id: str | None
    hold_id: str | None
    refunded: int = 0
    restocked: int = 0


class Refund(Struct, frozen=True, kw_only=True):
    """A row of `refunds`. A payment that came too late is refunded without ever having become its `order_id`."""

    id: str
    order_id: str
    key: str
    fingerprint: str
    state: str
    amount: int
    created_ms: int
    check_ms: int | None
    refusals: int = 0
    error: str | None = None


def late_refund(attempt: Attempt, now_ms: int) -> Refund:
    """All the money of an attempt that was charged after it was given up, due at once."""
    return Refund(
        id=new_id("ref"),
        order_id=attempt.order_id or "",
        key="late",
        fingerprint="late",
        state="asked",
        amount=attempt.amount,
        created_ms=now_ms,
        check_ms=now_ms,
    )


def order_of(attempt: Attempt, snapshot: Snapshot, now_ms: int) -> Order:
    """The order that a paid attempt becomes."""
    order = attempt.order_id or ""
    return Order(
        id=order,
        number=order_number(order),
        attempt=attempt.id,
        shopper=attempt.shopper,
        state=OrderState.PAID,
        email=snapshot.email,
        name=snapshot.address.name,
        language=snapshot.language,
        amount=attempt.amount,
        refunded=0,
        currency=attempt.currency,
        document=attempt.document,
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def order_lines(order: str, snapshot: Snapshot) -> list[OrderLine]:
    """The order's lines."""
    return [
        OrderLine(
            order_id=order,
            line=line.line,
            variant=line.variant,
            sku=line.sku,
            title=line.title,
            size=line.size,
            material=line.material,
            quantity=line.quantity,
            unit_amount=line.price.amount,
            vat_basis_points=line.vat_basis_points,
            drop_id=line.drop,
            hold_id=line.hold,
        )
        for line in snapshot.lines
    ]
