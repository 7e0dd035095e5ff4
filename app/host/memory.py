"""Remembers what a host did, for the one who may want it back."""

from aiohttp import web

from app import keys
from app.host import queries
from app.host.deeds import Deed, Done
from app.host.guard import current_host
from app.ledger.connection import Connection


async def did(conn: Connection, request: web.Request, deed: Deed, event: str, about: str) -> None:
    """Remember, inside the caller's write transaction, what the request's host did."""
    host = await current_host(request)
    if host is not None:
        await queries.keep_deed(conn, event, host.name, Done(deed, about, request.app[keys.CLOCK]()))
