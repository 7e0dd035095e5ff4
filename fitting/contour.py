"""A garment's outline: its notches, corners and the ways between them, in pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fitting.body import unit
from fitting.pose import Bytes, Floats

Rows = npt.NDArray[np.bool_]

# An armpit or crotch is at least this deep a notch, as a share of the garment's height.
LEAST_NOTCH = 0.06
# A cuff's inner corner stands off the line from the armpit to its outer end by this share of that line.
LEAST_CORNER = 0.05


def outline_of(picture: Bytes) -> Floats:
    """The outline of a BGRA picture's biggest piece, float32 (n, 2)."""
    contours, _ = cv2.findContours((picture[..., 3] > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(contours, key=cv2.contourArea).reshape(-1, 2), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Notch:
    """A concave notch of the outline: its deepest point, both rims, and the corner before each rim if there is one.

    A cuff or a trouser's hem is cut across: the rim is its outer end, the corner its inner one.
    """

    deepest: Floats
    rims: tuple[Floats, Floats]
    corners: tuple[Floats, Floats]


def notches_of(outline: Floats) -> list[Notch]:
    """The outline's concave notches, deepest first."""
    contour = outline.astype(np.int32)
    hull = np.sort(cv2.convexHull(contour, returnPoints=False).ravel())[::-1]
    found: Any = cv2.convexityDefects(contour, hull)
    height = float(np.ptp(outline[:, 1]))
    defects = np.zeros((0, 4), np.int32) if found is None else np.asarray(found).reshape(-1, 4)
    rows = [row for row in defects if row[3] / 256 > LEAST_NOTCH * height]
    rows.sort(key=lambda row: -int(row[3]))
    return [
        Notch(
            outline[row[2]],
            (outline[row[0]], outline[row[1]]),
            (_corner_between(outline, row[2], row[0]), _corner_between(outline, row[2], row[1])),
        )
        for row in rows
    ]


def _corner_between(outline: Floats, deep: int, rim: int) -> Floats:
    """The point of the shorter way from a notch's depth to its rim that lies furthest off the straight line."""
    count = len(outline)
    forward = (rim - deep) % count
    steps = np.arange(forward + 1) if forward <= count / 2 else -np.arange(count - forward + 1)
    path = outline[(deep + steps) % count]
    straight = unit(path[-1] - path[0])
    offset = (path - path[0]) @ np.array([-straight[1], straight[0]])
    furthest = int(np.argmax(np.abs(offset)))
    length = float(np.hypot(*(path[-1] - path[0])))
    return np.asarray(path[furthest] if abs(offset[furthest]) > LEAST_CORNER * length else path[-1])


def way(outline: Floats, start: Floats, end: Floats, through: Floats) -> Floats:
    """The outline's points from ``start`` to ``end`` on the way that passes ``through``."""
    first, last, between = (int(np.argmin(np.hypot(*(outline - place).T))) for place in (start, end, through))
    count = len(outline)
    forward = (last - first) % count
    if (between - first) % count <= forward:
        return np.asarray(outline[(first + np.arange(forward + 1)) % count])
    return np.asarray(outline[(first - np.arange(count - forward + 1)) % count])


def pair(point: Floats) -> tuple[float, float]:
    """A point as it is written."""
    return round(float(point[0]), 1), round(float(point[1]), 1)


def top_at(rows: Rows, x: float) -> float:
    """The first row of a column that is garment."""
    column = rows[:, int(np.clip(x, 0, rows.shape[1] - 1))]
    return float(np.argmax(column)) if column.any() else 0.0


def extreme(outline: Floats, x: float, y: float) -> tuple[float, float]:
    """The outline's point furthest in a direction: (+1, +1) is the lower right."""
    return pair(outline[int(np.argmax(outline[:, 0] * x + outline[:, 1] * y))])
