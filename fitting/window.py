"""Rectangles of a frame, and shapes drawn in them at a smaller size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fitting.body import Body
from fitting.pose import Bytes, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A rectangle of the frame: x0 <= x < x1, y0 <= y < y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    @staticmethod
    def around(points: Sequence[Floats] | Floats, margin: float = 0.0) -> Window:
        """The smallest window that holds all points, with a margin; it may lie beyond the frame."""
        low, high = np.min(points, axis=0) - margin, np.max(points, axis=0) + margin
        return Window(math.floor(low[0]), math.floor(low[1]), math.ceil(high[0]), math.ceil(high[1]))

    def aligned(self, step: int, shape: tuple[int, ...]) -> Window:
        """The window grown to whole steps inside a frame of ``shape``: such a part shrinks without interpolation."""
        x0, y0 = self.x0 - self.x0 % step, self.y0 - self.y0 % step
        x1, y1 = (min(-(-end // step) * step, limit) for end, limit in ((self.x1, shape[1]), (self.y1, shape[0])))
        return Window(x0, y0, x1, y1)

    def common(self, other: Window) -> Window:
        """What two windows share; maybe empty."""
        return Window(max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1))

    @property
    def empty(self) -> bool:
        """Whether nothing lies inside."""
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def of(self, picture: Bytes, shown: Window | None = None) -> Bytes:
        """The view of a picture inside this window; the picture is a whole frame or ``shown`` of it."""
        x, y = (shown.x0, shown.y0) if shown else (0, 0)
        return picture[self.y0 - y : self.y1 - y, self.x0 - x : self.x1 - x]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A part of a cover: a mask of a window of the frame, uint8, maybe at a smaller size."""

    mask: Bytes
    window: Window


class Canvas:
    """Shapes drawn in a window of the frame at a smaller size, given in the frame's pixels."""

    def __init__(self, window: Window, step: float) -> None:
        self.window, self.step = window, step
        self.shape = (
            max(1, round((window.y1 - window.y0) / step)),
            max(1, round((window.x1 - window.x0) / step)),
        )

    def blank(self) -> Bytes:
        """An empty mask."""
        return np.zeros(self.shape, np.uint8)

    def at(self, point: Floats) -> tuple[int, int]:
        """A frame's point in this canvas."""
        x = (float(point[0]) - self.window.x0) / self.step
        return round(x), round((float(point[1]) - self.window.y0) / self.step)

    def size(self, length: float) -> int:
        """A length in this canvas, at least one pixel."""
        return min(2000, max(1, round(length / self.step)))

    def cut(self, window: Window) -> tuple[slice, slice]:
        """The canvas's pixels of a window of the frame."""
        ends = np.array([[window.x0, window.y0], [window.x1, window.y1]], np.float32)
        (x0, y0), (x1, y1) = (self.at(end) for end in ends)
        return slice(max(0, y0), y1), slice(max(0, x0), x1)

    def line(self, mask: Bytes, a: Floats, b: Floats, width: float, value: int = 255) -> None:
        """A thick line with round ends."""
        cv2.line(mask, self.at(a), self.at(b), value, self.size(width))

    def polygon(self, mask: Bytes, points: list[Floats], value: int = 255) -> None:
        """A filled convex polygon."""
        cv2.fillConvexPoly(mask, np.array([self.at(p) for p in points], np.int32), value)


def shrunk(picture: Bytes, size: tuple[int, int]) -> Bytes:
    """A picture averaged to a smaller ``size`` (width, height): halved while it can be, which OpenCV does fastest."""
    height, width = picture.shape[:2]
    while width >= 4 * size[0] and height >= 4 * size[1] and width % 2 == height % 2 == 0:
        width, height = width // 2, height // 2
        picture = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def mask_in(body: Body, window: Window, size: tuple[int, int]) -> Bytes:
    """The person mask inside a window of the frame, at ``size``."""
    mask, scale = body.pose.mask, body.pose.scale
    ends = [end / scale for end in (window.x0, window.y0, window.x1, window.y1)]
    x0, y0, x1, y1 = (int(end) for end in ends)
    if [x0, y0, x1, y1] == ends and x1 <= mask.shape[1] and y1 <= mask.shape[0]:
        cut = mask[y0:y1, x0:x1]
        if (x1 - x0, y1 - y0) == size:
            return np.ascontiguousarray(cut)
        return shrunk(cut, size) if size[0] <= x1 - x0 else np.asarray(cv2.resize(cut, size), np.uint8)
    step = ((window.x1 - window.x0) / size[0] / scale, (window.y1 - window.y0) / size[1] / scale)
    # The middle of a pixel lies in the middle of those that it stands for.
    matrix = np.array(
        [
            [step[0], 0, ends[0] + (step[0] - 1) / 2],
            [0, step[1], ends[1] + (step[1] - 1) / 2],
        ],
        np.float32,
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(mask, matrix, size, flags=flags), np.uint8)


def enlarged(mask: Bytes, wide: Window, window: Window) -> Bytes:
    """A small mask of ``wide``, softened, at full size inside ``window``, which lies in it."""
    soft = cv2.blur(mask, (3, 3))
    width, height = wide.x1 - wide.x0, wide.y1 - wide.y0
    step = width // mask.shape[1]
    left, top = window.x0 - wide.x0, window.y0 - wide.y0
    right, bottom = window.x1 - wide.x0, window.y1 - wide.y0
    if mask.shape == (height // step, width // step) and width % step == height % step == 0:
        # A part is enlarged as the whole would be if it brings its neighbours along.
        x0, y0 = max(0, left // step - 1), max(0, top // step - 1)
        soft = soft[y0 : -(-bottom // step) + 1, x0 : -(-right // step) + 1]
        width, height = soft.shape[1] * step, soft.shape[0] * step
        left, top, right, bottom = left - x0 * step, top - y0 * step, right - x0 * step, bottom - y0 * step
    full = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(full[top:bottom, left:right], np.uint8)


def inside(person: Bytes) -> Bytes:
    """A soft person mask, cut: 0 or 255."""
    return np.asarray(cv2.threshold(person, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)


def joined(found: Bytes, seed: Bytes) -> Bytes:
    """The pieces of ``found`` that touch ``seed``."""
    count, labels = cv2.connectedComponents(found, connectivity=8)
    keep = np.zeros(count, np.uint8)
    keep[np.unique(labels[seed > 0])] = 255
    keep[0] = 0
    return np.asarray(keep[labels], np.uint8)


def around(mask: Bytes, rim: int = 2) -> tuple[slice, slice]:
    """The rectangle around what a mask holds, with a rim."""
    x, y, width, height = cv2.boundingRect(mask)
    return slice(max(0, y - rim), y + height + rim), slice(max(0, x - rim), x + width + rim)
