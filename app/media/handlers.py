"""The web process's handlers of live video: /hls, and /whip (RFC 9725), which the media process answers."""

import hmac

from aiohttp import web

from app import keys
from app.edge import UnsupportedBody, read_bytes
from app.errors import BadRequest, NotFound, Unauthorized
from app.host.guard import bearer, is_host
from app.media.session_description import LARGEST_OFFER
from app.show import queries

SDP = "application/sdp"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="laufsteg"'}


async def hls(request: web.Request) -> web.Response:
    """GET /hls/{event}/{file}: playlists (with blocking reload) and immutable pieces of video. 400 | 404 | 503."""
    return await request.app[keys.MEDIA_FILES].answer(request)


async def publish(request: web.Request) -> web.Response:
    """POST /whip/{event}: an SDP offer in, 201 with the answer and the session's Location out."""
    event = await _publisher_of(request)
    if request.content_type != SDP:
        raise UnsupportedBody(f"Send the offer as {SDP}.")
    try:
        offer = (await read_bytes(request, LARGEST_OFFER)).decode()
    except UnicodeDecodeError:
        raise BadRequest("The body is no session description; send the SDP offer of a WHIP client.") from None
    answer, session = await request.app[keys.MEDIA_CLIENT].whip(event, offer)
    headers = {"Location": f"/whip/{event}/{session}", "Cache-Control": "no-store"}
    return web.Response(status=201, text=answer, content_type=SDP, headers=headers)


async def unpublish(request: web.Request) -> web.Response:
    """DELETE /whip/{event}/{session}: the broadcast ends."""
    event = await _publisher_of(request)
    await request.app[keys.MEDIA_CLIENT].unpublish(event, request.match_info["session"])
    return web.Response(status=200)


async def options(_: web.Request) -> web.Response:
    """OPTIONS /whip/{event}: what a publisher may send."""
    return web.Response(status=204, headers={"Allow": "OPTIONS, POST", "Accept-Post": SDP})


async def _publisher_of(request: web.Request) -> str:
    """The event that the request may publish to. Raises Unauthorized, and NotFound for those who may know."""
    event = request.match_info["event"]
    async with request.app[keys.LEDGER].read() as conn:
        row = await queries.event(conn, event)
    key = bearer(request)
    if row is not None and key is not None and hmac.compare_digest(key.encode(), row.stream_key.encode()):
        return event
    if not await is_host(request):
        raise Unauthorized(
            "Send the event's stream key as Authorization: Bearer, or sign in at /host.", headers=dict(_CHALLENGE)
        )
    if row is None:
        raise NotFound("There is no such event.")
    return event
