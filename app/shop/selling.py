"""Settling many approved payments in one transaction: those whose orders are holds of drops only, at first sight.

The others, and whoever is overtaken, are left to `Settlement`, one by one.
"""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from app.ledger.statement import Statement, Work
from app.mail.queries import Letter
from app.shop.placing import Overtaken
from app.shop.record import Order, OrderLine
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
    address: str
    shopper: str
    now_ms: int
    message: Message | None


class _Paid(Struct, frozen=True):
    id: str
    reference: str
    status: int
    body: str


class _Id(Struct, frozen=True):
    id: str


class _Units(Struct, frozen=True):
    drop: str
    quantity: int


class _Shopper(Struct, frozen=True):
    id: str
    created_ms: int
    email: str
    address: str
    language: str


_PAY = Statement(
    "UPDATE attempts SET state = 'paid', reference = rows.reference, check_ms = NULL, "
    "answer_status = COALESCE(attempts.answer_status, rows.status), "
    "answer_body = COALESCE(attempts.answer_body, rows.body) FROM rows WHERE attempts.id = rows.id "
    "AND attempts.state IN ('started', 'unanswered', 'pending', 'action-required', 'processing') "
    "RETURNING attempts.id",
    _Paid,
)
# The empty text keeps SQLite from looking through everything that is reserved instead of these ids.
_SELL = Statement(
    "UPDATE holds SET state = 'sold' WHERE id IN (SELECT rows.id FROM rows) AND state || '' = 'reserved' RETURNING id",
    _Id,
)
_COUNT = Statement(
    "UPDATE drops SET reserved = drops.reserved - rows.quantity, sold = drops.sold + rows.quantity FROM rows "
    'WHERE drops.id = rows."drop"',
    _Units,
)
_ORDERS = Statement.insert("orders", Order)
_LINES = Statement.insert("order_lines", OrderLine)
_LETTERS = Statement.insert("outbox", Letter, "ON CONFLICT (key) DO NOTHING")
_MESSAGES = Statement.insert("webhooks", Message, "ON CONFLICT (key) DO NOTHING")
_REMEMBER = Statement.insert(
    "shoppers",
    _Shopper,
    "ON CONFLICT (id) DO UPDATE SET email = excluded.email, address = excluded.address, language = excluded.language",
)


def sell(asked: Sequence[Sale]) -> Work[list[bool]]:
    """Turn attempts into orders, sold units and letters; False for one that has moved on meanwhile.

    Raises Overtaken.
    """
    once = {sale.attempt: sale for sale in asked}
    moved = {id_ for (id_,) in (yield _PAY, [_Paid(s.attempt, s.reference, s.status, s.body) for s in once.values()])}
    sales = [sale for sale in once.values() if sale.attempt in moved]
    if sales:
        lines = [line for sale in sales for line in sale.lines]
        holds = [_Id(line.hold_id) for line in lines if line.hold_id]
        if len((yield _SELL, holds)) != len(holds):
            raise Overtaken
        units: Counter[str] = Counter()
        for line in lines:
            units[line.drop_id or ""] += line.quantity
        for drop, quantity in sorted(units.items()):
            yield _COUNT, [_Units(drop, quantity)]
        yield _ORDERS, [sale.order for sale in sales]
        yield _LINES, lines
        yield _LETTERS, [sale.letter for sale in sales]
        if messages := [sale.message for sale in sales if sale.message]:
            yield _MESSAGES, messages
        # Somebody who bought twice at once is one shopper.
        shoppers = {sale.shopper: _shopper(sale) for sale in sales}
        yield _REMEMBER, [shoppers[name] for name in sorted(shoppers)]
    first = set(moved)
    answers = []
    for sale in asked:
        answers.append(sale.attempt in first)
        first.discard(sale.attempt)
    return answers


def _shopper(sale: Sale) -> _Shopper:
    return _Shopper(sale.shopper, sale.now_ms, sale.order.email, sale.address, sale.order.language)
