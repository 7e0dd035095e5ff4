"""Proposing key points from a garment's outline; the author may move them in garment.json afterwards."""

from __future__ import annotations

import cv2
import numpy as np

from fitting.body import unit
from fitting.contour import LEAST_CORNER, Notch, Rows, extreme, notches_of, outline_of, pair, top_at, way
from fitting.errors import PhotoUnusable
from fitting.neckline import front_edge
from fitting.pose import Bytes, Floats

Points = dict[str, tuple[float, float]]

# The wearer's left is on the picture's right.
SIGNS = {"left": 1.0, "right": -1.0}
SEEN = {"left": "right", "right": "left"}

# A sleeve longer than this share of the chest's width reaches below the elbow.
LONG_SLEEVE = 0.85
# Half of a neck opening as a share of the shoulders' width, and its depth.
NECK_HALF, NECK_DEPTH = 0.19, 0.10
# A cuff is further out than the hem or, beside a skirt's wide hem, much further up: a way up counts this much.
WIDE_HEM = 0.3
# A cuff's corner lies furthest along the sleeve and to one side; along counts this much more.
CORNER = 1.5
# Without sleeves the side begins where this share of the chest's width is reached, in this upper share of the height,
# and the armhole is at least this share of the height.
SIDE_BEGINS, CHEST, LEAST_ARMHOLE = 0.97, 0.45, 0.05
# A hole between a sleeve and the body is at least this share of the garment, and this share of its half width away
# from the middle, where a neckline may have one.
LEAST_HOLE, BESIDE = 0.004, 0.3
# How deep a waist's opening may be, in its widths.
WAIST_DEPTH = 0.16
# Levels below a garment's top, in shoulder widths, at which a neck's middle is measured.
NECK_LEVELS = (0.03, 0.06, 0.09, 0.12)
# A crown's width is measured between these shares of a hat's height; a brim is this much wider; a band lies no lower.
CROWN, BRIM, BAND = (0.2, 0.6), 1.3, 0.85
# Lenses are where glasses are at least this share of their height.
LENS = 0.7


def propose(kind: str, picture: Bytes) -> tuple[Points, list[tuple[float, float]]]:
    """Key points and neckline of a BGRA picture; raises PhotoUnusable when the outline does not look like the kind."""
    outline = outline_of(picture)
    if kind in ("top", "outer", "dress"):
        return _sleeved(outline, picture)
    if kind in ("skirt", "trousers"):
        points = _skirt(outline) if kind == "skirt" else _trousers(outline, picture)
        return points, _waistline(points, picture)
    return (_hat(outline, picture) if kind == "hat" else _glasses(outline, picture)), []


def _sleeved(outline: Floats, picture: Bytes) -> tuple[Points, list[tuple[float, float]]]:
    middle = float(outline[:, 0].min() + outline[:, 0].max()) / 2
    rows = picture[..., 3] > 127
    notches = notches_of(outline)
    sleeves = {side: _below_sleeve(notches, middle, sign) for side, sign in SIGNS.items()}
    points: Points = {}
    if touching := [seen for side, seen in SEEN.items() if _touches(sleeves, rows, middle, side)]:
        # Such a sleeve has no armpit to be found, and hides what would have to be drawn below it.
        which = "Both sleeves lie" if len(touching) == 2 else f"The sleeve on the picture's {touching[0]} lies"
        raise PhotoUnusable(f"{which} against the body; lay it away from the body's side, at about 45 degrees.")
    if all(sleeves.values()):
        for side, sign in SIGNS.items():
            points.update(_sleeve(outline, rows, sleeves[side], side, sign))  # type: ignore[arg-type]
        _elbows(points)
    else:
        points.update(_armholes(outline, middle))
    for side in SIGNS:
        armpit, hem = points[f"armpit_{side}"], points[f"hem_{side}"]
        points[f"waist_{side}"] = (armpit[0] + hem[0]) / 2, (armpit[1] + hem[1]) / 2
    return points, _neckline(points, picture, rows)


def _below_sleeve(notches: list[Notch], middle: float, sign: float) -> Notch | None:
    """The deepest notch on one side that is open downwards: between a sleeve and the body."""
    mine = [n for n in notches if (n.deepest[0] - middle) * sign > 0]
    return next((n for n in mine if max(rim[1] for rim in n.rims) > n.deepest[1]), None)


def _touches(sleeves: dict[str, Notch | None], rows: Rows, middle: float, side: str) -> bool:
    """Whether the ground is seen through a hole between a sleeve and the body, or only the other sleeve is free."""
    half = float(np.abs(np.nonzero(rows.any(axis=0))[0] - middle).max())
    contours, levels = cv2.findContours(rows.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for contour, level in zip(contours, levels[0], strict=True):
        away = (float(contour[:, 0, 0].mean()) - middle) * SIGNS[side]
        if level[3] >= 0 and away > BESIDE * half and cv2.contourArea(contour) > LEAST_HOLE * rows.sum():
            return True
    return sleeves[side] is None and any(sleeves.values())


def _sleeve(outline: Floats, rows: Rows, notch: Notch, side: str, sign: float) -> Points:
    """A sleeve's ends. The armpit is where the notch reaches furthest up and towards the body."""
    outward = int(np.argmax([sign * rim[0] - WIDE_HEM * rim[1] for rim in notch.rims]))
    rim, hem = notch.rims[outward], notch.rims[1 - outward]
    between = way(outline, rim, hem, notch.deepest)
    armpit = between[int(np.argmin(between @ np.array([sign, 1], np.float32)))]
    shoulder = np.array([armpit[0], top_at(rows, armpit[0])], np.float32)
    along = unit(np.array([sign, 1.0], np.float32))
    for _ in range(3):
        sleeve = way(outline, armpit, shoulder, rim)
        sleeve = sleeve[(sleeve - armpit) @ along > 0]
        if len(sleeve) == 0:
            raise PhotoUnusable("A sleeve's end cannot be found; lay both sleeves out straight.")
        inward = sign * np.array([-along[1], along[0]], np.float32)
        upper = sleeve[(sleeve - armpit) @ inward < LEAST_CORNER * np.hypot(*(armpit - shoulder))]
        inner = sleeve[int(np.argmax(sleeve @ (CORNER * along + inward)))]
        outer = upper[int(np.argmax(upper @ (CORNER * along - inward)))] if len(upper) else rim
        along = unit((inner + outer) / 2 - (shoulder + armpit) / 2)
    return {
        f"shoulder_{side}": pair(shoulder),
        f"armpit_{side}": pair(armpit),
        f"cuff_inner_{side}": pair(inner),
        f"cuff_outer_{side}": pair(outer),
        f"hem_{side}": pair(hem),
    }


def _elbows(points: Points) -> None:
    """Adds elbows in the middle of both sleeves, if both are long."""
    at = {name: np.array(place, np.float32) for name, place in points.items()}
    chest = float(np.hypot(*(at["armpit_left"] - at["armpit_right"])))
    for side in SIGNS:
        end = at[f"cuff_outer_{side}"] + at[f"cuff_inner_{side}"]
        if float(np.hypot(*(end - at[f"shoulder_{side}"] - at[f"armpit_{side}"]))) / 2 < LONG_SLEEVE * chest:
            return
    for side in SIGNS:
        points[f"elbow_outer_{side}"] = pair((at[f"shoulder_{side}"] + at[f"cuff_outer_{side}"]) / 2)
        points[f"elbow_inner_{side}"] = pair((at[f"armpit_{side}"] + at[f"cuff_inner_{side}"]) / 2)


def _armholes(outline: Floats, middle: float) -> Points:
    """A sleeveless garment: the armhole runs from the strap's outer end to where the side begins."""
    points: Points = {}
    height, top = float(np.ptp(outline[:, 1])), float(outline[:, 1].min())
    for side, sign in SIGNS.items():
        strap = outline[int(np.argmax(outline @ np.array([sign, -1], np.float32)))]
        upper = outline[((outline[:, 0] - middle) * sign > 0) & (outline[:, 1] < top + CHEST * height)]
        reach = float(((upper[:, 0] - middle) * sign).max())
        wide = upper[(upper[:, 0] - middle) * sign > SIDE_BEGINS * reach]
        armpit = wide[int(np.argmin(wide[:, 1]))]
        if armpit[1] - strap[1] < LEAST_ARMHOLE * height or (armpit[0] - strap[0]) * sign < 0:
            raise PhotoUnusable(
                "No armpits are visible in the outline. Lay the garment flat with its sleeves away from the body, "
                "at about 45 degrees."
            )
        points[f"shoulder_{side}"], points[f"armpit_{side}"] = pair(strap), pair(armpit)
        points[f"hem_{side}"] = extreme(outline, sign, 1)
    return points


def _neckline(points: Points, picture: Bytes, rows: Rows) -> list[tuple[float, float]]:
    """The front edge of the neck's opening; where none is seen, an arc of usual size."""
    right, left = points["shoulder_right"][0], points["shoulder_left"][0]
    width, centre = left - right, _neck_middle(rows, (left + right) / 2, left - right)
    seen = front_edge(picture, centre - width / 2, centre + width / 2, width, widest=False)
    if seen:
        return seen
    ends = [(centre + sign * NECK_HALF * width, top_at(rows, centre + sign * NECK_HALF * width)) for sign in (-1, 1)]
    line = []
    for angle in np.linspace(np.pi, 0, 11):
        x = centre + NECK_HALF * width * float(np.cos(angle))
        base = float(np.interp(x, [ends[0][0], ends[1][0]], [ends[0][1], ends[1][1]]))
        line.append((round(x, 1), round(base + NECK_DEPTH * width * float(np.sin(angle)), 1)))
    return line


def _neck_middle(rows: Rows, guess: float, width: float) -> float:
    """The middle of what stands up between the shoulders: a collar, or the back's edge."""
    first, last = int(guess - NECK_HALF * width), int(guess + NECK_HALF * width)
    top = min(top_at(rows, x) for x in range(first, last))
    middles = []
    for share in NECK_LEVELS:
        columns = np.nonzero(rows[min(len(rows) - 1, int(top + share * width))])[0]
        columns = columns[np.abs(columns - guess) < width / 2]
        if len(columns):
            middles.append(float(columns[0] + columns[-1]) / 2)
    return float(np.median(middles)) if middles else guess


def _waistline(points: Points, picture: Bytes) -> list[tuple[float, float]]:
    """The front edge of a waist's opening, if its inside is seen."""
    width = points["waist_left"][0] - points["waist_right"][0]
    top = int(min(points["waist_left"][1], points["waist_right"][1]))
    columns = np.nonzero((picture[top : top + int(WAIST_DEPTH * width), :, 3] > 127).any(axis=0))[0]
    return front_edge(picture, float(columns[0]), float(columns[-1]), WAIST_DEPTH * width, widest=True)


def _skirt(outline: Floats) -> Points:
    return {
        "waist_left": extreme(outline, 1, -3),
        "waist_right": extreme(outline, -1, -3),
        "hem_left": extreme(outline, 1, 1),
        "hem_right": extreme(outline, -1, 1),
    }


def _trousers(outline: Floats, picture: Bytes) -> Points:
    notches = [n for n in notches_of(outline) if n.deepest[1] < min(rim[1] for rim in n.rims)]
    if not notches:
        raise PhotoUnusable("The legs cannot be told apart; lay the trousers flat with the legs apart.")
    crotch, corners = notches[0].deepest, sorted(notches[0].corners, key=lambda corner: float(corner[0]))
    inner = {"right": corners[0], "left": corners[1]}
    points: Points = {
        "waist_left": extreme(outline, 1, -3),
        "waist_right": extreme(outline, -1, -3),
        "crotch": pair(crotch),
    }
    rows = picture[..., 3] > 127
    for side, sign in (("left", 1.0), ("right", -1.0)):
        points[f"hem_inner_{side}"] = pair(inner[side])
        points[f"hem_outer_{side}"] = extreme(outline, sign, 1)
        y = (float(crotch[1]) + float(inner[side][1])) / 2
        columns = np.nonzero(rows[int(y)])[0]
        leg = columns[(columns - crotch[0]) * sign > 0]
        if len(leg) == 0:
            raise PhotoUnusable("A leg cannot be found; photograph the whole pair of trousers.")
        near, far = (leg.min(), leg.max()) if sign > 0 else (leg.max(), leg.min())
        points[f"knee_inner_{side}"], points[f"knee_outer_{side}"] = (float(near), y), (float(far), y)
    return points


def _hat(outline: Floats, picture: Bytes) -> Points:
    """The band is the last row in which the hat is as wide as its crown: below it the brim begins, or the hat ends."""
    rows = picture[..., 3] > 127
    low, high = outline.min(0), outline.max(0)
    widths = rows[int(low[1]) : int(high[1]) + 1].sum(axis=1)
    crown = float(np.median(widths[int(CROWN[0] * len(widths)) : int(CROWN[1] * len(widths))]))
    band = int(low[1]) + int(np.nonzero(widths[: int(BAND * len(widths)) + 1] < BRIM * crown)[0].max())
    across = np.nonzero(rows[band - int(0.1 * len(widths))])[0]
    middle = (float(across.min()) + float(across.max())) / 2
    half = min(crown, float(np.ptp(across))) / 2
    return {
        "band_left": (round(middle + half, 1), float(band)),
        "band_right": (round(middle - half, 1), float(band)),
        "crown_top": (round(middle, 1), float(low[1])),
    }


def _glasses(outline: Floats, picture: Bytes) -> Points:
    """The lenses are where the glasses are high."""
    rows = picture[..., 3] > 127
    low, high = outline.min(0), outline.max(0)
    middle = float(low[0] + high[0]) / 2
    first = [float(np.argmax(column)) for column in rows.T]
    height = np.array([float(column[int(top) :].sum()) for column, top in zip(rows.T, first, strict=True)])
    points: Points = {}
    for side, sign in SIGNS.items():
        mine = np.where((np.arange(len(height)) - middle) * sign > 0, height, 0)
        lens = np.nonzero(mine > LENS * mine.max())[0]
        x = float(lens.mean())
        points[f"lens_{side}"] = pair(np.array([x, np.nonzero(rows[:, int(x)])[0].mean()]))
    return points
