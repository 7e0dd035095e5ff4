"""Limbs of two bones: lines swept along shoulder, elbow and wrist (or hip, knee and ankle)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fitting.body import unit
from fitting.pose import Floats

# The outer and inner line of a limb are kept at this many places a bone.
STEPS = 10
# Rounds the elbow over this share of each bone.
ROUNDING = 0.18
# A limb that is bent by less, in radians, is straight.
STRAIGHT = 0.15
# Cloth on the inside of a bend gathers within this share of the shorter bone.
GATHERED = 0.85
# An elbow's point stands out by at most one over this.
SHARPEST = 0.72


@dataclass(frozen=True, slots=True, eq=False)
class Limb:
    """A limb of two bones, in the frame's pixels.

    ``joints`` (3, 2); each bone's ``directions`` and outward ``normals`` (2, 2) and its ``lengths`` (2,); ``turn``: the
    bend in radians, clockwise on the screen. At 2 * STEPS + 1 places: ``along`` in bones, ``straight`` on the bones
    themselves, ``centre`` rounded at the middle joint, ``normal`` outward and turning around it.
    """

    joints: Floats
    directions: Floats
    normals: Floats
    lengths: Floats
    turn: float
    along: Floats
    straight: Floats
    centre: Floats
    normal: Floats

    def inside(self, sign: int) -> bool:
        """Whether the outer line (``sign`` +1) or the inner one (-1) lies on the inside of a bend."""
        # A positive turn is clockwise on the screen; its inside is where cross(direction, offset) is positive.
        return abs(self.turn) > STRAIGHT and _cross(self.directions[0], sign * self.normals[0]) * self.turn > 0


def limb_of(joints: Floats, side: int) -> Limb:
    """The limb through three joints (3, 2).

    ``side`` +1 for the wearer's left limb, whose outer line lies to the left of the bone's direction on the screen, -1
    for the right one.
    """
    along = np.linspace(0, 2, 2 * STEPS + 1, dtype=np.float32)
    bones = joints[1:] - joints[:-1]
    lengths = np.maximum(np.hypot(bones[:, 0], bones[:, 1]), 1e-3)
    directions = np.array([unit(bones[0]), unit(bones[1])])
    if lengths[0] < 2:
        directions[0] = directions[1]
    if lengths[1] < 2:
        directions[1] = directions[0]
    normals = side * np.column_stack([directions[:, 1], -directions[:, 0]])
    first = along <= 1
    share = np.where(first, along, along - 1)[:, None]
    straight = np.where(first[:, None], joints[0] + share * bones[0], joints[1] + share * bones[1])
    # Around the elbow the centre follows a quadratic curve and the normal turns with it.
    t = np.clip((along - 1 + ROUNDING) / (2 * ROUNDING), 0, 1)
    s = t[:, None]
    enter, leave = joints[1] - ROUNDING * bones[0], joints[1] + ROUNDING * bones[1]
    curve = (1 - s) ** 2 * enter + 2 * s * (1 - s) * joints[1] + s * s * leave
    centre = np.where((np.abs(along - 1) < ROUNDING)[:, None], curve, straight)
    turn = math.atan2(_cross(directions[0], directions[1]), float(directions[0] @ directions[1]))
    cosine, sine = np.cos(turn * t), np.sin(turn * t)
    x, y = normals[0]
    normal = np.column_stack([x * cosine - y * sine, x * sine + y * cosine]).astype(np.float32)
    return Limb(joints, directions, normals, lengths, turn, along, straight, centre, normal)


def bent(
    limb: Limb, widths: Floats, start: tuple[Floats, Floats], *, settle: float = 0.7, own: Floats | None = None
) -> tuple[Floats, Floats]:
    """Outer and inner line (2 * STEPS + 1, 2) of a limb.

    ``widths`` (3, 2) half widths at its joints, outward and inward; ``start``: where the outer and the inner line
    begin, reached smoothly within ``settle`` bones; ``own`` (2, 2 * STEPS + 1): how far cloth must reach from the bones
    at least. On the inside of a bend both bones' lines stop at the bisector, so that cloth gathers there and never
    folds over.
    """
    if own is None:
        own = np.zeros((2, len(limb.along)), np.float32)
    fade = np.clip(1 - limb.along / settle, 0, 1)[:, None] ** 2
    lines = []
    for column, sign in enumerate((1, -1)):
        gathered = limb.inside(sign)
        line = (_gathered if gathered else _rounded)(limb, sign, widths[:, column], own[column])
        line = line + (start[column] - line[0]) * fade
        if not gathered:  # the way from the start must not lead through the wearer's own arm either
            out = sign * limb.normal
            missing = own[column] - ((line - limb.straight) * out).sum(axis=1)
            line = line + np.maximum(0, missing)[:, None] * out
        lines.append(line.astype(np.float32))
    return lines[0], lines[1]


def _rounded(limb: Limb, sign: int, widths: Floats, least: Floats) -> Floats:
    """The line on the outside of a bend, or of a straight limb."""
    half = np.interp(limb.along, [0, 1, 2], widths)
    if abs(limb.turn) <= STRAIGHT:
        return np.asarray(limb.centre + sign * limb.normal * np.maximum(half, least)[:, None])
    # The elbow's point is where both bones' outer lines meet, unless its outline is seen.
    near = np.clip(1 - np.abs(limb.along - 1) / ROUNDING, 0, 1)
    point = float(widths[1]) / max(math.cos(limb.turn / 2), SHARPEST) - float(widths[1])
    half = np.maximum(half + np.where(least > 0, 0, point * near), least)
    return np.asarray(limb.straight + sign * limb.normal * half[:, None])


def _gathered(limb: Limb, sign: int, widths: Floats, least: Floats) -> Floats:
    """The line on the inside of a bend: straight to the crook on the bisector and straight on, so that it never
    crosses itself; the cloth between gathers there."""
    lengths, first = limb.lengths, limb.along <= 1
    slope = math.tan(abs(limb.turn) / 2)
    crook = min(float(widths[1]), GATHERED * float(lengths.min()) / slope)
    need = crook * slope
    away = np.where(first, (1 - limb.along) * lengths[0], (limb.along - 1) * lengths[1])
    free = away > need
    away = np.maximum(away, need)
    share = np.where(first, (away - need) / (lengths[0] - need), (away - need) / (lengths[1] - need))
    half = crook + share * (np.where(first, widths[0], widths[2]) - crook)
    half = np.where(free, np.maximum(half, least), half)
    bone = np.where(first, 0, 1)
    reach = np.where(first, -away, away)
    return np.asarray(
        limb.joints[1] + reach[:, None] * limb.directions[bone] + sign * limb.normals[bone] * half[:, None]
    )


def along_lines(outer: Floats, inner: Floats, along: Floats, across: Floats, per: int = STEPS) -> Floats:
    """Places (n, 2) of vertices given by their ``along`` (in bones) and ``across`` (0 outer, 1 inner)."""
    place = np.clip(along * per, 0, len(outer) - 1.001)
    index = place.astype(np.int64)
    share = (along * per - index)[:, None]  # beyond the ends the lines go on straight
    a = outer[index] + share * (outer[index + 1] - outer[index])
    b = inner[index] + share * (inner[index + 1] - inner[index])
    return np.asarray(a + across[:, None] * (b - a), np.float32)


def _cross(a: Floats, b: Floats) -> float:
    return float(a[0] * b[1] - a[1] * b[0])
