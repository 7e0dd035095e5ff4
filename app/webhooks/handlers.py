"""The webhooks over HTTP, for the host."""

from aiohttp import web

from app import keys
from app.edge import json_response
from app.errors import NotFound
from app.host.guard import host_only
from app.ledger.clock import rfc3339
from app.shop.order_handlers import cursor, named, page_limit
from app.webhooks import queries


@host_only
async def messages(request: web.Request) -> web.Response:
    """GET /api/webhooks: every message to the merchant's systems, newest first."""
    limit = page_limit(request.query.get("limit"))
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.newest(conn, cursor(request.query.get("before")), limit)
    told = [
        {
            "id": message.id,
            "type": message.type,
            "order": message.order_id,
            "state": message.state,
            "tries": message.tries,
            "created_at": rfc3339(message.created_ms),
            "sent_at": None if message.sent_ms is None else rfc3339(message.sent_ms),
            "error": message.error,
        }
        for message in found
    ]
    more = f"{found[-1].created_ms}.{found[-1].id}" if len(found) == limit else None
    return json_response({"webhooks": told, "next": more})


@host_only
async def send_again(request: web.Request) -> web.Response:
    """POST /api/webhooks/{id}/again: deliver a message anew that was given up. 204 | 404."""
    async with request.app[keys.LEDGER].write() as conn:
        if not await queries.send_again(conn, named(request, "id"), request.app[keys.CLOCK]()):
            raise NotFound("There is no message of this id that was given up.")
    return web.Response(status=204)
