"""Rectangles of a frame, and shapes drawn in them at a smaller size."""

from __future__ import annotations

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

    def aligned(self, step: int, shape: tuple[int, ...]) -> Window:
        """The window grown to whole steps inside a frame of ``shape``: such a part shrinks without interpolation."""
        x0, y0 = self.x0 - self.x0 % step, self.y0 - self.y0 % step
        x1, y1 = (min(-(-end // step) * step, limit) for end, limit in ((self.x1, shape[1]), (self.y1, shape[0])))
        return Window(x0, y0, x1, y1)

    @property
    def empty(self) -> bool:
        """Whether nothing lies inside."""
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def of(self, picture: Bytes) -> Bytes:
        """The view of a picture inside this window."""
        return picture[self.y0 : self.y1, self.x0 : self.x1]


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

    def line(self, mask: Bytes, a: Floats, b: Floats, width: float, value: int = 255) -> None:
        """A thick line with round ends."""
        cv2.line(mask, self.at(a), self.at(b), value, self.size(width))

    def polygon(self, mask: Bytes, points: list[Floats]) -> None:
        """A filled convex polygon."""
        cv2.fillConvexPoly(mask, np.array([self.at(p) for p in points], np.int32), 255)


def mask_in(body: Body, window: Window, size: tuple[int, int]) -> Bytes:
    """The person mask inside a window of the frame, at ``size``."""
    mask, scale = body.pose.mask, body.pose.scale
    matrix = np.array(
        [
            [(window.x1 - window.x0) / size[0] / scale, 0, window.x0 / scale],
            [0, (window.y1 - window.y0) / size[1] / scale, window.y0 / scale],
        ],
        np.float32,
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(mask, matrix, size, flags=flags), np.uint8)


def enlarged(mask: Bytes, wide: Window, window: Window) -> Bytes:
    """A small mask of ``wide``, softened, at full size inside ``window``."""
    full = cv2.resize(cv2.blur(mask, (3, 3)), (wide.x1 - wide.x0, wide.y1 - wide.y0), interpolation=cv2.INTER_LINEAR)
    cut = full[window.y0 - wide.y0 : window.y1 - wide.y0, window.x0 - wide.x0 : window.x1 - wide.x0]
    return np.ascontiguousarray(cut, np.uint8)
