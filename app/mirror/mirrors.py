"""Every browser that stands before the mirror in one web process: one socket a shopper."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from aiohttp import WSCloseCode

from app.errors import TooMany
from app.mirror.pool import Pool
from app.mirror.visit import Visit

# The close code of a socket whose shopper opened another one.
CODE_REPLACED = 4001


# An office, a campus or a carrier's gateway behind one address.
SOCKETS_PER_ADDRESS = 500


class TooManySockets(TooMany):
    """One address holds too many mirrors."""

    slug = "too-many-connections"
    title = "Too many connections from this address"


class Mirrors:
    """Every visit in this web process; one a shopper. `address_factor` scales the limit per address, 0 lifts it."""

    def __init__(self, folder: Path, address_factor: float = 1.0) -> None:
        self.pool = Pool(folder)
        self._most = SOCKETS_PER_ADDRESS * address_factor
        self._open: Counter[str] = Counter()
        self._visits: dict[str, Visit] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How many browsers stand before the mirror."""
        return len(self._visits)

    @contextlib.contextmanager
    def counted(self, address: str) -> Iterator[None]:
        """While the body runs, `address` has one more socket. Raises TooManySockets."""
        if self._most and self._open[address] >= self._most:
            raise TooManySockets("This network has too many open mirrors; close some windows.")
        self._open[address] += 1
        try:
            yield
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def enter(self, shopper_id: str, visit: Visit) -> None:
        """The shopper's mirror is now `visit`; an earlier one is closed."""
        earlier = self._visits.get(shopper_id)
        self._visits[shopper_id] = visit
        if earlier is not None:
            task = asyncio.create_task(earlier.end(CODE_REPLACED, "opened elsewhere"))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def leave(self, shopper_id: str, visit: Visit) -> None:
        """`visit` ended."""
        if self._visits.get(shopper_id) is visit:
            del self._visits[shopper_id]

    async def close(self) -> None:
        """Say goodbye to everybody."""
        goodbyes = (visit.end(WSCloseCode.GOING_AWAY, "the server restarts") for visit in self._visits.values())
        await asyncio.gather(*goodbyes, return_exceptions=True)
