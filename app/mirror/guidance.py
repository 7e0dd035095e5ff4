"""What the shopper is told about where to stand: said when it changes, not when a single frame flickers. Pure."""

from app.mirror.protocol import State

# Long enough for a lost frame or a turn of the head, short enough to feel answered.
HOLDS_MS = 400


class Guidance:
    """Turns what is seen a frame into what is told. Times are the frames' own."""

    def __init__(self) -> None:
        self.told: State | None = None
        self._seen: State | None = None
        self._since_ms = 0

    def see(self, state: State, timestamp_ms: int) -> State | None:
        """The state to tell now; None when there is nothing new."""
        if state != self._seen:
            self._seen, self._since_ms = state, timestamp_ms
        if state == self.told or (self.told is not None and timestamp_ms - self._since_ms < HOLDS_MS):
            return None
        self.told = state
        return state

    def say(self, state: State) -> None:
        """Something was told for another reason, such as waiting."""
        self.told = self._seen = state
