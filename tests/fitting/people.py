"""People for the tests: generated pictures with a truth mask, their poses as once tracked, a replaying tracker."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from fitting.body import body_of, unit
from fitting.pose import Bytes, Pose

DATA = Path(__file__).parent / "data"
NAMES = ("a_pose", "arms_crossed", "arms_up", "turned", "hands_on_hips")
# The truth mask's low four bits: 3-5 shirt, 10-11 hands, 8-9 forearms, 1 skin of head and neck, 2 hair.
SHIRT, HANDS, FOREARMS, FACE, HAIR = (3, 4, 5), (10, 11), (8, 9), (1,), 2
# Its fifth bit: the shirt, hidden or not.
EXTENT = 16


def picture(name: str) -> Bytes:
    """A person's picture, 640x480."""
    return np.asarray(cv2.imread(str(DATA / f"{name}.jpg")), np.uint8)


def mask(name: str) -> Bytes:
    """What each of its pixels shows, and with 16 added where the shirt is, hidden or not."""
    return np.asarray(cv2.imread(str(DATA / f"{name}.mask.png"), cv2.IMREAD_GRAYSCALE), np.uint8)


def truth(name: str) -> Bytes:
    """What each of its pixels shows."""
    return np.bitwise_and(mask(name), np.uint8(15))


def pose(name: str) -> Pose:
    """The pose that the tracker once found in it."""
    found = json.loads((DATA / f"{name}.pose.json").read_text())
    mask = np.asarray(cv2.imread(str(DATA / f"{name}.person.png"), cv2.IMREAD_GRAYSCALE), np.uint8)
    return Pose(np.array(found["points"], np.float32), np.array(found["visibility"], np.float32), mask, 2.0)


def pointing(bend: float, length: float) -> Pose:
    """The A pose with a right forearm that looks so long, in body scales, and turned by so much, in radians."""
    found = pose("a_pose")
    points, turn = found.points.copy(), np.array([[np.cos(bend), -np.sin(bend)], [np.sin(bend), np.cos(bend)]])
    fore = turn @ unit(points[14, :2] - points[12, :2]) * length * body_of(found).scale
    points[[16, 18, 20, 22], :2] = points[14, :2] + fore
    return replace(found, points=points)


class Replay:
    """A tracker whose answers are given: a function of the timestamp."""

    def __init__(self, answer: Callable[[int], Pose | None]) -> None:
        self._answer = answer
        self.closed = False

    def track(self, frame: Bytes, timestamp_ms: int) -> Pose | None:
        """The answer for this moment."""
        return self._answer(timestamp_ms)

    def close(self) -> None:
        """Remembers that it was closed."""
        self.closed = True


def overlap(a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_]) -> float:
    """Intersection over union of two masks."""
    return float((a & b).sum()) / max(1, int((a | b).sum()))
