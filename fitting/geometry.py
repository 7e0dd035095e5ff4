"""Placing a garment on a body: every vertex of every part, in the frame's pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fitting.body import Body
from fitting.garment import Garment, Part
from fitting.limbs import along_lines, sleeve
from fitting.pose import Floats
from fitting.silhouette import Silhouette
from fitting.torso import torso_targets

# A sleeve's vertices change from the torso's mesh to the sleeve's own lines within this share of the first bone.
SEAM_START, SEAM_END = -0.05, 0.30

Filter = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """A garment on a body: ``places`` maps a part's name to its vertices (n, 2); ``order`` is drawn back to front."""

    garment: Garment
    places: dict[str, Floats]
    order: tuple[str, ...]


def place(garment: Garment, body: Body, silhouette: Silhouette, smooth: Filter) -> Placement:
    """Puts a garment on a body; ``smooth`` filters the handles' targets over time."""
    targets = torso_targets(garment, body, silhouette)
    handles = smooth(np.array([targets[name] for name in garment.handles], np.float32))
    known = dict(zip(garment.handles, handles, strict=True))
    places: dict[str, Floats] = {}
    for name, part in garment.parts.items():
        spots = part.weights @ handles
        if part.limb:
            arm = body.arms[1] if name.endswith("left") else body.arms[0]
            side = name.rpartition("_")[2]
            lines = sleeve(garment, body, arm, known[f"shoulder_{side}"], known[f"armpit_{side}"], silhouette)
            spots = _seamed(part, spots, along_lines(*lines, part.along, part.across))
        places[name] = np.ascontiguousarray(spots, np.float32)
    return Placement(garment, places, _order(garment, body))


def _seamed(part: Part, torso: Floats, limb: Floats) -> Floats:
    share = np.clip((part.along - SEAM_START) / (SEAM_END - SEAM_START), 0, 1)[:, None]
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
    behind = [name for depth, name in sleeves if depth > 0.55]
    front = [name for depth, name in sleeves if depth <= 0.55]
    body_parts = [name for name in garment.parts if not name.startswith("sleeve") and name != "back"]
    return (*behind, *body_parts, *front)
