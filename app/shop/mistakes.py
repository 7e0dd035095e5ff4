"""What is off in a ledger, one sentence each: units, payments, shares. Pure; `app.ledger.audit` reads the numbers."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from app.drops.rules import HoldState
from app.ledger.audit import Audit, DropCount, OrderCount, VariantCount


class _Money(msgspec.Struct, frozen=True):
    amount: int


class _Line(msgspec.Struct, frozen=True):
    variant: str
    quantity: int
    hold: str | None = None
    drop: str | None = None


class _Document(msgspec.Struct, frozen=True):
    """The part of a snapshot that counts units and money."""

    lines: tuple[_Line, ...]
    shipping: _Money
    total: _Money


def mistakes(audit: Audit) -> Iterator[str]:
    """One sentence for everything that does not add up."""
    being_paid: Counter[str] = Counter()
    paid_holds: set[str] = set()
    shares = Counter(audit.bought_shares)
    for attempt in audit.attempts:
        document = _document(attempt.document)
        if document is None:
            yield f"attempt {attempt.id}: what it buys cannot be read"
            continue
        for line in document.lines:
            if line.hold is None:
                being_paid[line.variant] += line.quantity
                continue
            if line.hold not in audit.reserved_holds or line.hold in paid_holds:
                yield f"attempt {attempt.id}: buys the hold {line.hold}, which is not reserved for it alone"
            paid_holds.add(line.hold)
            for customer in attempt.customer:
                shares[line.drop or "", customer] += line.quantity
    yield from (f"hold {hold}: reserved, and no payment is under way" for hold in audit.reserved_holds - paid_holds)
    for variant in audit.variants:
        yield from _variant(variant, being_paid[variant.id])
    for drop in audit.drops:
        yield from _drop(drop)
    yield from (f"hold {hold}: sold, and not on exactly one order" for hold in audit.orphan_holds)
    yield from (f"hold {hold}: on an order, and not sold" for hold in audit.orphan_lines)
    yield from (f"hold {hold}: of a drop that is not there" for hold in audit.dropless)
    yield from (f"order {order}: has lines, and is not there" for order in audit.orderless)
    yield from (f"attempt {attempt}: paid, and there is no order" for attempt in audit.unordered)
    yield from (f"order {order}: not paid by exactly its own attempt" for order in audit.unpaid)
    yield from (f"{stray}: about a payment that is not there" for stray in audit.strays)
    for attempt_id, amount, back in audit.late:
        if back != amount:
            yield f"attempt {attempt_id}: {amount} came too late, its refunds come to {back}"
    yield from (f"order {order}: a bank has taken money back that it still counts" for order in audit.keeping)
    yield from (f"order {order}: charged back, and no dispute about so much was lost" for order in audit.unfounded)
    for order in audit.orders:
        yield from _order(order)
    yield from _shares(audit, shares)


def _document(text: str) -> _Document | None:
    try:
        return msgspec.json.decode(text, type=_Document)
    except msgspec.MsgspecError:
        return None


def _variant(one: VariantCount, being_paid: int) -> Iterator[str]:
    free = one.quantity - one.allotted - one.reserved - one.sold
    if free < 0:
        yield f"variant {one.id}: {-free} more units given away than the {one.quantity} there are"
    if one.allotted != one.in_drops:
        yield f"variant {one.id}: {one.allotted} units allotted to drops, the drops have {one.in_drops}"
    if one.reserved != being_paid:
        yield f"variant {one.id}: {one.reserved} units reserved, payments under way have {being_paid}"
    if one.sold != one.bought:
        yield f"variant {one.id}: {one.sold} units sold, orders have {one.bought} that did not come back"


def _drop(one: DropCount) -> Iterator[str]:
    counted = {HoldState.HELD: one.held, HoldState.RESERVED: one.reserved, HoldState.SOLD: one.sold}
    for state, count in counted.items():
        if count != one.by_state.get(state, 0):
            yield f"drop {one.id}: {count} units {state}, its holds have {one.by_state.get(state, 0)}"
    free = one.quantity - one.held - one.reserved - one.sold - one.returned
    if free < 0:
        yield f"drop {one.id}: {-free} more units given away than the {one.quantity} there are"


def _order(one: OrderCount) -> Iterator[str]:
    document = _document(one.document)
    due = one.lines + document.shipping.amount if document is not None else None
    if document is None:
        yield f"order {one.id}: what was bought cannot be read"
    elif not document.total.amount == due == one.amount:
        yield f"order {one.id}: {one.amount} paid, its lines and shipping come to {due}"
    if one.refunded != one.refunds:
        yield f"order {one.id}: {one.refunded} given back, its refunds come to {one.refunds}"
    if one.amount and (one.state in ("refunded", "cancelled")) != (one.refunded == one.amount):
        yield f"order {one.id}: {one.state}, and {one.refunded} of {one.amount} given back"


def _shares(audit: Audit, had: Counter[tuple[str, str]]) -> Iterator[str]:
    # Who it is stays out of terminals and logs.
    most = {drop.id: drop.per_customer for drop in audit.drops}
    for drop, customer in sorted(audit.shares.keys() | had.keys()):
        counted, bought = audit.shares.get((drop, customer), 0), had[drop, customer]
        if counted != bought:
            yield f"drop {drop}: a customer's share is counted as {counted}, orders and payments have {bought}"
        if bought > most.get(drop, 0):
            yield f"drop {drop}: a customer has {bought}, each may have {most.get(drop, 0)}"
