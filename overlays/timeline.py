"""The overlay timeline: numbered messages in, what is shown at a media time out. Pure; a browser has the same rules.

Snapshot + events = truth: a timeline restored from the snapshot at `seq` n and fed the messages after n equals one that
was fed every message. A message is applied only when it is the next one, so duplicates are harmless, and a loss or a
reordering is seen as a gap instead of being guessed over.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from overlays.cue import Cue
from overlays.messages import CueEndMessage, CueMessage, DropMessage, Numbered

# How many drops that are over a snapshot still tells of: their cards may stand on somebody's screen.
OVER_KEPT = 10


class Step(enum.Enum):
    """What became of a message."""

    APPLIED = "applied"
    KNOWN = "known"
    GAP = "gap"


@dataclass(frozen=True)
class State:
    """A timeline's content as of `seq`: cues with the durations that are left of them, drops with their last state."""

    seq: int
    cues: tuple[CueMessage, ...]
    drops: tuple[DropMessage, ...]


class Timeline:
    """The cues and drops of one event as of `seq`."""

    def __init__(self, state: State | None = None) -> None:
        self.seq = state.seq if state else 0
        self._cues = {message.id: message for message in state.cues} if state else {}
        self._drops = {message.id: message for message in state.drops} if state else {}

    def apply(self, message: Numbered) -> Step:
        """Take the next message. KNOWN: already contained. GAP: earlier ones are missing, ask for those after `seq`."""
        if message.seq <= self.seq:
            return Step.KNOWN
        if message.seq != self.seq + 1:
            return Step.GAP
        self.seq = message.seq
        if isinstance(message, CueMessage):
            self._cues[message.id] = message
        elif isinstance(message, CueEndMessage):
            self._end(message)
        else:
            self._drops[message.id] = message
        return Step.APPLIED

    def apply_all(self, messages: Iterable[Numbered]) -> Step:
        """Take several messages; GAP as soon as one does not follow."""
        step = Step.KNOWN
        for message in messages:
            step = self.apply(message)
            if step is Step.GAP:
                return step
        return step

    def live(self, at_ms: int) -> list[Cue]:
        """The cues that the frame of media time `at_ms` carries, oldest first."""
        found = [message.cue() for message in self._cues.values()]
        return sorted((cue for cue in found if cue.at_ms <= at_ms < cue.end_ms), key=lambda cue: (cue.at_ms, cue.id))

    def find(self, cue_id: str) -> Cue | None:
        """A cue that is not retracted, or None."""
        message = self._cues.get(cue_id)
        return message.cue() if message else None

    def state(self) -> State:
        """The content, from which an equal timeline can be built."""
        return State(self.seq, tuple(self._cues.values()), tuple(self._drops.values()))

    def forget(self, before_ms: int) -> None:
        """Let go of cues that ended before `before_ms`, to which nobody can seek back, and of the oldest drops."""
        self._cues = {key: cue for key, cue in self._cues.items() if cue.at_ms + cue.duration_ms > before_ms}
        over = sorted(drop.seq for drop in self._drops.values() if drop.state in ("sold-out", "ended"))
        gone = set(over[:-OVER_KEPT])
        self._drops = {key: drop for key, drop in self._drops.items() if drop.seq not in gone}

    def _end(self, message: CueEndMessage) -> None:
        cue = self._cues.get(message.id)
        if cue is None:
            return  # already over and forgotten, or retracted before
        if message.at_ms is None or message.at_ms <= cue.at_ms:
            del self._cues[message.id]
        elif message.at_ms < cue.at_ms + cue.duration_ms:
            # An end only ever shortens, so that a frame on which a viewer saw the cue end never shows it again.
            self._cues[message.id] = msgspec.structs.replace(cue, duration_ms=message.at_ms - cue.at_ms)
