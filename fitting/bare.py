"""A bare arm and its hand: where they surely, probably and possibly are."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from fitting.body import Arm, Body, unit
from fitting.pose import Bytes, Floats
from fitting.window import Canvas, Window

# A forearm further behind the torso's plane than this, in body scales, is not in front of the garment.
BEHIND = 0.22
# Widths in body scales: an arm surely (core), probably (flesh), maybe (reach), and where only its colours tell it: a
# tracked joint of a crossed arm may lie that far off.
ARM_CORE, ARM_FLESH, ARM_REACH, ARM_FAR = 0.10, 0.19, 0.28, 0.56
# A sleeve that covers the arm so far, in bones, is a long one, and ends so far above the wrist, in body scales.
LONG, CUFF = 1.6, 0.12
# The own sleeve, pushed up, ends before this; farther down a tracked arm may lie beside the real one, on the shirt.
PUSHED_UP = 1.45
FAR_START = 0.3  # bones below the sleeve's end: it is no arm
# Around an edge skin and what lies behind it are averaged within this many body scales.
RIM = 0.08
# No finger is as thin as this, in body scales.
THIN = 0.03
HAND_REACH, HAND_TIP = 0.20, 0.34
# A palm's corners lie this far beside its joints' line: half its breadth, and a wrist may be tracked at either edge.
PALM = 0.10
# The same where only a hand's colours tell it: spread fingers are longer, and a quick hand is not where it was tracked.
FAR_REACH, FAR_TIP = 0.36, 0.44


class BareArm:
    """Where one bare arm and its hand surely, probably and possibly are; ``upper``: its middle down to halfway."""

    def __init__(self, arm: Arm, body: Body, canvas: Canvas, sleeves: float) -> None:
        scale = body.scale
        self.core, self.upper, self.flesh, self.reach, self.far = (canvas.blank() for _ in range(5))
        if sleeves < LONG:  # a longer sleeve is drawn over the arm
            start = min(sleeves + 0.15, 1.6)
            bare = [along(arm, start), *([arm.elbow] if start < 1 else []), arm.wrist]
            core = [along(arm, start + 0.1), *([arm.elbow] if start < 0.9 else []), along(arm, 1.92)]
            for mask, line, width in (
                (self.core, core, ARM_CORE),
                (self.upper, [*core[:-1], along(arm, PUSHED_UP)], ARM_CORE),
                (self.flesh, bare, ARM_FLESH),
                (self.reach, bare, ARM_REACH),
                (self.far, [along(arm, max(start + FAR_START, 1.0)), arm.wrist], ARM_FAR),
            ):
                for a, b in pairwise(line):
                    canvas.line(mask, a, b, width * scale)
        self.rim = canvas.size(RIM * scale)
        self.width = canvas.size(ARM_FLESH * scale)
        self.behind = arm.depth > BEHIND
        self.side = arm.side
        self.hand_core, self.hand_reach = _hand(arm, body, canvas)


class BareHand:
    """Where one hand surely and possibly is."""

    def __init__(self, arm: Arm, body: Body, canvas: Canvas, sleeves: float) -> None:
        self.core, self.reach = _hand(arm, body, canvas)
        self.far = self.reach.copy()
        if sleeves < LONG:
            _spread(self.far, arm, body, canvas, FAR_REACH, FAR_TIP)
        self.rim = canvas.size(RIM * body.scale)
        self.thin = 2 * (canvas.size(THIN * body.scale) // 2) + 1
        if sleeves >= LONG:
            _add_palm(self.far, arm, body, canvas)
            if arm.side_on(body.scale) > 0.5:  # the bare forearm behind it is below the garment's sleeve
                bone = unit(arm.wrist - arm.elbow) * body.scale
                side = np.array([bone[1], -bone[0]], np.float32) * (ARM_FAR / 2)
                cuff = arm.wrist - bone * CUFF
                for mask in (self.reach, self.far):
                    canvas.polygon(mask, [arm.elbow + side, cuff + side, cuff - side, arm.elbow - side], 0)
            self.reach |= self.core
            self.far |= self.core

    @staticmethod
    def window(arm: Arm, body: Body) -> Window:
        """The part of the frame, or beyond it, where a hand may be."""
        return Window.around([*_outline(arm), _beyond(arm)], FAR_TIP * body.scale)


def _outline(arm: Arm) -> list[Floats]:
    tip = arm.wrist + (arm.hand.mean(0) - arm.wrist) * 2.0
    return [*arm.hand, arm.wrist, tip]


def _beyond(arm: Arm) -> Floats:
    """The middle of the fingers' reach, beyond the knuckles."""
    knuckles = arm.hand.mean(0)
    return np.asarray(knuckles + (knuckles - arm.wrist) * 0.7)


def _hand(arm: Arm, body: Body, canvas: Canvas) -> tuple[Bytes, Bytes]:
    core = canvas.blank()
    cv2.fillConvexPoly(core, _hull(arm, canvas), 255)
    reach = core.copy()
    _spread(reach, arm, body, canvas, HAND_REACH, HAND_TIP)
    return core, reach


def _hull(arm: Arm, canvas: Canvas) -> npt.NDArray[np.int32]:
    return np.asarray(cv2.convexHull(np.array([canvas.at(p) for p in _outline(arm)], np.int32)), np.int32)


def _spread(mask: Bytes, arm: Arm, body: Body, canvas: Canvas, reach: float, tip: float) -> None:
    """Adds what lies around the hand and its fingers' tips, in body scales."""
    cv2.polylines(mask, [_hull(arm, canvas)], True, 255, canvas.size(reach * body.scale))
    cv2.circle(mask, canvas.at(_beyond(arm)), canvas.size(tip * body.scale), 255, -1)


def _add_palm(mask: Bytes, arm: Arm, body: Body, canvas: Canvas) -> None:
    """Adds the palm from its heel to the knuckles."""
    knuckles = arm.hand.mean(0)
    corners = []
    for joint, bone in ((arm.wrist, arm.wrist - arm.elbow), (knuckles, knuckles - arm.wrist)):
        ahead = unit(bone) * PALM * body.scale
        side = np.array([ahead[1], -ahead[0]], np.float32)
        corners += [canvas.at(joint + side), canvas.at(joint - side)]
    hull = cv2.convexHull(np.array(corners, np.int32))
    cv2.fillConvexPoly(mask, hull, 255)
    cv2.polylines(mask, [hull], True, 255, canvas.size(HAND_REACH * body.scale))


def along(arm: Arm, place: float) -> Floats:
    """A point of the arm: 0 at the shoulder, 1 at the elbow, 2 at the wrist."""
    if place < 1:
        return np.asarray(arm.shoulder + place * (arm.elbow - arm.shoulder))
    return np.asarray(arm.elbow + (place - 1) * (arm.wrist - arm.elbow))
