"""A bare arm and its hand: where they surely, probably and possibly are."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from fitting.body import Arm, Body
from fitting.pose import Floats
from fitting.window import Canvas

# A forearm further behind the torso's plane than this, in body scales, is not in front of the garment.
BEHIND = 0.22
# Widths in body scales: an arm surely (core), probably (flesh), and at most (reach).
ARM_CORE, ARM_FLESH, ARM_REACH = 0.10, 0.19, 0.28
HAND_REACH, HAND_TIP = 0.20, 0.34


class BareArm:
    """Where one bare arm and its hand surely, probably and possibly are."""

    def __init__(self, arm: Arm, body: Body, canvas: Canvas, sleeves: float) -> None:
        scale = body.scale
        self.core, self.flesh, self.reach = canvas.blank(), canvas.blank(), canvas.blank()
        if sleeves < 1.6:  # a longer sleeve is drawn over the arm
            start = min(sleeves + 0.15, 1.6)
            bare = [along(arm, start), *([arm.elbow] if start < 1 else []), arm.wrist]
            core = [along(arm, start + 0.1), *([arm.elbow] if start < 0.9 else []), along(arm, 1.92)]
            for mask, line, width in (
                (self.core, core, ARM_CORE),
                (self.flesh, bare, ARM_FLESH),
                (self.reach, bare, ARM_REACH),
            ):
                for a, b in pairwise(line):
                    canvas.line(mask, a, b, width * scale)
        self.behind = arm.depth > BEHIND
        self.low = canvas.blank()
        self.low[max(0, canvas.at(body.hips + body.up * 0.1 * body.torso)[1]) :] = 255
        self.hand_core, self.hand_reach = canvas.blank(), canvas.blank()
        knuckles = arm.hand.mean(0)
        tip = arm.wrist + (knuckles - arm.wrist) * 2.0
        hull = cv2.convexHull(np.array([canvas.at(p) for p in [*arm.hand, arm.wrist, tip]], np.int32))
        cv2.fillConvexPoly(self.hand_core, hull, 255)
        cv2.fillConvexPoly(self.hand_reach, hull, 255)
        cv2.polylines(self.hand_reach, [hull], True, 255, canvas.size(HAND_REACH * scale))
        beyond = knuckles + (knuckles - arm.wrist) * 0.7
        cv2.circle(self.hand_reach, canvas.at(beyond), canvas.size(HAND_TIP * scale), 255, -1)


def along(arm: Arm, place: float) -> Floats:
    """A point of the arm: 0 at the shoulder, 1 at the elbow, 2 at the wrist."""
    if place < 1:
        return np.asarray(arm.shoulder + place * (arm.elbow - arm.shoulder))
    return np.asarray(arm.elbow + (place - 1) * (arm.wrist - arm.elbow))
