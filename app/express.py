"""The express lane: plain requests to the few addresses that thousands ask for at once, past the library's ceremony.

The same middlewares, handlers and signals answer them, with the same headers; what is saved is a second parse, a walk
through the routes, and the objects in which the library reads and writes what is there as a whole already. Everything
else on a connection is the library's: other addresses, requests in pieces, pipelines, websockets.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

from aiohttp import web
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE

from app.plain import Plain, read_plain

log = logging.getLogger(__name__)

# How long the end waits for answers whose askers have gone.
CLOSING_S = 3.0
# As many addresses are remembered, asked for by whomever: one is 8 kB at most.
PATHS_MAX = 256
_PART = re.compile(r"\\\{\w+\\\}")

Answering = Callable[[Plain], Awaitable[web.StreamResponse]]


class Lane:
    """What an application answers in the express lane: POSTs to the routes that are written like `addresses`."""

    def __init__(self, app: web.Application, addresses: Sequence[str]) -> None:
        self._app = app
        self._routes = list(_routes(app, addresses))
        # Thousands ask at the same few addresses.
        self._answering = lru_cache(maxsize=PATHS_MAX)(self._look_up)
        self.under_way: set[asyncio.Task[bytes | None]] = set()

    def find(self, asked: Plain) -> Answering | None:
        """What answers a request, which learns its route; None when the library does."""
        found = self._answering(asked.path) if asked.method == "POST" else None
        if found is None:
            return None
        asked.app, asked.match_info = self._app, found[0]
        return found[1]

    def _look_up(self, path: str) -> tuple[web.UrlMappingMatchInfo, Answering] | None:
        for pattern, route, answering in self._routes:
            if found := pattern.fullmatch(path):
                return web.UrlMappingMatchInfo(found.groupdict(), route), answering
        return None

    async def answer(self, asked: Plain, answering: Answering) -> bytes | None:
        """The whole answer; None when there is none that can be written."""
        try:
            response = await answering(asked)
            for receiver in self._app.on_response_prepare:
                # They take a web.Request by type; what ours look at, a plain one has.
                await receiver(asked, response)  # type: ignore[arg-type]
            return written(response)
        except Exception:
            log.exception("unexpected error in %s %s", asked.method, asked.path)
            return None

    async def close(self) -> None:
        """Wait for what is under way."""
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=CLOSING_S)


def written(response: web.StreamResponse) -> bytes:
    """A response whose headers are complete but for what every answer has. Raises TypeError when its body is not there
    yet, and ValueError when a header has a line break in it."""
    body = (response.body or b"") if isinstance(response, web.Response) else None
    if not isinstance(body, bytes):
        raise TypeError("only a response whose body is there can be answered here")
    lines = [
        f"HTTP/1.1 {response.status} {response.reason}",
        *map(": ".join, response.headers.items()),
        f"Content-Length: {len(body)}",
        f"Date: {rfc822_formatted_time()}",
        f"Server: {SERVER_SOFTWARE}",
        "",
        "",
    ]
    head = "\r\n".join(lines)
    if not head.count("\n") == head.count("\r") == len(lines) - 1:
        raise ValueError("a header has a line break in it")
    return head.encode() + body


class Connection(web.RequestHandler):
    """The library's connection, which lets plain requests to a lane's addresses overtake its own machinery.

    One request at a time is under way, here or there. Nothing that the library got before may be unfinished when the
    lane takes one, so a connection on which it once got anything but plain requests is left to it for good.
    """

    __slots__ = ("_answering", "_lane", "_later", "_left")

    def __init__(self, manager: web.Server, lane: Lane, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._lane = lane
        self._left = self._logging_enabled  # its log wants to see the library's own requests
        self._answering: asyncio.Task[bytes | None] | None = None
        self._later: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._answering is not None:
            self._later.append(data)
            if self.transport is not None:
                self.transport.pause_reading()
            return
        if data and not self._left:  # with nothing the library looks once more at what it has
            asked = read_plain(data)
            self._left = asked is None
            if asked is not None and self._idle() and (answering := self._lane.find(asked)):
                self._take(asked, answering)
                return
        super().data_received(data)

    def _idle(self) -> bool:
        waits = self._waiter is not None and not self._waiter.done()
        return waits and not self._messages and not self._close and not self._force_close

    def _take(self, asked: Plain, answering: Answering) -> None:
        peer = self.peername
        asked.remote = str(peer[0]) if isinstance(peer, tuple | list) else peer
        self._request_in_progress = True
        self._request_count += 1
        self._stay_open()
        self._answering = self._loop.create_task(self._lane.answer(asked, answering))
        self._lane.under_way.add(self._answering)
        self._answering.add_done_callback(self._answered)

    def _answered(self, task: "asyncio.Task[bytes | None]") -> None:
        answer = None if task.cancelled() else task.result()
        self._lane.under_way.discard(task)
        self._answering, self._request_in_progress = None, False
        if self._handler_waiter is not None and not self._handler_waiter.done():
            self._handler_waiter.set_result(None)  # who shuts the connection down has waited for this
        if self.transport is None:
            return
        if answer is not None:
            self.transport.write(answer)
        if answer is None or self._close:
            self.transport.close()
            return
        self._stay_open()
        if self._later:
            data = b"".join(self._later)
            self._later.clear()
            self.transport.resume_reading()
            self.data_received(data)

    def _stay_open(self) -> None:
        # The library's timer looks here before it closes what it takes for idle.
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout


class _Server(web.Server):
    """The library's server with another kind of connection."""

    def __init__(self, server: web.Server, lane: Lane) -> None:
        super().__init__(
            server.request_handler,
            request_factory=server.request_factory,
            handler_cancellation=server.handler_cancellation,
            loop=server._loop,
            **server._kwargs,
        )
        self._lane = lane

    def __call__(self) -> Connection:
        return Connection(self, self._lane, loop=self._loop, **self._kwargs)


class ExpressRunner(web.AppRunner):
    """Runs an application, with an express lane to its `addresses` (routes as they were written)."""

    __slots__ = ("_addresses", "_lane")

    def __init__(self, app: web.Application, addresses: Sequence[str], **settings: Any) -> None:
        super().__init__(app, **settings)
        self._addresses = addresses

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        self._lane = Lane(self.app, self._addresses)
        return _Server(server, self._lane)

    async def _cleanup_server(self) -> None:
        await self._lane.close()
        await super()._cleanup_server()


def _routes(
    app: web.Application, addresses: Sequence[str]
) -> Iterator[tuple[re.Pattern[str], web.AbstractRoute, Answering]]:
    by_address = {
        route.resource.canonical: route for route in app.router.routes() if route.resource and route.method == "POST"
    }
    for address in addresses:
        route = by_address[address]
        answering: Any = route.handler
        for middleware in reversed(app.middlewares):
            answering = partial(middleware, handler=answering)
        pattern = _PART.sub(lambda part: f"(?P<{part[0][2:-2]}>[A-Za-z0-9_-]+)", re.escape(address))
        yield re.compile(pattern), route, answering
