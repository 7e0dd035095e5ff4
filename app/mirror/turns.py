"""Whose frame is next: the shopper who has had the least computing time. Pure.

Start-time fair queueing: a shopper with large or slow frames gets fewer of them instead of making everybody wait.
"""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Turns(Generic[K]):
    """Counts used time a shopper and picks among those who have a frame."""

    def __init__(self) -> None:
        self._used_ms: dict[K, float] = {}
        self._now_ms = 0.0

    def next(self, ready: Iterable[K]) -> K | None:
        """Who of `ready` is next; None when nobody is."""
        best = min(ready, key=self._start, default=None)
        if best is not None:
            self._now_ms = max(self._now_ms, self._start(best))
            # A pause earns no credit: who was away begins where the others are.
            self._used_ms[best] = self._start(best)
        return best

    def charge(self, key: K, cost_ms: float) -> None:
        """`key` used `cost_ms`."""
        self._used_ms[key] = self._start(key) + cost_ms

    def leave(self, key: K) -> None:
        """Forget `key`."""
        self._used_ms.pop(key, None)

    def _start(self, key: K) -> float:
        return max(self._used_ms.get(key, 0.0), self._now_ms)
