"""Where the body ends: rays cast in a quarter-size person mask, with and without the arms."""

from __future__ import annotations

import cv2
import numpy as np

from fitting.body import Body
from fitting.pose import Bytes, Floats

# Rays need no more: the soft mask gives their ends to a fraction of a pixel.
SHRINK = 4
SAMPLES = 40
# Widths of what is cut away for an arm, in body scales: an arm with its sleeve.
UPPER_ARM_WIDTH = 0.31
FOREARM_WIDTH = 0.20
# The cut starts this far down the upper arm; nearer to the shoulder the arm is part of the chest.
CUT_START = 0.55


class Silhouette:
    """A person's mask at a quarter of the frame's size; all coordinates outside are the frame's pixels."""

    def __init__(self, body: Body) -> None:
        mask = body.pose.mask
        self.step = SHRINK * max(1.0, body.pose.scale)
        ratio = body.pose.scale / self.step
        size = (max(1, round(mask.shape[1] * ratio)), max(1, round(mask.shape[0] * ratio)))
        self.whole: Bytes = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
        self.armless: Bytes = self.whole.copy()
        for arm in body.arms:
            start = arm.shoulder + (arm.elbow - arm.shoulder) * CUT_START
            self._cut(start, arm.elbow, UPPER_ARM_WIDTH * body.scale)
            self._cut(arm.elbow, arm.wrist, FOREARM_WIDTH * body.scale)

    def _cut(self, a: Floats, b: Floats, width: float) -> None:
        ends = [(int(np.clip(p[0] / self.step, -9e3, 9e3)), int(np.clip(p[1] / self.step, -9e3, 9e3))) for p in (a, b)]
        cv2.line(self.armless, ends[0], ends[1], 0, max(1, round(width / self.step)))

    def reach(
        self, origins: Floats, direction: Floats, low: Floats, high: Floats, default: Floats, *, arms: bool = False
    ) -> Floats:
        """How far the body reaches from each origin (n, 2) along ``direction`` (2,) or (n, 2), in pixels.

        Clipped to ``low``..``high`` (n,); ``default`` where the origin is not on the body. ``high`` exactly means
        that no end was found.
        """
        mask = self.whole if arms else self.armless
        steps = np.linspace(0.0, 1.0, SAMPLES, dtype=np.float32)[None] * high[:, None]
        rays = origins[:, None] + steps[:, :, None] * np.broadcast_to(direction, origins.shape)[:, None]
        places = ((rays + 0.5) / self.step - 0.5).astype(np.float32)
        values = cv2.remap(
            mask, places[:, :, 0], places[:, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float32)
        outside = values < 127.5
        first = np.argmax(outside, axis=1)
        rows = np.arange(len(first))
        before = np.maximum(first - 1, 0)
        inner, outer = values[rows, before], values[rows, first]
        share = np.clip((inner - 127.5) / np.maximum(inner - outer, 1e-3), 0, 1)
        end = steps[rows, before] + share * (steps[rows, first] - steps[rows, before])
        end = np.where(outside.any(axis=1), end, high)
        end = np.where(outside[:, 0], default, np.clip(end, low, high))
        return end.astype(np.float32)
