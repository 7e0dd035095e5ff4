"""GET /fitting/socket: the mirror's end that browsers see."""

import contextlib
import socket as sockets

from aiohttp import web

from app import keys
from app.address import request_address
from app.customers.sessions import shopper
from app.mirror.visit import Visit

# A phone that lost its network is noticed within half a minute; proxies that cut silent sockets wait longer.
HEARTBEAT_S = 15.0
# Larger than a frame may be, so that one that is too large gets an answer; beyond this the socket is closed.
MESSAGE_BYTES_MAX = 2 * 1024 * 1024
# The kernel would buffer megabytes for a slow phone, seconds of old pictures; this is a few frames.
SEND_BUFFER_BYTES = 192 * 1024


async def frame_socket(request: web.Request) -> web.StreamResponse:
    """GET /fitting/socket: binary messages are frames, text messages are control; see docs/mirror.md."""
    mirrors, shopper_id = request.app[keys.MIRRORS], shopper(request)
    with mirrors.counted(request_address(request)):
        # Pictures do not get smaller by deflating them.
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_BYTES_MAX, compress=False)
        await socket.prepare(request)
        if request.transport is not None:
            kernel = request.transport.get_extra_info("socket")
            kernel.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER_BYTES)
        visit = Visit(socket, mirrors.pool)
        mirrors.enter(shopper_id, visit)
        try:
            with contextlib.suppress(ConnectionError):
                await visit.stay()
        finally:
            mirrors.leave(shopper_id, visit)
    return socket


async def say_goodbye(app: web.Application) -> None:
    """Close every frame socket before the server waits for its handlers to end."""
    await app[keys.MIRRORS].close()
