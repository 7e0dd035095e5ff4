"""Turning the approved payments of one moment into orders, in one transaction. No I/O of its own."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from app.catalogue.shelf import sell_stock
from app.drops.keeping import sell_reserved
from app.ledger.statement import Statement, Work
from app.mail.queries import Letter
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
    address: str
    shopper: str
    now_ms: int
    message: Message | None


class _Paid(Struct, frozen=True):
    id: str
    reference: str
    status: int
    body: str


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
_ORDERS = Statement.insert("orders", Order)
_LINES = Statement.insert("order_lines", OrderLine)
_LETTERS = Statement.insert("outbox", Letter, "ON CONFLICT (key) DO NOTHING")
_MESSAGES = Statement.insert("webhooks", Message, "ON CONFLICT (key) DO NOTHING")
_REMEMBER = Statement.insert(
    "shoppers",
    _Shopper,
    "ON CONFLICT (id) DO UPDATE SET email = excluded.email, address = excluded.address, language = excluded.language "
    "WHERE shoppers.revoked_ms IS NULL",
)


def sell(asked: Sequence[Sale]) -> Work[list[bool]]:
    """Turn open attempts into orders, sold units and letters; False for one that is not open any more.

    Raises Miscounted when units are not reserved that an open attempt has reserved.
    """
    once = {sale.attempt: sale for sale in asked}
    moved = {id_ for (id_,) in (yield _PAY, [_Paid(s.attempt, s.reference, s.status, s.body) for s in once.values()])}
    sales = [sale for sale in once.values() if sale.attempt in moved]
    if sales:
        lines = [line for sale in sales for line in sale.lines]
        holds = [(line.hold_id, line.drop_id, line.quantity) for line in lines if line.hold_id and line.drop_id]
        units: Counter[str] = Counter()
        for line in lines:
            if not line.hold_id:
                units[line.variant] += line.quantity
        if not ((yield from sell_reserved(holds)) and (yield from sell_stock(units))):
            raise Miscounted("the counters of what is sold do not add up")
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
