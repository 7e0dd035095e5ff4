"""The newest frame's media time, for many who ask at once."""

import asyncio
import time

from app.errors import Unavailable
from app.ledger.clock import Clock
from app.media.client import MediaClient

# Within this time the clock simply goes on: an audience that loads the page at once asks ten times a second, not more.
KEPT_S = 0.1


class Present:
    """What "now" is on the picture of each event, as one web process knows it."""

    def __init__(self, media: MediaClient, clock: Clock) -> None:
        self._media = media
        self._clock = clock
        self._known: dict[str, tuple[int, float]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def exact_ms(self, event: str) -> int:
        """The newest ingested frame of a known event, asked for now. Raises Unavailable."""
        now_ms = await self._media.now_ms(event)
        self._known[event] = now_ms, time.monotonic()
        return now_ms

    async def about_ms(self, event: str) -> int:
        """The same within a frame or two; the wall clock, which media time follows, while the media process is away."""
        async with self._asking.setdefault(event, asyncio.Lock()):
            known_ms, at = self._known.get(event, (0, float("-inf")))
            passed = time.monotonic() - at
            if passed < KEPT_S:
                return known_ms + round(passed * 1000)
            try:
                return await self.exact_ms(event)
            except Unavailable:
                return self._clock()
