"""Where the body ends: rays cast in a quarter-size person mask, with and without the arms."""

from __future__ import annotations

import cv2
import numpy as np

from fitting.body import Body, ease_in_out
from fitting.compiled import compiled
from fitting.pose import Bytes, Floats
from fitting.window import shrunk

# Rays need no more: the soft mask gives their ends to a fraction of a pixel.
SHRINK = 4
SAMPLES = 40
# Widths of what is cut away for an arm, in body scales: an arm with its sleeve.
UPPER_ARM_WIDTH = 0.31
FOREARM_WIDTH = 0.20
# The cut starts this far down the upper arm; nearer to the shoulder the arm is part of the chest.
CUT_START = 0.55
# A body that is turned by more than the first shows the front of its trunk to the side, wholly from the second on, in
# radians. What lies less far ahead of the trunk's middle than this, in body scales, is no arm held out before it.
SIDEWAYS, PROFILE, HELD_OUT = 0.7, 0.95, 0.5


class Silhouette:
    """A person's mask at a quarter of the frame's size; all coordinates outside are the frame's pixels."""

    def __init__(self, body: Body) -> None:
        mask = body.pose.mask
        self.step = SHRINK * max(1.0, body.pose.scale)
        ratio = body.pose.scale / self.step
        size = (max(1, round(mask.shape[1] * ratio)), max(1, round(mask.shape[0] * ratio)))
        self.whole: Bytes = shrunk(mask, size)
        self.armless: Bytes = self.whole.copy()
        # How far the body is seen from the side, 0..1; then ``profile`` has all but what is held out ahead of it.
        self.sideways = ease_in_out((abs(body.yaw) - SIDEWAYS) / (PROFILE - SIDEWAYS))
        self.profile: Bytes = self.whole.copy() if self.sideways > 0 else self.armless
        for arm in body.arms:
            start = arm.shoulder + (arm.elbow - arm.shoulder) * CUT_START
            for a, b, width in ((start, arm.elbow, UPPER_ARM_WIDTH), (arm.elbow, arm.wrist, FOREARM_WIDTH)):
                self._cut(self.armless, a, b, width * body.scale)
                if self.sideways > 0:
                    self._cut(self.profile, a, b, width * body.scale * _held_out(body, (a + b) / 2))

    def _cut(self, mask: Bytes, a: Floats, b: Floats, width: float) -> None:
        ends = [(int(np.clip(p[0] / self.step, -9e3, 9e3)), int(np.clip(p[1] / self.step, -9e3, 9e3))) for p in (a, b)]
        if width > 0:
            cv2.line(mask, ends[0], ends[1], 0, max(1, round(width / self.step)))

    def reach(
        self,
        origins: Floats,
        direction: Floats,
        low: Floats,
        high: Floats,
        default: Floats,
        *,
        arms: bool = False,
        profile: bool = False,
    ) -> Floats:
        """How far the body reaches from each origin (n, 2) along ``direction`` (2,) or (n, 2), in pixels.

        Clipped to ``low``..``high`` (n,); ``default`` where the origin is not on the body. ``high`` exactly means
        that no end was found.
        """
        mask = self.profile if profile else self.whole if arms else self.armless
        count = len(origins)
        ends = np.empty(count, np.float32)
        march(
            mask,
            self.step,
            np.ascontiguousarray(origins, np.float32),
            np.array(np.broadcast_to(direction, (count, 2)), np.float32, order="C"),
            np.ascontiguousarray(np.stack([low, high, default]), np.float32),
            ends,
        )
        return ends


def _held_out(body: Body, middle: Floats) -> float:
    """How far a part of an arm is held out ahead of a turned body's trunk, 0..1."""
    ahead = np.array([body.down[1], -body.down[0]], np.float32) * np.sign(body.yaw)
    off = float((middle - body.chest) @ ahead) / body.scale
    return ease_in_out((off - HELD_OUT) / 0.1)


@compiled("void(uint8[:,::1], float64, float32[:,::1], float32[:,::1], float32[:,::1], float32[::1])")
def march(mask: Bytes, step: float, origins: Floats, directions: Floats, limits: Floats, ends: Floats) -> None:
    """Follows each ray until the bilinear mask falls below one half; ``limits`` (3, n): low, high and default."""
    height, width = mask.shape
    for i in range(origins.shape[0]):
        high = limits[1, i]
        before, found = 0.0, high
        inside = True
        for k in range(SAMPLES):
            length = high * k / (SAMPLES - 1)
            x = (origins[i, 0] + directions[i, 0] * length + 0.5) / step - 0.5
            y = (origins[i, 1] + directions[i, 1] * length + 0.5) / step - 0.5
            x, y = min(max(x, 0.0), width - 1.001), min(max(y, 0.0), height - 1.001)
            column, row = int(x), int(y)
            u, v = x - column, y - row
            right, below = min(column + 1, width - 1), min(row + 1, height - 1)
            top = mask[row, column] * (1 - u) + mask[row, right] * u
            value = top * (1 - v) + (mask[below, column] * (1 - u) + mask[below, right] * u) * v
            if value < 127.5:
                if k == 0:
                    inside = False
                else:
                    share = (before - 127.5) / max(before - value, 1e-3)
                    found = high * (k - 1 + share) / (SAMPLES - 1)
                break
            before = value
        ends[i] = min(max(found, limits[0, i]), high) if inside else limits[2, i]
