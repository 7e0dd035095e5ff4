"""Placing a garment on a body: every vertex of every part, in the frame's pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fitting.body import Body
from fitting.garment import Garment, Part
from fitting.headwear import glasses_targets, hat_targets
from fitting.limbs import along_lines
from fitting.lower import leg, skirt_targets, trousers_targets
from fitting.pose import Floats
from fitting.silhouette import Silhouette
from fitting.sleeves import sleeve, sleeve_start
from fitting.torso import torso_targets

# A limb's vertices change from the body's mesh to the limb's own lines between these places, in bones.
SLEEVE_SEAM = (-0.05, 0.20)
HIP_SEAM = (0.75, 1.25)
# A forearm further behind the torso's plane than this, in body scales, has its sleeve drawn behind the torso.
FAR_SLEEVE = 0.55

Filter = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """A garment on a body: ``places`` maps a part's name to its vertices (n, 2); ``order`` is drawn back to front."""

    garment: Garment
    places: dict[str, Floats]
    order: tuple[str, ...]


def place(garment: Garment, body: Body, silhouette: Silhouette, smooth: Filter) -> Placement:
    """Puts a garment on a body; ``smooth`` filters the handles' targets over time."""
    targets = targets_of(garment, body, silhouette)
    handles = smooth(np.array([targets[name] for name in garment.handles], np.float32))
    known = dict(zip(garment.handles, handles, strict=True))
    places: dict[str, Floats] = {}
    for name, part in garment.parts.items():
        spots: Floats = part.weights @ handles
        if part.limb:
            left = name.endswith("left")
            if garment.kind == "trousers":
                lines = leg(garment, body, known, left)
                spots = _seamed(part, spots, along_lines(*lines, part.along, part.across), HIP_SEAM)
            else:
                arm, side = body.arms[1 if left else 0], "left" if left else "right"
                start = sleeve_start(garment, body, arm, known[f"armpit_{side}"])
                moved = handles.copy()
                moved[garment.handles.index(f"armpit_{side}")] = start
                spots = part.weights @ moved
                lines = sleeve(garment, body, arm, known[f"shoulder_{side}"], start, silhouette)
                spots = _seamed(part, spots, along_lines(*lines, part.along, part.across), SLEEVE_SEAM)
        places[name] = np.ascontiguousarray(spots, np.float32)
    return Placement(garment, places, _order(garment, body))


def targets_of(garment: Garment, body: Body, silhouette: Silhouette) -> dict[str, Floats]:
    """Where a garment's handles belong on a body, by its kind."""
    if garment.kind == "skirt":
        return skirt_targets(garment, body, silhouette)
    if garment.kind == "trousers":
        return trousers_targets(garment, body, silhouette)
    if garment.kind == "hat":
        return hat_targets(garment, body)
    if garment.kind == "glasses":
        return glasses_targets(garment, body)
    return torso_targets(garment, body, silhouette)


def _seamed(part: Part, torso: Floats, limb: Floats, seam: tuple[float, float]) -> Floats:
    share = np.clip((part.along - seam[0]) / (seam[1] - seam[0]), 0, 1)[:, None]
    share = share * share * (3 - 2 * share)
    return np.asarray(torso + share * (limb - torso), np.float32)


def _order(garment: Garment, body: Body) -> tuple[str, ...]:
    """Sleeves behind the torso first, then the torso, then the sleeves in front of it, the nearest last."""
    sleeves = [
        (arm.depth, f"sleeve_{side}")
        for arm, side in zip(body.arms, ("right", "left"), strict=True)
        if f"sleeve_{side}" in garment.parts
    ]
    sleeves.sort(reverse=True)
    behind = [name for depth, name in sleeves if depth > FAR_SLEEVE]
    front = [name for depth, name in sleeves if depth <= FAR_SLEEVE]
    body_parts = [name for name in garment.parts if not name.startswith("sleeve") and name != "back"]
    return (*behind, *body_parts, *front)
