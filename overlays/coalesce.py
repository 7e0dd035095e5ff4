"""Coalescing by meaning: the last value of a counter is enough, and counts may be sent as their sum. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from overlays.messages import Outgoing, ReactionsMessage

# "At most 5 times a second", with room for a timer that fires early and a network that bunches.
INTERVAL_MS = 220


@dataclass
class _Lane:
    """The waiting messages of one name, by what they are about, in the order in which they began to wait."""

    free_ms: float = 0.0
    waiting: dict[str, Outgoing] = field(default_factory=dict)


class Coalescer:
    """Merges messages of one room: each name is sent at most once in `interval_ms`, and nothing newest is lost."""

    def __init__(self, interval_ms: float = INTERVAL_MS) -> None:
        self._interval_ms = interval_ms
        self._lanes: dict[str, _Lane] = {}

    def replace(self, message: Outgoing, about: str = "") -> None:
        """Let `message` wait, in the place of an older one of its name about the same thing (a drop's id)."""
        self._lanes.setdefault(message.name, _Lane()).waiting[about] = message

    def add(self, counts: Mapping[str, int]) -> None:
        """Let reactions wait, added to those that wait already."""
        waiting = self._lanes.setdefault(ReactionsMessage.name, _Lane()).waiting
        before = waiting.get("")
        total = dict(before.counts) if isinstance(before, ReactionsMessage) else {}
        for kind, count in counts.items():
            total[kind] = total.get(kind, 0) + count
        if total:
            waiting[""] = ReactionsMessage(total)

    def take(self, now_ms: float) -> list[Outgoing]:
        """The messages whose turn it is at `now_ms`: the longest waiting one of each name that may be sent again."""
        taken = []
        for lane in self._lanes.values():
            if lane.waiting and lane.free_ms <= now_ms:
                taken.append(lane.waiting.pop(next(iter(lane.waiting))))
                lane.free_ms = now_ms + self._interval_ms
        return taken

    def due_ms(self) -> float | None:
        """When `take` will next return something, or None while nothing waits."""
        times = [lane.free_ms for lane in self._lanes.values() if lane.waiting]
        return min(times) if times else None
