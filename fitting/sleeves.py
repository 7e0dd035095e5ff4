"""Sleeves on arms: where their outer and inner lines run."""

from __future__ import annotations

import math

import numpy as np

from fitting.body import Arm, Body, ease_in_out, unit
from fitting.garment import Garment
from fitting.limbs import STEPS, Limb, bent, limb_of
from fitting.pose import Floats
from fitting.silhouette import Silhouette
from fitting.torso import FREE_EDGE, texels

# A sleeve is at least as wide as the wearer's own arm in its own sleeve, in body scales (half widths).
ELBOW_COVER = 0.165
WRIST_COVER = 0.125
WRIST_OVERLAP = 0.09
# The own arm's width is looked up this far down the forearm: farther down the hand is wider.
FOREARM_LOOK = 0.6
# A sleeve seen from its end is drawn this many times as far as the arm reaches: its edge is straight, the arm's is not.
ROUND_END = 1.2
# And so much of its width is left there.
NARROW_END = 0.6
# An arm's outline further off than this many times the cut's half width is not the arm's.
MAX_WIDENING = 1.8
# A sleeve's inner line begins at least this share of the sleeve's half width beside the bone.
INNER_START = 0.8
SHORTEST_SEAM = 0.15  # in body scales
# Cloth stands off the shoulder between its tip and the cuff, in body scales.
SHORT_BULGE = 0.08


def sleeve_start(garment: Garment, body: Body, arm: Arm, armpit: Floats) -> Floats:
    """Where a sleeve's inner line begins: at the armpit, but on the inner side of the arm and above its cuff.

    The near arm of a turned body hides its armpit, and a hanging arm's short sleeve ends beside it: cloth from there
    would fold over.
    """
    side = "left" if arm.side > 0 else "right"
    first = "elbow" if garment.long_sleeved else "cuff"
    points = garment.keypoints
    half = float(np.hypot(*(points[f"{first}_outer_{side}"] - points[f"{first}_inner_{side}"]))) / 2
    bone = unit(arm.elbow - arm.shoulder)
    inward = arm.side * np.array([-bone[1], bone[0]], np.float32)
    missing = INNER_START * half * texels(body, garment) - float((armpit - arm.shoulder) @ inward)
    armpit = armpit + max(0.0, missing) * inward
    reach = 1.0 if garment.long_sleeved else garment.cut.sleeve
    seam = reach * float(np.hypot(*(arm.elbow - arm.shoulder))) - float((armpit - arm.shoulder) @ bone)
    return np.asarray(armpit - max(0.0, SHORTEST_SEAM * body.scale - seam) * bone, np.float32)


def sleeve(
    garment: Garment, body: Body, arm: Arm, tip: Floats, armpit: Floats, silhouette: Silhouette
) -> tuple[Floats, Floats]:
    """The outer and inner line of a sleeve that begins at the shoulder's tip and at ``sleeve_start``."""
    side = "left" if arm.side > 0 else "right"
    size = texels(body, garment)
    points = garment.keypoints
    names = ("elbow", "cuff") if garment.long_sleeved else ("cuff",)
    cut = [
        float(np.hypot(*(points[f"{name}_outer_{side}"] - points[f"{name}_inner_{side}"]))) / 2 * size for name in names
    ]
    if not garment.long_sleeved:
        return _short(garment, body, arm, tip, armpit, cut[0], silhouette)
    elbow = max(cut[0], ELBOW_COVER * body.scale)
    wrist = max(cut[1], WRIST_COVER * body.scale)
    lifted = 0.75 * ease_in_out(arm.lift + 0.5)
    root = (tip * 0.62 + armpit * 0.38) * (1 - lifted) + arm.shoulder * lifted
    start = max(elbow, 0.42 * float(np.hypot(*(tip - armpit))))
    upper, fore = unit(arm.elbow - arm.shoulder), unit(arm.wrist - arm.elbow)
    normal = arm.side * _left(unit(upper + fore))
    widths = np.array(
        [
            [start, start],
            _hanging(elbow, ELBOW_COVER * body.scale, float(normal @ body.down)),
            _hanging(wrist, WRIST_COVER * body.scale, float(arm.side * _left(fore) @ body.down)),
        ],
        np.float32,
    )
    length = float(np.hypot(*(arm.wrist - arm.elbow))) * (1 + WRIST_OVERLAP)
    seen = arm.side_on(body.scale)
    if seen < 1:
        # Swung out of the upper arm's direction: the straight way from there to the wrist may lead back over the elbow.
        beyond, wide = _round_end(garment, body, arm, elbow, silhouette)
        length = beyond + seen * (length - beyond)
        narrowing = np.outer([1.0, NARROW_END], wide)
        widths[1:] = narrowing + seen * (widths[1:] - narrowing)
        fore = _swung(upper, fore, seen)
    end = arm.elbow + length * fore
    limb = limb_of(np.array([root, arm.elbow, end], np.float32), arm.side)
    return bent(limb, widths, (tip, armpit), own=_own_arm(body, limb, widths, silhouette))


def _own_arm(body: Body, limb: Limb, widths: Floats, silhouette: Silhouette) -> Floats:
    """How far the wearer's arm reaches outward and inward (2, 2 * STEPS + 1) where its outline shows; else 0."""
    half = np.array([np.interp(limb.along, [0, 1, 2], widths[:, column]) for column in (0, 1)], np.float32)
    high = (MAX_WIDENING * half).ravel()
    found = silhouette.reach(
        np.concatenate([limb.straight] * 2),
        np.concatenate([limb.normal, -limb.normal]),
        0 * high,
        high,
        high,
        arms=True,
    )
    own = np.where(found < high - 1e-3, found + FREE_EDGE * body.scale, 0).astype(np.float32).reshape(half.shape)
    last = round((1 + FOREARM_LOOK) * STEPS)
    own[:, last + 1 :] = own[:, last : last + 1]
    return own


def _left(direction: Floats) -> Floats:
    """The direction turned to its left on the screen."""
    return np.array([direction[1], -direction[0]], np.float32)


def _hanging(cut: float, arm: float, low: float) -> list[float]:
    """Half widths outward and inward of a sleeve: it lies on a level arm and hangs below it.

    ``arm``: the arm's own half width; ``low``: how far down the outward side faces, -1..1.
    """
    return [cut - (cut - arm) * max(0.0, away) for away in (-low, low)]


def _swung(start: Floats, end: Floats, share: float) -> Floats:
    """A direction so far on the shorter way round from one to another."""
    angle = share * math.atan2(float(start[0] * end[1] - start[1] * end[0]), float(start @ end))
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([start[0] * cosine - start[1] * sine, start[0] * sine + start[1] * cosine], np.float32)


def _round_end(garment: Garment, body: Body, arm: Arm, half: float, silhouette: Silhouette) -> tuple[float, Floats]:
    """How far a sleeve reaches whose forearm is seen from its end, and its half widths (2,): straight on around the
    elbow.

    So short a ribbon of cloth would be folded to a flap.
    """
    upper = unit(arm.elbow - arm.shoulder)
    low, high = np.full(1, half, np.float32), np.full(1, MAX_WIDENING * half, np.float32)
    found = silhouette.reach(arm.elbow[None], upper, low, high, low, arms=True)
    beyond = float(np.where(found < high, ROUND_END * found, low)[0])
    wide = _arm_reach(garment, body, arm.elbow, arm.side * _left(upper), half, silhouette, least=half)
    return beyond, np.array(wide, np.float32)


def _short(
    garment: Garment, body: Body, arm: Arm, tip: Floats, armpit: Floats, cuff: float, silhouette: Silhouette
) -> tuple[Floats, Floats]:
    direction = unit(arm.elbow - arm.shoulder)
    normal = arm.side * np.array([direction[1], -direction[0]], np.float32)
    end = arm.shoulder + garment.cut.sleeve * (arm.elbow - arm.shoulder)
    outward, inward = _arm_reach(garment, body, end, normal, cuff, silhouette)
    along = np.linspace(0, 1, STEPS + 1, dtype=np.float32)[:, None]
    hanging = max(0.0, float(direction @ body.down))  # on a raised arm cloth lies
    bulge = hanging * SHORT_BULGE * min(1.0, garment.cut.sleeve / 0.7) * body.scale * 4 * along * (1 - along)
    outer = tip + along * (end + normal * outward - tip) + bulge * normal
    bones = arm.shoulder + along * (end - arm.shoulder)
    high = np.full(len(bones), MAX_WIDENING * cuff, np.float32)
    found = silhouette.reach(bones, np.broadcast_to(normal, bones.shape), 0 * high, high, high, arms=True)
    own = np.where(found < high - 1e-3, found + FREE_EDGE * body.scale, 0)
    outer = outer + np.maximum(0, own - (outer - bones) @ normal)[:, None] * normal
    inner = armpit + along * (end - normal * inward - armpit)
    return outer.astype(np.float32), inner.astype(np.float32)


def _arm_reach(
    garment: Garment,
    body: Body,
    centre: Floats,
    normal: Floats,
    half: float,
    silhouette: Silhouette,
    least: float = 0.0,
) -> tuple[float, float]:
    """A sleeve's half widths outward and inward: the arm's own where its outline shows, else as cut."""
    high = np.full(2, MAX_WIDENING * half, np.float32)
    found = silhouette.reach(
        np.array([centre, centre]), np.array([normal, -normal]), 0.6 * high / MAX_WIDENING, high, high, arms=True
    )
    free = found < high - 1e-3
    edge = 0.0 if garment.cut.drape is None else FREE_EDGE * body.scale
    wide = np.where(free, np.maximum(found + edge, half if garment.cut.drape is None else least), half)
    return float(wide[0]), float(wide[1])
