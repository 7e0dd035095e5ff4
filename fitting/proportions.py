"""A wearer's proportions, learnt over time: how much longer their torso is than the tracker believes."""

from __future__ import annotations

import math

import numpy as np

from fitting import pose as at
from fitting.body import Body

# From the shoulders up to the eyes and from ear to ear, in torso lengths: the sum of an average adult. The tracker puts
# the hips where an average person has them, so that a head that seems too large says that they were put too high; heads
# differ as well, so most of the difference is believed. Measured on generated people of six builds with both models.
HEAD = 0.748
BELIEVED = 0.85
# No torso is further off than this share of itself.
MOST = 0.10
# Seconds after which the first frames count little; a few frames are enough to begin with.
MEMORY_S = 3.0
# A head tells something when body and head face the camera and no arm lifts the shoulders.
MOST_TURN, MOST_LOOK, MOST_LIFT = 0.35, 0.25, -0.3
LEAST_VISIBLE = 0.7


class Proportions:
    """One wearer's; ``stretch`` is the share by which their torso is longer than tracked, 0 until they were seen."""

    def __init__(self) -> None:
        self.stretch = 0.0
        self._seen = 0.0

    def learn(self, body: Body, seconds: float) -> None:
        """Takes in a frame's body, as it was tracked."""
        head = _head(body)
        if head is None:
            return
        found = min(MOST, max(-MOST, BELIEVED * (head - HEAD)))
        self._seen = min(MEMORY_S, self._seen + seconds)
        self.stretch += (found - self.stretch) * min(1.0, seconds / max(self._seen, 1e-6))

    def forget(self) -> None:
        """Somebody else has come."""
        self.stretch = self._seen = 0.0


def _head(body: Body) -> float | None:
    """Chest to eyes and ear to ear, in torso lengths; None where they are not seen from the front."""
    left, right, nose = (body.point(k) for k in (at.LEFT_EAR, at.RIGHT_EAR, at.NOSE))
    seen = body.pose.visibility[[at.LEFT_EAR, at.RIGHT_EAR, at.LEFT_SHOULDER, at.RIGHT_SHOULDER]]
    ears = math.dist(left, right)
    look = abs(float((nose - (left + right) / 2) @ body.across))
    lift = max(arm.lift for arm in body.arms)
    if float(np.min(seen)) < LEAST_VISIBLE or abs(body.yaw) > MOST_TURN or look > MOST_LOOK * ears or lift > MOST_LIFT:
        return None
    eyes = (body.point(at.LEFT_EYE) + body.point(at.RIGHT_EYE)) / 2
    return (float((eyes - body.chest) @ body.up) + ears) / body.torso
