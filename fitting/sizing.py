"""Size advice: what a picture and an entered height say about a size, and how a chosen size changes the garment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import numpy as np

from fitting import pose as at
from fitting.body import Body
from fitting.garment import Garment
from fitting.silhouette import Silhouette
from fitting.torso import SHOULDERS_CM, TORSO_CM, side_reach

# Shares of the body height of an average adult (Drillis and Contini 1966, and the MakeHuman bodies used in tests).
EYES_ABOVE_ANKLES = 0.897
SHOULDERS_ABOVE_HIPS = 0.300
# A torso's depth as a share of its width; clothes and the camera's angle add to the spread.
DEPTH_SHARE = 0.72
CLOTHES_CM = 1.0
HIDDEN_CHEST = 0.95
# A chest is fuller than an ellipse of its width, and fullest beside the arms; measured on MakeHuman's six adults.
FULL_CHEST = 1.11
# One standard deviation of the chest estimate: from a whole body, and from the upper body only.
SPREAD_CM, SPREAD_HALF_CM = 4.0, 6.0
# What a garment measures more than the body that it fits, round the chest (waist, hips: half of it).
EASE_CM = {"top": 8.0, "outer": 14.0, "dress": 4.0, "skirt": 3.0, "trousers": 3.0}
LOWER = ("skirt", "trousers")
HEIGHT_RANGE_CM = (120.0, 220.0)
MAX_TURN = 0.35  # radians; a turned body's width says nothing
LEAST_VISIBLE = 0.6

Reason = Literal["whole-body", "upper-body", "no-chart", "no-height", "turned", "not-seen", "outside-chart"]


@dataclass(frozen=True, slots=True)
class Measures:
    """A body's estimated girths in cm, with one standard deviation.

    ``whole``: from eyes to ankles in the picture. ``standing``: the knees are in the picture; who may be sitting has
    hips of any width. The waist hides under what is worn over it and is an upper bound.
    """

    chest: float
    waist: float
    hips: float
    spread: float
    whole: bool
    standing: bool = True


@dataclass(frozen=True, slots=True)
class Advice:
    """A range of sizes, smallest first, with its reason; empty: "can't tell", and why."""

    sizes: tuple[str, ...]
    reason: Reason


def measure(body: Body, height_cm: float | None) -> Measures | Reason:
    """Girths from one pose, a silhouette and the entered height; or the reason why they cannot be told."""
    if height_cm is None or not HEIGHT_RANGE_CM[0] <= height_cm <= HEIGHT_RANGE_CM[1]:
        return "no-height"
    seen = body.pose.visibility
    if min(seen[at.LEFT_SHOULDER], seen[at.RIGHT_SHOULDER], seen[at.LEFT_HIP], seen[at.RIGHT_HIP]) < LEAST_VISIBLE:
        return "not-seen"
    if not body.facing or abs(body.yaw) > MAX_TURN:
        return "turned"
    ankles = (body.point(at.LEFT_ANKLE) + body.point(at.RIGHT_ANKLE)) / 2
    eyes = (body.point(at.LEFT_EYE) + body.point(at.RIGHT_EYE)) / 2
    whole = _inside(body, at.LEFT_ANKLE, at.RIGHT_ANKLE) and _inside(body, at.LEFT_EYE, at.RIGHT_EYE)
    if whole:
        per_cm = float(np.hypot(*(ankles - eyes))) / (EYES_ABOVE_ANKLES * height_cm)
    else:
        per_cm = body.torso / (SHOULDERS_ABOVE_HIPS * height_cm)
    reach = side_reach(body, Silhouette(body), np.array([0.35, 0.74, 0.97], np.float32), 0.0)
    widths = reach.sum(axis=0) / per_cm - CLOTHES_CM
    # Hanging arms hide the chest's outline; it is about as wide as the mean of shoulders and waist.
    hidden = HIDDEN_CHEST * (float(widths[1]) + body.scale / per_cm) / 2
    chest, waist, hips = (_girth(float(width)) for width in (max(widths[0], hidden), widths[1], widths[2]))
    chest *= FULL_CHEST
    standing = _inside(body, at.LEFT_KNEE, at.RIGHT_KNEE)
    return Measures(chest, waist, hips, SPREAD_CM if whole else SPREAD_HALF_CM, whole, standing)


def _inside(body: Body, left: int, right: int) -> bool:
    """Whether both landmarks are seen within the picture: the tracker also guesses those beyond it."""
    pose = body.pose
    height, width = (side * pose.scale for side in pose.mask.shape[:2])
    inside = [0 <= pose.points[k][0] < width and 0 <= pose.points[k][1] < height for k in (left, right)]
    return all(inside) and float(min(pose.visibility[left], pose.visibility[right])) >= LEAST_VISIBLE


def _girth(width: float) -> float:
    """The circumference of an ellipse (Ramanujan's first approximation)."""
    a, b = width / 2, width / 2 * DEPTH_SHARE
    return math.pi * (3 * (a + b) - math.sqrt((3 * a + b) * (a + 3 * b)))


def advise(garment: Garment, measures: Measures | Reason) -> Advice:
    """The sizes whose chart fits the body within the estimate's spread."""
    if isinstance(measures, str):
        return Advice((), measures)
    girths = _chart(garment)
    if not girths:
        return Advice((), "no-chart")
    if garment.kind in LOWER and not measures.standing:
        return Advice((), "not-seen")
    need = _need(garment, measures)
    sizes = list(girths)
    best = min(sizes, key=lambda size: abs(girths[size] - need))
    if abs(girths[best] - need) > 2.5 * SPREAD_HALF_CM:
        return Advice((), "outside-chart")
    near = [size for size in sizes if size == best or abs(girths[size] - need) < measures.spread]
    return Advice(tuple(near), "whole-body" if measures.whole else "upper-body")


def _key(chart: Mapping[str, float], kind: str) -> str | None:
    """The girth that decides: under a shirt a waist is not seen, hips are."""
    order = ("hip", "waist") if kind in LOWER else ("chest", "waist", "hip")
    return next((name for name in order if name in chart), None)


def _chart(garment: Garment) -> dict[str, float]:
    keys = {size: _key(chart, garment.kind) for size, chart in garment.sizes_cm.items()}
    return {size: garment.sizes_cm[size][key] for size, key in keys.items() if key}


def _need(garment: Garment, measures: Measures) -> float:
    ease = EASE_CM.get(garment.kind, 0.0)
    key = _key(next(iter(garment.sizes_cm.values())), garment.kind)
    return measures.chest + ease if key == "chest" else (measures.waist if key == "waist" else measures.hips) + ease


def resized(garment: Garment, size: str, fits: str | None) -> Garment:
    """The garment as it hangs in ``size`` on a body that ``fits`` (None: the sample size) is right for."""
    chart = garment.sizes_cm
    fits = fits or garment.sample_size
    if size not in chart or fits not in chart or size == fits:
        return garment
    wanted, right = chart[size], chart[fits]
    key = _key(wanted, garment.kind)
    wider = (wanted[key] - right.get(key, wanted[key])) / (math.pi * (1 + DEPTH_SHARE) / 2) / 2 if key else 0.0
    longer = wanted.get("length", 0.0) - right.get("length", 0.0)
    arm = wanted.get("sleeve", 0.0) - right.get("sleeve", 0.0)
    cut = garment.cut
    changed = msgspec.structs.replace(
        cut,
        ease=cut.ease + wider / SHOULDERS_CM,
        drape=None if cut.drape is None else max(cut.drape, cut.drape + wider / SHOULDERS_CM),
        longer=cut.longer + longer / TORSO_CM,
        sleeve=cut.sleeve + arm / 30.0 if not garment.long_sleeved else cut.sleeve,
    )
    return replace(garment, cut=changed)
