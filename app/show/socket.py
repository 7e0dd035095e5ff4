"""The HTTP end of the viewers' connections: whose they are, and what a client of another kind is told."""

from aiohttp import web

from app import keys
from app.address import request_address
from app.customers.sessions import shopper_of
from app.errors import BadRequest
from app.ledger.ids import new_id


class WebsocketOnly(BadRequest):
    """The client tried HTTP polling."""

    slug = "websocket-only"
    title = "Connect by websocket"


async def connect(request: web.Request) -> web.StreamResponse:
    """GET and POST /socket.io/."""
    if request.query.get("transport") != "websocket" or request.headers.get("Upgrade", "").lower() != "websocket":
        raise WebsocketOnly('This shop speaks Socket.IO by websocket only: set transports to ["websocket"].')
    shopper = shopper_of(request.app, request.cookies) or new_id("shp")
    return await request.app[keys.DOOR].serve(request, request_address(request), shopper)
