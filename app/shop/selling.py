"""Turning the approved payments of one moment into orders, in one transaction. No I/O of its own."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from app.catalogue import shelf
from app.drops import keeping as drops
from app.drops.keeping import Units
from app.ledger.statement import Statement, Step, Work, at_once, change
from app.mail.queries import Letter
from app.shop.placing import Overtaken
from app.shop.record import Order, OrderLine
from app.shop.stock import Miscounted
from app.webhooks.queries import Message


class Sale(Struct, frozen=True):
    """An attempt that the provider approved, and everything that is written with it."""

    attempt: str
    reference: str
    status: int
    body: str
    order: Order
    lines: list[OrderLine]
    letter: Letter
    message: Message | None


class _Paid(Struct, frozen=True):
    id: str
    reference: str
    status: int
    body: str


_PAY = Statement(
    "UPDATE attempts SET state = 'paid', reference = rows.reference, check_ms = NULL, "
    "answer_status = COALESCE(attempts.answer_status, rows.status), "
    "answer_body = COALESCE(attempts.answer_body, rows.body) FROM rows WHERE attempts.id = rows.id "
    "AND attempts.state IN ('started', 'unanswered', 'pending', 'action-required', 'processing') "
    "RETURNING attempts.id",
    _Paid,
)
_ORDERS = Statement.insert("orders", Order)
_LINES = Statement.insert("order_lines", OrderLine)
_LETTERS = Statement.insert("outbox", Letter)
_MESSAGES = Statement.insert("webhooks", Message, "ON CONFLICT (key) DO NOTHING")


def sell(asked: Sequence[Sale]) -> Work[list[bool]]:
    """Turn open attempts into orders, sold units and letters, all of them at once.

    Raises Overtaken when one is not open any more, and Miscounted when units are not reserved that an open attempt has
    reserved.
    """
    if len({sale.attempt for sale in asked}) < len(asked):
        raise Overtaken
    lines = [line for sale in asked for line in sale.lines]
    holds = [Units(line.hold_id, line.drop_id, line.quantity) for line in lines if line.hold_id and line.drop_id]
    units: Counter[str] = Counter()
    for line in lines:
        if not line.hold_id:
            units[line.variant] += line.quantity
    # Whose attempt was open has the only order of it; to look for another one would cost as much as to write one.
    approved = sorted(asked, key=lambda sale: sale.attempt)
    paid = (_PAY, [_Paid(one.attempt, one.reference, one.status, one.body) for one in approved])
    moved = [*drops.to_sell(holds), *shelf.to_sell(units)]
    messages = [sale.message for sale in asked if sale.message]
    written: list[Step] = [
        (_ORDERS, [sale.order for sale in asked]),
        (_LINES, lines),
        (_LETTERS, [sale.letter for sale in asked]),
        *([(_MESSAGES, messages)] if messages else []),
    ]
    if (yield from at_once([paid, *moved, *written])):
        return [True] * len(asked)
    if not (yield from change([paid])):
        raise Overtaken
    found = yield [*moved, *written]
    if any(len(of_step) != len(rows) for of_step, (_, rows) in zip(found, moved, strict=False)):
        raise Miscounted("the counters of what is sold do not add up")
    return [True] * len(asked)
