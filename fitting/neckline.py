"""The front edge of an opening through which a garment's inside is seen: a neck's or a waist's."""

from __future__ import annotations

import cv2
import numpy as np

from fitting.pose import Bytes, Floats
from fitting.retouch import bleed

# The opening is looked for in a picture in which it is this many pixels wide.
COLUMNS = 160
# The edge goes down by at most this many pixels a column: a deep V-neck's flank.
STEEPEST = 6
# What a column's change of level costs, and what being below the outline costs, where an edge's strength is 1.
SLOPE_COST, DEPTH_COST = 0.12, 0.35
# The strongest that an edge counts: a black print must not outweigh the rest of the way.
STRONGEST = 3.0
# How much a colour's change counts beside the light's: the inside lies in shadow.
TINT = 0.5
# What lies behind another edge is that much weaker: the front edge is the first one that is met.
BEHIND = 0.5
# The middle of an opening, as a share of the width: left of it the edge goes down, right of it up.
MIDDLE = 0.1
# An opening less wide, or less deep, than this share of the width that was searched is none.
LEAST_WIDE, WAIST_WIDE, LEAST_DEEP = 0.25, 0.7, 0.03
# An outline that dips by this share of the width in its middle shows the front only.
LEAST_DIP = 0.06
POINTS = 15


def front_edge(picture: Bytes, left: float, right: float, deepest: float, widest: bool) -> list[tuple[float, float]]:
    """The edge between the columns ``left`` and ``right`` of a BGRA picture, as points from left to right.

    It runs where, seen from the middle of the opening, dark inside meets light front, at most ``deepest`` pixels below
    the outline; found as the path of the greatest sum of edge strengths (dynamic programming over the columns). Where
    the outline itself dips, only the front is seen, and it is the edge. Empty when nothing like an edge is found.
    ``widest``: an opening spans the whole width, as a waist's does.
    """
    scale = COLUMNS / (right - left)
    solid = picture[:, int(left) : int(right), 3] > 127
    top = np.argmax(solid, axis=0)[solid.any(axis=0)]
    if not len(top):
        return []
    low, high = max(0, int(top.min()) - 4), min(picture.shape[0], int(top.max() + deepest))
    crop = bleed(picture[low:high, int(left) : int(right)])
    small = cv2.resize(crop, (COLUMNS, max(8, round((high - low) * scale))), interpolation=cv2.INTER_AREA)
    filled = small[..., 3] > 127
    outline = np.where(filled.any(axis=0), np.argmax(filled, axis=0), filled.shape[0] - 1)
    dip = _dip(outline)
    if dip is None:
        levels = _best_path(_strength(np.asarray(small, np.uint8), outline), outline)
        below = np.nonzero(levels > outline + max(1, LEAST_DEEP * COLUMNS))[0]
        if len(below) < (WAIST_WIDE if widest else LEAST_WIDE) * COLUMNS:
            return []
        ends = max(0, below[0] - 1), min(COLUMNS - 1, below[-1] + 1)
    else:
        levels, ends = outline.astype(np.float32), dip
    columns = np.linspace(*ends, POINTS)
    rows = np.interp(columns, np.arange(COLUMNS), levels)
    return [
        (round(float(int(left) + x / scale), 1), round(float(low + y / scale), 1))
        for x, y in zip(columns, rows, strict=True)
    ]


def _dip(outline: Floats) -> tuple[int, int] | None:
    """The columns of the rims on both sides of a dip in the middle of an outline; None where it does not dip."""
    half = len(outline) // 2
    rims = int(np.argmin(outline[:half])), half + int(np.argmin(outline[half:]))
    depth = float(outline[half - 4 : half + 4].mean()) - max(float(outline[rim]) for rim in rims)
    return rims if depth > LEAST_DIP * len(outline) else None


def _strength(small: Bytes, outline: Floats) -> Floats:
    """How much lighter or otherwise coloured the picture becomes, pixel by pixel, away from the opening's middle."""
    lab = cv2.cvtColor(small[..., :3].astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    lab = cv2.GaussianBlur(lab, (0, 0), 1.3)
    across = np.stack([cv2.Scharr(lab[..., c], cv2.CV_32F, 1, 0) for c in range(3)], axis=-1) / 32
    down = np.stack([cv2.Scharr(lab[..., c], cv2.CV_32F, 0, 1) for c in range(3)], axis=-1) / 32
    height, width = small.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x - width / 2, y - float(outline[width // 2 - 8 : width // 2 + 8].mean())
    away = np.maximum(np.hypot(x, y), 1)[..., None]
    change = (across * x[..., None] + down * y[..., None]) / away
    edge = change[..., 0] + TINT * np.hypot(change[..., 1], change[..., 2])
    usual = max(0.7, float(np.percentile(np.abs(edge), 80)))
    edge = np.clip(edge / usual, -1, STRONGEST).astype(np.float32)
    edge = (edge + edge[:, ::-1]) / 2  # an opening is about as wide on both sides
    nearer = np.zeros_like(edge)
    centre_x, centre_y = np.float32(width / 2), y[0, 0] * -1
    for share in np.linspace(0.3, 0.85, 12):
        at_x, at_y = centre_x + x * np.float32(share), centre_y + y * np.float32(share)
        nearer = np.maximum(nearer, cv2.remap(edge, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    return np.asarray(edge - BEHIND * nearer - DEPTH_COST, np.float32)


def _best_path(strength: Floats, outline: Floats) -> Floats:
    """The level of the path in each column; a path on the outline gains and costs nothing."""
    height, width = strength.shape
    levels = np.arange(height)
    reward = np.where(levels[:, None] > outline[None, :] + 2, strength, -9)
    steps = np.arange(-STEEPEST, STEEPEST + 1)
    length, cost = np.hypot(1, steps), SLOPE_COST * np.abs(steps)
    best = np.full(height, -np.inf)
    came = np.zeros((height, width), np.int32)
    for column in range(width):
        start = int(outline[column])
        padded = np.pad(best, STEEPEST, constant_values=-np.inf)
        gains = np.stack(
            [
                padded[STEEPEST - s : STEEPEST - s + height] + reward[:, column] * n - c
                for s, n, c in zip(steps, length, cost, strict=True)
            ]
        )
        side = column / width - 0.5
        gains[steps < 0 if side < -MIDDLE else steps > 0 if side > MIDDLE else np.abs(steps) > 2] = -np.inf
        choice = np.argmax(gains, axis=0)
        new, came[:, column] = gains[choice, levels], levels - steps[choice]
        # On the outline: nothing is gained; from the outline's place before, however far, nothing is lost.
        before = int(outline[max(0, column - 1)])
        options = {before: best[before] if column else 0.0}
        near = [level for level in range(max(0, start - STEEPEST), min(height, start + STEEPEST + 1)) if column]
        options.update({level: best[level] for level in near if best[level] > options.get(level, -np.inf)})
        origin = max(options, key=lambda level: options[level])
        new[start], came[start, column] = options[origin], origin
        new[:start] = -np.inf
        best = new
    level = int(outline[-1])
    path = np.zeros(width)
    for column in range(width - 1, -1, -1):
        path[column] = level
        level = int(np.clip(came[level, column], 0, height - 1))
    return np.asarray(path, np.float32)
