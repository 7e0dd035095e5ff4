"""The viewers' connections of one process: so many an address, and no more."""

from collections import Counter
from typing import Any

from aiohttp import web

from app.errors import TooMany
from app.show.live import VIEWER
from overlays.broadcast import close_all, live_server
from overlays.namespace import LiveNamespace, Stage

# An office, a campus or a carrier's gateway behind one address.
SOCKETS_PER_ADDRESS = 500


class TooManySockets(TooMany):
    """One address holds too many connections."""

    slug = "too-many-connections"
    title = "Too many connections from this address"


class Door:
    """Accepts connections and hands them to the namespace; `factor` scales the limit, 0 lifts it."""

    def __init__(self, factor: float) -> None:
        self.server = live_server()
        self.stage = Stage(self.server)
        self._most = SOCKETS_PER_ADDRESS * factor
        self._open: Counter[str] = Counter()

    def register(self, namespace: LiveNamespace) -> None:
        """Say who handles what viewers send."""
        self.server.register_namespace(namespace)

    async def serve(self, request: web.Request, address: str, shopper: str) -> web.StreamResponse:
        """One connection of a shopper, to its end. Raises TooManySockets."""
        if self._most and self._open[address] >= self._most:
            raise TooManySockets("This network has too many open connections to the shop; close some windows.")
        request[VIEWER] = shopper
        self._open[address] += 1
        try:
            answer: Any = await self.server.handle_request(request)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
        return answer  # type: ignore[no-any-return]

    async def shut(self) -> None:
        """Send everybody away and end the library's own tasks."""
        close_all(self.server)
        await self.server.shutdown()
