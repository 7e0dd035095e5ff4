"""One event as one web process knows it: what viewers who join now are told. No I/O.

Fed by the event's stream and, where that has a gap, by the ledger. Its number is exactly what was sent to the room
so far, so a snapshot that is taken in the same breath in which the room is entered is consistent with what follows.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence

import msgspec

from app.show.cues import REWIND_MS
from app.show.event import Heartbeat, Phase, shown
from app.show.queries import Announced
from overlays.coalesce import Coalescer
from overlays.messages import (
    NUMBERED,
    DropMessage,
    Missed,
    ReactionsMessage,
    SaidMessage,
    ShowState,
    Snapshot,
    StateMessage,
    StockMessage,
    UnsaidMessage,
    ViewersMessage,
    numbered,
    typed,
)
from overlays.timeline import State, Step, Timeline

# `since` is answered from memory this far back; a viewer who was away longer gets a snapshot. At a busy 2 a second
# these are four minutes.
RECENT = 512
# How long the picture's clock is taken to go on between two looks at it.
AHEAD_S = 0.75
# What fits on a phone's screen when somebody comes late, and a little to scroll.
SAID_KEPT = 50


class Feed:
    """An event's numbered messages, counters, last chat lines and state."""

    def __init__(self, event: str, drops: Sequence[DropMessage] = (), seq: int = 0) -> None:
        self.event = event
        self.timeline = Timeline(State(seq, (), tuple(drops)))
        self.coalescer = Coalescer()
        self.heartbeat = Heartbeat()
        self.said: OrderedDict[str, SaidMessage] = OrderedDict()
        self.phase: Phase = "before"
        self.state: ShowState = "before"
        self.since_ms: int | None = None
        self.now_ms = 0
        self._seen_at = 0.0
        self.viewers = 0
        self._recent: deque[tuple[int, str, bytes]] = deque(maxlen=RECENT)
        self._left: dict[str, int] = {}
        # What of a snapshot's JSON is the same for everybody who joins until something happens.
        self._lasting: bytes | None = None

    @property
    def seq(self) -> int:
        """The number of the last announcement that viewers of this process were sent."""
        return self.timeline.seq

    def accept(self, name: str, encoded: bytes) -> Step:
        """Take a numbered message; only an APPLIED one is to be sent on."""
        message = numbered(name, encoded)
        step = self.timeline.apply(message)
        if step is Step.APPLIED:
            self._lasting = None
            self._recent.append((message.seq, name, encoded))
            if isinstance(message, DropMessage) and message.left is not None:
                self._left[message.id] = message.left
        return step

    def accept_rows(self, rows: Sequence[Announced]) -> list[Announced]:
        """Take announcements from the ledger; those that are to be sent on."""
        return [row for row in rows if self.accept(row.kind, row.body) is Step.APPLIED]

    def count(self, name: str, encoded: bytes) -> None:
        """Take a counter: stock or reactions. It is sent when its turn comes."""
        if name == StockMessage.name:
            stock = msgspec.json.decode(encoded, type=StockMessage)
            self._left[stock.drop] = stock.left
            self._lasting = None
            self.coalescer.replace(stock, stock.drop)
        else:
            self.coalescer.add(msgspec.json.decode(encoded, type=ReactionsMessage).counts)

    def watched(self, viewers: int) -> None:
        """Take the number of viewers on all processes."""
        if viewers != self.viewers:
            self.viewers = viewers
            self.coalescer.replace(ViewersMessage(viewers))

    def say(self, line: SaidMessage) -> None:
        """Take a chat line. A new one is sent when its turn comes; who joins before has it in the answer already."""
        if line.id in self.said:
            return
        self.remember(line)
        self.coalescer.say(line)

    def remember(self, line: SaidMessage) -> None:
        """Keep a chat line for who comes late."""
        self.said[line.id] = line
        self._lasting = None
        while len(self.said) > SAID_KEPT:
            self.said.popitem(last=False)

    def forget(self, line: UnsaidMessage) -> None:
        """A chat line was hidden. That is sent when its turn comes, and never before the line."""
        self.said.pop(line.id, None)
        self._lasting = None
        self.coalescer.unsay(line)

    def see(self, live: bool, newest_ms: int, now: float) -> StateMessage | None:
        """Take what the media process wrote and move on; the new state if it changed. `now`: monotonic seconds."""
        if newest_ms > self.now_ms:
            self.now_ms, self._seen_at = newest_ms, now
        self.timeline.forget(self.now_ms - REWIND_MS)
        self._lasting = None
        state = shown(self.phase, self.heartbeat.beat(live, newest_ms, now))
        if state == self.state:
            return None
        self.state = state
        return StateMessage(state, self.now_ms or None)

    def drops(self) -> tuple[DropMessage, ...]:
        """The drops' last states, with what is left now."""
        return tuple(
            msgspec.structs.replace(drop, left=self._left.get(drop.id, drop.left)) if drop.left is not None else drop
            for drop in self.timeline.state().drops
        )

    def media_ms(self, now: float) -> int:
        """About the newest frame's media time: the last one seen, and the time since. `now`: monotonic seconds."""
        return self.now_ms + round(1000 * max(0.0, min(AHEAD_S, now - self._seen_at)))

    def snapshot(self, now: float) -> Snapshot:
        """What a viewer who joins now has to know."""
        return Snapshot(
            self.event, self.state, self.media_ms(now), self.seq, self.timeline.state().cues, self.drops(),
            self.viewers, tuple(self.said.values()), self.since_ms,
        )  # fmt: skip

    def welcome(self, now: float) -> msgspec.Raw:
        """The snapshot as JSON, made anew only when something has happened: a whole house may join at once."""
        if self._lasting is None:
            lasting = msgspec.to_builtins(self.snapshot(now))
            del lasting["now_ms"], lasting["viewers"]
            self._lasting = msgspec.json.encode(lasting)[1:]
        return msgspec.Raw(b'{"now_ms":%d,"viewers":%d,%b' % (self.media_ms(now), self.viewers, self._lasting))

    def missed(self, since: int, now: float) -> Missed | None:
        """The numbered messages after `since`; None when that is too long ago to tell."""
        oldest = self._recent[0][0] if self._recent else self.seq + 1
        if since < oldest - 1:
            return None
        missed = tuple(typed(name, encoded) for seq, name, encoded in self._recent if seq > since)
        return Missed(
            self.event, self.state, self.media_ms(now), self.seq, missed, self.viewers,
            tuple(self.said.values()), self.since_ms,
        )  # fmt: skip


def is_numbered(name: str) -> bool:
    """Whether messages of this name carry a `seq`."""
    return name in NUMBERED
