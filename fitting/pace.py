"""How quick the arms are: how far they move while one picture is exposed."""

from __future__ import annotations

import numpy as np

from fitting.body import Body
from fitting.pose import Floats

# Indoors a camera exposes a picture for about so long, in seconds.
EXPOSURE = np.float32(1 / 60)
# In little light a camera gives a picture twice, in which nothing moves: so much of the last blur is still believed.
KEPT = 0.5


class Pace:
    """How far each arm moves against the trunk while one picture is exposed."""

    def __init__(self) -> None:
        self._last: Floats | None = None
        self._moved = np.zeros((2, 2, 2), np.float32)

    def look(self, body: Body, seconds: float) -> Floats:
        """The way (2, 2, 2) of the right and the left arm's elbow and hand in pixels, ``seconds`` after the last."""
        now = np.array([[arm.elbow, arm.hand.mean(0)] for arm in body.arms], np.float32) - body.chest
        if self._last is not None:
            moved = (now - self._last) * min(np.float32(1), EXPOSURE / np.float32(seconds))
            held = KEPT * self._moved
            longer = np.linalg.norm(moved, axis=2, keepdims=True) > np.linalg.norm(held, axis=2, keepdims=True)
            self._moved = np.where(longer, moved, held)
        self._last = now
        return self._moved
