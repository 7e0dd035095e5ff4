"""What a host did last, and whether it can still be taken back. Pure."""

from dataclasses import dataclass
from typing import Literal

from app.errors import Conflict

Deed = Literal["shown", "ended", "dropped", "drop-ended"]

# The console offers it for five seconds; the way to the server takes part of the last one.
UNDO_MS = 5_000 + 1_500


class NothingToUndo(Conflict):
    """There is nothing that this host did just now."""

    slug = "nothing-to-undo"
    title = "Nothing to take back"


class TooLate(Conflict):
    """It has had effects that cannot be taken back."""

    slug = "too-late"
    title = "Too late to take back"


@dataclass(frozen=True)
class Done:
    """A deed: a cue `shown` or `ended`, a drop triggered (`dropped`) or `drop-ended`, at `at_ms` of the wall clock."""

    deed: Deed
    about: str
    at_ms: int


def fresh(done: Done | None, now_ms: int) -> Done:
    """The deed, if it can still be taken back. Raises NothingToUndo or TooLate."""
    if done is None or now_ms - done.at_ms > UNDO_MS:
        raise NothingToUndo("Only what you did in the last five seconds can be taken back.")
    if done.deed == "drop-ended":
        raise TooLate("An ended drop stays ended, its units are back on the shelf; start a new one.")
    return done
