"""What gives way when the mirror is overloaded. Frames are dropped first, by the slot; then the lighter pose model is
used; then new shoppers wait, by admission. This is the middle step. Pure: time is an argument.
"""

from typing import Literal

Model = Literal["lite", "full"]

# Below this a mirror feels like a slide show; the contract with shoppers is twelve frames a second.
ENOUGH_FPS = 12.0
# Going back must leave room, or it would be undone at once.
PLENTY_FPS = 16.0
# Measured with decoding, compositing and encoding: a frame with the full model costs 1.3 times one with the light one.
FULL_COSTS = 1.3
# Short bursts are not overload; and each change costs a second of a core.
DOWN_AFTER_MS = 1_500
UP_AFTER_MS = 8_000


class Ladder:
    """Chooses the pose model for everybody in one worker."""

    def __init__(self, lanes: int) -> None:
        self.model: Model = "full"
        self._lanes = lanes
        self._since: int | None = None

    def observe(self, now_ms: int, *, active: int, cost_ms: float) -> Model:
        """The model to use, with `active` shoppers sending and `cost_ms` a frame on the present model."""
        if active == 0 or cost_ms <= 0:
            self._since = None
            return self.model
        # One shopper's frames are never worked on in parallel.
        each = min(active, self._lanes) / active * 1000 / cost_ms
        if self.model == "full":
            wanted, after = each < ENOUGH_FPS, DOWN_AFTER_MS
        else:
            wanted, after = each / FULL_COSTS > PLENTY_FPS, UP_AFTER_MS
        if not wanted:
            self._since = None
        elif self._since is None:
            self._since = now_ms
        elif now_ms - self._since >= after:
            self.model, self._since = ("lite" if self.model == "full" else "full"), None
        return self.model
