"""What an order's changes tell the merchant's systems, written beside the change itself."""

from collections.abc import Awaitable, Callable

import msgspec

from app.ledger.clock import rfc3339
from app.ledger.connection import Connection
from app.ledger.ids import new_id
from app.shop.orders import find_view
from app.shop.views import OrderView
from app.webhooks import queries
from app.webhooks.queries import Message

# announce(conn, type, order, at_ms, which): `which` tells two messages of a type about one order apart.
Announce = Callable[[Connection, str, str, int, str], Awaitable[None]]


async def quiet(conn: Connection, type_: str, order: str, at_ms: int, which: str = "") -> None:
    """Nobody listens."""


async def announce(conn: Connection, type_: str, order: str, at_ms: int, which: str = "") -> None:
    """Queue a message about an order as it is inside this transaction; once a type, order and `which`."""
    view = await find_view(conn, order)
    if view is None:
        return
    await queries.add(conn, message_about(view, type_, order, at_ms, which))


def message_about(view: OrderView, type_: str, order: str, at_ms: int, which: str = "") -> Message:
    """The message about an order that looks like this."""
    told = {"type": type_, "timestamp": rfc3339(at_ms), "data": view}
    return Message(
        id=new_id("msg"),
        key=":".join(filter(None, (type_, order, which))),
        type=type_,
        order_id=order,
        body=msgspec.json.encode(told).decode(),
        state="waiting",
        tries=0,
        due_ms=at_ms,
        created_ms=at_ms,
    )
