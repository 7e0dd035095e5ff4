"""Moderation over HTTP."""

from aiohttp import web

from app import keys
from app.chat import queries
from app.errors import NotFound
from app.host.guard import moderator_only
from app.show.log import tell
from overlays.messages import UnsaidMessage


@moderator_only
async def hide(request: web.Request) -> web.Response:
    """POST /api/events/{event}/said/{id}/hide: the line disappears from every screen. 204, also for a second click."""
    event, line = request.match_info["event"], request.match_info["id"]
    async with request.app[keys.LEDGER].write() as conn:
        known = await queries.hide(conn, event, line, request.app[keys.CLOCK]())
    if not known:
        raise NotFound("There is no such line in this event's chat.")
    await tell(request.app, event, UnsaidMessage(line))
    return web.Response(status=204)
