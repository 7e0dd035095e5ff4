"""Who may stand before the mirror, and who waits in which place. Pure; keys are any hashable values."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

# Measured: two shoppers on the lighter model still get more than ten frames a second each out of one core.
SHOPPERS_PER_LANE = 2


def lanes(cores: int, workers: int) -> int:
    """How many frames one of `workers` processes works on at once, on a machine with `cores`."""
    return max(1, cores // max(1, workers))


class Admission(Generic[K]):
    """`limit` shoppers are in, the others wait in the order in which they came."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._inside: set[K] = set()
        self._waiting: OrderedDict[K, None] = OrderedDict()

    @property
    def shoppers(self) -> int:
        """How many are in."""
        return len(self._inside)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def enter(self, key: K) -> bool:
        """Whether `key` is in; otherwise it now waits behind the others."""
        if key in self._inside:
            return True
        if key not in self._waiting and len(self._inside) < self.limit and not self._waiting:
            self._inside.add(key)
            return True
        self._waiting.setdefault(key)
        return False

    def leave(self, key: K) -> list[K]:
        """`key` is gone; who may come in for it, in order."""
        self._inside.discard(key)
        self._waiting.pop(key, None)
        return self._admit()

    def step_aside(self, key: K) -> list[K]:
        """`key` gives its place to whoever waits and goes to the end of the queue; who may come in."""
        if key not in self._inside or not self._waiting:
            return []
        self._inside.discard(key)
        self._waiting[key] = None
        return self._admit()

    def positions(self) -> Iterator[tuple[K, int]]:
        """Who waits, with their place; the first is 1."""
        return ((key, place) for place, key in enumerate(self._waiting, 1))

    def _admit(self) -> list[K]:
        admitted = []
        while self._waiting and len(self._inside) < self.limit:
            key, _ = self._waiting.popitem(last=False)
            self._inside.add(key)
            admitted.append(key)
        return admitted
