"""An event's states. Pure.

The host decides the phase (`before`, `live`, `after`); whether a live show is in `pause` is seen on the picture.
"""

from typing import Literal

from app.errors import Conflict
from overlays.messages import ShowState

Phase = Literal["before", "live", "after"]
PHASES: tuple[Phase, ...] = ("before", "live", "after")
# An ended show may be taken up again (the button was hit too early), or be set back for the next evening.
ALLOWED: dict[Phase, frozenset[Phase]] = {
    "before": frozenset({"live", "after"}),
    "live": frozenset({"after", "before"}),
    "after": frozenset({"live", "before"}),
}
# The newest frame must have advanced within this time, or the picture counts as away. Twice a key frame interval.
STALLED_S = 4.0


class WrongPhase(Conflict):
    """The show cannot go there from where it is."""

    slug = "wrong-state"
    title = "The show is somewhere else"


def move(current: Phase, wanted: Phase) -> bool:
    """Whether the phase changes; asking for the present one is no mistake. Raises WrongPhase."""
    if wanted == current:
        return False
    if wanted not in ALLOWED[current]:
        raise WrongPhase(f"A show that is {current} cannot become {wanted}.")
    return True


def shown(phase: Phase, picture: bool) -> ShowState:
    """What viewers see: a live show without a picture pauses."""
    return "pause" if phase == "live" and not picture else phase


class Heartbeat:
    """Whether the picture is there: live by the media process's word, and its newest frame keeps advancing."""

    def __init__(self) -> None:
        self._newest_ms = -1
        self._moved_at = float("-inf")

    def beat(self, live: bool, newest_ms: int, now: float) -> bool:
        """Take what the media process wrote last; `now` in seconds of a monotonic clock."""
        if newest_ms != self._newest_ms:
            self._newest_ms = newest_ms
            self._moved_at = now
        return live and now - self._moved_at < STALLED_S
