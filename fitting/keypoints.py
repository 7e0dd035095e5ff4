"""Proposing key points from a garment's outline; the author may move them in garment.json afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from fitting.body import unit
from fitting.errors import PhotoUnusable
from fitting.pose import Bytes, Floats

Points = dict[str, tuple[float, float]]

# A sleeve longer than this share of the chest's width reaches below the elbow.
LONG_SLEEVE = 0.85
# Half of a neck opening as a share of the shoulders' width, and its depth.
NECK_HALF, NECK_DEPTH = 0.19, 0.10
# An armpit or crotch is at least this deep a notch, as a share of the garment's height.
LEAST_NOTCH = 0.06
# A cuff's inner corner stands off the line from the armpit to its outer end by this share of that line.
LEAST_CORNER = 0.05


def propose(kind: str, picture: Bytes) -> tuple[Points, list[tuple[float, float]]]:
    """Key points and neckline of a BGRA picture; raises PhotoUnusable when the outline does not look like the kind."""
    outline = _outline(picture)
    if kind in ("top", "outer", "dress"):
        return _sleeved(outline, picture)
    if kind == "skirt":
        return _skirt(outline), []
    if kind == "trousers":
        return _trousers(outline, picture), []
    return (_hat(outline) if kind == "hat" else _glasses(outline)), []


def _outline(picture: Bytes) -> Floats:
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


def _notches(outline: Floats) -> list[Notch]:
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
    way = np.arange(forward + 1) if forward <= count / 2 else -np.arange(count - forward + 1)
    path = outline[(deep + way) % count]
    straight = unit(path[-1] - path[0])
    offset = (path - path[0]) @ np.array([-straight[1], straight[0]])
    furthest = int(np.argmax(np.abs(offset)))
    length = float(np.hypot(*(path[-1] - path[0])))
    return np.asarray(path[furthest] if abs(offset[furthest]) > LEAST_CORNER * length else path[-1])


def _pair(point: Floats) -> tuple[float, float]:
    return round(float(point[0]), 1), round(float(point[1]), 1)


def _sleeved(outline: Floats, picture: Bytes) -> tuple[Points, list[tuple[float, float]]]:
    middle = float(outline[:, 0].min() + outline[:, 0].max()) / 2
    top = float(outline[:, 1].min())
    points: Points = {}
    armpits: dict[str, Floats] = {}
    rims: dict[str, Floats] = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        mine = [n for n in _notches(outline) if (n.deepest[0] - middle) * sign > 0]
        below = [n for n in mine if max(rim[1] for rim in n.rims) > n.deepest[1]]
        if not below:
            raise PhotoUnusable(
                "No armpits are visible in the outline. Lay the garment flat with its sleeves away from the body, "
                "at about 45 degrees."
            )
        notch = below[0]
        index = 0 if (notch.rims[0][0] - notch.rims[1][0]) * sign > 0 else 1
        armpits[side], rims[side] = notch.deepest, notch.rims[index]
        points[f"armpit_{side}"], points[f"cuff_inner_{side}"] = _pair(notch.deepest), _pair(notch.corners[index])
        points[f"hem_{side}"] = _pair(notch.rims[1 - index])
    chest = float(armpits["left"][0] - armpits["right"][0])
    rows = picture[..., 3] > 127
    for side, sign in (("left", 1.0), ("right", -1.0)):
        armpit, cuff = armpits[side], np.array(points[f"cuff_inner_{side}"], np.float32)
        shoulder = np.array([armpit[0], _top(rows, armpit[0])], np.float32)
        points[f"shoulder_{side}"] = _pair(shoulder)
        along = unit(cuff - armpit)
        across = sign * np.array([along[1], -along[0]])
        outer = outline[(outline - armpit) @ across > 0.03 * chest]
        outer = outer[(outer[:, 0] - armpit[0]) * sign > 0]
        if len(outer) == 0:
            raise PhotoUnusable("A sleeve's end cannot be found; lay both sleeves out straight.")
        reach = (outer - cuff) @ along * 2 + (outer - cuff) @ across
        end = outer[int(np.argmax(reach))]
        if float(np.hypot(*(rims[side] - cuff))) > 0.1 * chest:  # the rim was the cuff's outer end
            end = rims[side]
        points[f"cuff_outer_{side}"] = _pair(end)
        if float(np.hypot(*((end + cuff) / 2 - (shoulder + armpit) / 2))) > LONG_SLEEVE * chest:
            points[f"elbow_outer_{side}"] = _pair((shoulder + end) / 2)
            points[f"elbow_inner_{side}"] = _pair((armpit + cuff) / 2)
        side_middle = (armpit + np.array(points[f"hem_{side}"], np.float32)) / 2
        points[f"waist_{side}"] = _pair(side_middle)
    for name in [name for name in points if name.startswith("elbow")]:
        if name.replace("left", "right") not in points or name.replace("right", "left") not in points:
            del points[name]
    width = points["shoulder_left"][0] - points["shoulder_right"][0]
    centre = (points["shoulder_left"][0] + points["shoulder_right"][0]) / 2
    line = []
    level = _top(rows, centre - NECK_HALF * width), _top(rows, centre + NECK_HALF * width)
    depth = NECK_DEPTH * width
    for angle in np.linspace(np.pi, 0, 11):
        x = centre + NECK_HALF * width * float(np.cos(angle))
        base = level[0] + (level[1] - level[0]) * (x - centre + NECK_HALF * width) / (2 * NECK_HALF * width)
        line.append((round(x, 1), round(max(base, top) + depth * float(np.sin(angle)), 1)))
    return points, line


def _top(rows: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], x: float) -> float:
    column = rows[:, int(np.clip(x, 0, rows.shape[1] - 1))]
    return float(np.argmax(column)) if column.any() else 0.0


def _corner(outline: Floats, x: float, y: float) -> tuple[float, float]:
    """The outline's point furthest in a direction: (+1, +1) is the lower right."""
    return _pair(outline[int(np.argmax(outline[:, 0] * x + outline[:, 1] * y))])


def _skirt(outline: Floats) -> Points:
    return {
        "waist_left": _corner(outline, 1, -3),
        "waist_right": _corner(outline, -1, -3),
        "hem_left": _corner(outline, 1, 1),
        "hem_right": _corner(outline, -1, 1),
    }


def _trousers(outline: Floats, picture: Bytes) -> Points:
    notches = [n for n in _notches(outline) if n.deepest[1] < min(rim[1] for rim in n.rims)]
    if not notches:
        raise PhotoUnusable("The legs cannot be told apart; lay the trousers flat with the legs apart.")
    crotch, corners = notches[0].deepest, sorted(notches[0].corners, key=lambda corner: float(corner[0]))
    inner = {"right": corners[0], "left": corners[1]}
    points: Points = {
        "waist_left": _corner(outline, 1, -3),
        "waist_right": _corner(outline, -1, -3),
        "crotch": _pair(crotch),
    }
    rows = picture[..., 3] > 127
    for side, sign in (("left", 1.0), ("right", -1.0)):
        points[f"hem_inner_{side}"] = _pair(inner[side])
        points[f"hem_outer_{side}"] = _corner(outline, sign, 1)
        y = (float(crotch[1]) + float(inner[side][1])) / 2
        columns = np.nonzero(rows[int(y)])[0]
        leg = columns[(columns - crotch[0]) * sign > 0]
        if len(leg) == 0:
            raise PhotoUnusable("A leg cannot be found; photograph the whole pair of trousers.")
        near, far = (leg.min(), leg.max()) if sign > 0 else (leg.max(), leg.min())
        points[f"knee_inner_{side}"], points[f"knee_outer_{side}"] = (float(near), y), (float(far), y)
    return points


def _hat(outline: Floats) -> Points:
    low, high = outline.min(0), outline.max(0)
    centre, width = (low + high) / 2, float(high[0] - low[0])
    band = float(low[1] + 0.8 * (high[1] - low[1]))
    return {
        "band_left": _pair(np.array([centre[0] + 0.27 * width, band])),
        "band_right": _pair(np.array([centre[0] - 0.27 * width, band])),
        "crown_top": _pair(np.array([centre[0], low[1]])),
    }


def _glasses(outline: Floats) -> Points:
    low, high = outline.min(0), outline.max(0)
    centre, width = (low + high) / 2, float(high[0] - low[0])
    return {
        "lens_left": _pair(np.array([centre[0] + 0.22 * width, centre[1]])),
        "lens_right": _pair(np.array([centre[0] - 0.22 * width, centre[1]])),
    }
