"""Finds orders, paid or on their way there, as the API shows them."""

from collections import Counter

from msgspec.structs import replace

from app.disputes import queries as disputes
from app.ledger.connection import Connection
from app.shop import queries
from app.shop.attempt import AttemptState
from app.shop.record import Order, order_of
from app.shop.snapshot import decoded
from app.shop.views import OrderView, attempt_view, order_view

# Payments that come too late are rare; a shop that has more of them has another problem.
LATE_MAX = 200


async def late_payments(conn: Connection, text: str | None) -> list[Order]:
    """What the newest payments that came too late would have become, `refunded` as far as that is asked or done.

    `text`: part of an id, number, address or name.
    """
    attempts = await queries.late_attempts(conn, LATE_MAX)
    back: Counter[str] = Counter()
    for refund in await queries.refunds_of(conn, [attempt.order_id or "" for attempt in attempts]):
        back[refund.order_id] += refund.amount
    orders = [order_of(attempt, decoded(attempt.document), attempt.created_ms) for attempt in attempts]
    late = [replace(order, state=str(AttemptState.LATE), refunded=back[order.id]) for order in orders]
    return [order for order in late if text is None or _told(order, text.lower())]


def _told(order: Order, text: str) -> bool:
    return any(text in part.lower() for part in (order.id, order.number, order.email, order.name))


async def view_of(conn: Connection, order: Order, *, host: bool = False) -> OrderView:
    """A paid order; the `host` reads more of its refunds."""
    attempt = await queries.attempt_by_id(conn, order.attempt)
    lines, refunds = await queries.lines_of(conn, [order.id]), await queries.refunds_of(conn, [order.id])
    about = await disputes.of_orders(conn, [order.id]) if host else []
    return order_view(order, lines, attempt.method if attempt else "", refunds, about, host=host)


async def find_view(conn: Connection, order_id: str, *, shopper: str | None = None) -> OrderView | None:
    """An order, for its own `shopper` or, without one, for the host; None: there is none of theirs."""
    order = await queries.order_by_id(conn, order_id)
    if order is not None:
        mine = shopper is None or order.shopper == shopper
        return await view_of(conn, order, host=shopper is None) if mine else None
    attempt = await queries.attempt_of_order(conn, order_id)
    if attempt is None or shopper not in (None, attempt.shopper):
        return None
    refunds, about = await queries.refunds_of(conn, [order_id]), await disputes.of_orders(conn, [order_id])
    return attempt_view(attempt, refunds, about, host=shopper is None)
