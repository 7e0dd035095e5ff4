"""Whose frame is next. Pure: times are milliseconds of any clock.

Among those who have a frame, the one with the least computing time so far is next (start-time fair queueing). And since
a frame cannot be interrupted, who has expensive frames rests between them for the others' share of that time: so large
or slow pictures cost their owner frames, and nobody else.
"""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

# Resting a little less than the exact share keeps the lanes busy when frames come unevenly.
SHARE = 0.9


class Turns(Generic[K]):
    """Counts used time a shopper and picks among those who have a frame."""

    def __init__(self) -> None:
        self._used_ms: dict[K, float] = {}
        self._rests_until: dict[K, float] = {}
        self._virtual_ms = 0.0

    def next(self, ready: Iterable[K], now_ms: float) -> K | None:
        """Who of `ready` is next; None when nobody is, or all of them rest."""
        awake = (key for key in ready if self._rests_until.get(key, now_ms) <= now_ms)
        best = min(awake, key=self._start, default=None)
        if best is not None:
            self._virtual_ms = self._start(best)
            # A pause earns no credit: who was away begins where the others are.
            self._used_ms[best] = self._virtual_ms
        return best

    def charge(self, key: K, started_ms: float, cost_ms: float, sharers: float) -> None:
        """`key` used a lane for `cost_ms`; `sharers` is how many shoppers there are a lane."""
        self._used_ms[key] = self._start(key) + cost_ms
        self._rests_until[key] = started_ms + cost_ms * max(1.0, sharers) * SHARE

    def wakes_in(self, ready: Iterable[K], now_ms: float) -> float | None:
        """After how long the first of `ready` has rested; None when nobody rests."""
        resting = (until - now_ms for key in ready if (until := self._rests_until.get(key, now_ms)) > now_ms)
        return min(resting, default=None)

    def leave(self, key: K) -> None:
        """Forget `key`."""
        self._used_ms.pop(key, None)
        self._rests_until.pop(key, None)

    def _start(self, key: K) -> float:
        return max(self._used_ms.get(key, 0.0), self._virtual_ms)
