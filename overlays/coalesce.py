"""Coalescing by meaning: a counter's last value is enough, counts may be sent as their sum, lines in bursts. Pure."""

from collections.abc import Mapping

from overlays.messages import Outgoing, ReactionsMessage, SaidMessage, UnsaidMessage

# "At most 5 times a second", with room for a timer that fires early and a network that bunches.
INTERVAL_MS = 220


class Coalescer:
    """What waits for one room's next turn. There is a turn at most once in `interval_ms`, and it is one write a viewer:
    of each counter one message, and every chat line. Nothing newest is lost."""

    def __init__(self, interval_ms: float = INTERVAL_MS) -> None:
        self._interval_ms = interval_ms
        self._free_ms = 0.0
        # By name, and there by what they are about, in the order in which they began to wait.
        self._counters: dict[str, dict[str, Outgoing]] = {}
        self._lines: dict[str, SaidMessage | UnsaidMessage] = {}

    def replace(self, message: Outgoing, about: str = "") -> None:
        """Let `message` wait, in the place of an older one of its name about the same thing (a drop's id)."""
        self._counters.setdefault(message.name, {})[about] = message

    def add(self, counts: Mapping[str, int]) -> None:
        """Let reactions wait, added to those that wait already."""
        waiting = self._counters.setdefault(ReactionsMessage.name, {})
        before = waiting.get("")
        total = dict(before.counts) if isinstance(before, ReactionsMessage) else {}
        for kind, count in counts.items():
            total[kind] = total.get(kind, 0) + count
        if total:
            waiting[""] = ReactionsMessage(total)

    def say(self, line: SaidMessage) -> None:
        """Let a chat line wait behind the others."""
        self._lines[line.id] = line

    def unsay(self, line: UnsaidMessage) -> None:
        """Let it wait that a line is taken back, behind the line itself; who came late may have that already."""
        self._lines.pop(line.id, None)
        self._lines[line.id] = line

    def take(self, now_ms: float) -> list[Outgoing]:
        """What is to be sent at `now_ms`: nothing before the next turn, then of each counter what waits longest."""
        if now_ms < self._free_ms or self.due_ms() is None:
            return []
        self._free_ms = now_ms + self._interval_ms
        counters = [waiting.pop(next(iter(waiting))) for waiting in self._counters.values() if waiting]
        lines, self._lines = self._lines, {}
        return [*counters, *lines.values()]

    def due_ms(self) -> float | None:
        """When `take` will next return something, or None while nothing waits."""
        return self._free_ms if self._lines or any(self._counters.values()) else None
