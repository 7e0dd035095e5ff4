"""Finds an order, paid or on its way there, as the API shows it."""

from app.disputes import queries as disputes
from app.ledger.connection import Connection
from app.shop import queries
from app.shop.record import Order
from app.shop.views import OrderView, attempt_view, order_view


async def view_of(conn: Connection, order: Order, *, host: bool = False) -> OrderView:
    """A paid order; the `host` reads more of its refunds."""
    attempt = await queries.attempt_by_id(conn, order.attempt)
    lines, refunds = await queries.lines_of(conn, [order.id]), await queries.refunds_of(conn, order.id)
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
    refunds, about = await queries.refunds_of(conn, order_id), await disputes.of_orders(conn, [order_id])
    return attempt_view(attempt, refunds, about, host=shopper is None)
