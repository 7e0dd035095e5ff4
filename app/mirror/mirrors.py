"""Every browser that stands before the mirror in one web process: one socket a shopper."""

import asyncio
from pathlib import Path

from aiohttp import WSCloseCode

from app.mirror.pool import Pool
from app.mirror.visit import Visit

# The close code of a socket whose shopper opened another one.
CODE_REPLACED = 4001


class Mirrors:
    """Every visit in this web process; one a shopper."""

    def __init__(self, folder: Path) -> None:
        self.pool = Pool(folder)
        self._visits: dict[str, Visit] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How many browsers stand before the mirror."""
        return len(self._visits)

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
