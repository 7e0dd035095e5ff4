"""The viewers' connections of one process: so many an address and a shopper, and not all of them at once."""

import asyncio
from collections import Counter
from typing import Any

from aiohttp import web

from app.errors import TooMany, Unavailable
from app.show.live import VIEWER
from overlays.broadcast import close_all, live_server
from overlays.limits import Rate, TokenBucket
from overlays.namespace import LiveNamespace, Stage

# An office, a campus or a carrier's gateway behind one address.
SOCKETS_PER_ADDRESS = 500
# Every device and tab of a generous household.
SOCKETS_PER_SHOPPER = 20
# A connection with its join takes about half a millisecond: when everybody comes back at once, three quarters of a core
# stay with those who are in. The client library tries again, later and later, each at a time of its own. So many at
# once hold up a cue for less than a tenth of a second.
ENTRANCES = Rate(per_second=500, burst=100)


class TooManySockets(TooMany):
    """One address holds too many connections."""

    slug = "too-many-connections"
    title = "Too many connections from this address"


class DoorBusy(Unavailable):
    """More viewers come at once than the show could bear."""

    slug = "busy"

    def __init__(self) -> None:
        super().__init__("Many viewers arrive at this moment; please try again shortly.")


class Door:
    """Accepts connections and hands them to the namespace; `factor` scales the limit, 0 lifts it."""

    def __init__(self, factor: float) -> None:
        self.server = live_server()
        self.stage = Stage(self.server)
        self._most = SOCKETS_PER_ADDRESS * factor
        self._open: Counter[str] = Counter()
        self._entrances: TokenBucket | None = None

    def register(self, namespace: LiveNamespace) -> None:
        """Say who handles what viewers send."""
        self.server.register_namespace(namespace)

    async def serve(self, request: web.Request, address: str, shopper: str) -> web.StreamResponse:
        """One connection of a shopper, to its end. Raises TooManySockets and DoorBusy."""
        if self._most and self._open[address] >= self._most:
            raise TooManySockets("This network has too many open connections to the shop; close some windows.")
        if self._open[shopper] >= SOCKETS_PER_SHOPPER:
            raise TooManySockets("You have too many open connections to the shop; close some windows.")
        now = asyncio.get_running_loop().time()
        self._entrances = self._entrances or TokenBucket(ENTRANCES, now)
        if not self._entrances.take(now):
            raise DoorBusy
        request[VIEWER] = shopper
        # A shopper's id is no address, so both are counted in one place.
        self._open.update((address, shopper))
        try:
            answer: Any = await self.server.handle_request(request)
        finally:
            for held in (address, shopper):
                self._open[held] -= 1
                if not self._open[held]:
                    del self._open[held]
        return answer  # type: ignore[no-any-return]

    async def shut(self) -> None:
        """Send everybody away and end the library's own tasks."""
        close_all(self.server)
        await self.server.shutdown()
