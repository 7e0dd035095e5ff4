"""How a worn T-shirt compares with the one that a generated person truly wears, pixel by pixel.

A truth mask (h, w), uint8: ``value & 15`` is what shows (3-5 shirt, 2 hair, 8-9 forearms, 10-11 hands, 0 background),
``value & 16`` marks the whole shirt, hidden or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from fitting.pose import Bytes
from tests.fitting.people import FOREARMS, HANDS, SHIRT

Mask = npt.NDArray[np.bool_]

HAIR = (2,)
WHOLE = 16
OCCLUDERS = {"occ_hand": HANDS, "occ_arm": FOREARMS, "occ_hair": HAIR}
# Shares of the shoulder width: what is forgiven at an outline, and how near to an occluder a hole is caused by it.
FORGIVEN, NEAR = 0.03, 0.08
SPECK = 40  # an occluder's piece of fewer pixels says nothing
SHADOW = 30  # pixels around a garment within which its shadow may lie
FEW = 200  # fewer pixels than this in all make no share


@dataclass
class Score:
    """Means over pictures, and shares pooled over them; lengths in per cent of the shoulder width."""

    means: dict[str, list[float]] = field(default_factory=dict)
    pools: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, truth: Bytes, alpha: Bytes, shoulders: float, before: Bytes, after: Bytes) -> None:
        """Takes in one picture: its truth, the garment's alpha, the shoulders in pixels, the frame and the answer."""
        shows, whole = truth & 15, (truth & WHOLE) > 0
        shirt, worn = np.isin(shows, SHIRT), alpha > 127
        edge = grown(shirt, FORGIVEN * shoulders) & grown(~shirt, FORGIVEN * shoulders)
        far = ~grown(alpha > 0, SHADOW)
        figures = {
            "iou": share(worn & shirt, worn | shirt),
            "iou_tol": share(worn & shirt & ~edge, (worn | shirt) & ~edge),
            "uncovered": share(shirt & ~worn, shirt),
            "bleed": share(worn & ~grown(shows > 0, FORGIVEN * shoulders), worn),
            "untouched": 1 - share((before != after).any(axis=2) & far, far),
        }
        if worn.any():  # an outline that is not there is nowhere
            figures["boundary"] = 100 * outline_distance(worn, shirt) / shoulders
        for name, value in figures.items():
            self.means.setdefault(name, []).append(value)
        front: Mask = np.zeros(shirt.shape, np.bool_)
        for name, parts in OCCLUDERS.items():
            piece = whole_pieces(np.isin(shows, parts) & whole)
            front |= piece
            self._pool(name, worn & piece, piece)
        around = shirt & grown(front, NEAR * shoulders)
        self._pool("hole", around & ~worn, around)

    def _pool(self, name: str, hit: Mask, of: Mask) -> None:
        self.pools.setdefault(name, []).append((int(hit.sum()), int(of.sum())))

    def figures(self) -> dict[str, float]:
        """Every figure by name; a share of next to nothing is left out."""
        found = {name: float(np.mean(values)) for name, values in self.means.items()}
        for name, pairs in self.pools.items():
            hit, of = (sum(column) for column in zip(*pairs, strict=True))
            if of >= FEW:
                found[name] = hit / of
        return found


def share(part: Mask, of: Mask) -> float:
    """How much of ``of`` is in ``part``; 0 of nothing."""
    return float(part.sum()) / max(1, int(of.sum()))


def grown(mask: Mask, by: float) -> Mask:
    """A mask with ``by`` pixels more on every side."""
    side = 2 * max(1, round(by)) + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def whole_pieces(mask: Mask) -> Mask:
    """Without specks."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    kept = stats[:, cv2.CC_STAT_AREA] >= SPECK
    kept[0] = False
    return np.asarray(kept[labels])


def outline_distance(a: Mask, b: Mask) -> float:
    """Mean symmetric distance in pixels between the outlines of two masks."""
    edges = [mask & grown(~mask, 1) for mask in (a, b)]
    far = [cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 5) for edge in edges]
    return float((far[1][edges[0]].mean() + far[0][edges[1]].mean()) / 2)


def middle(worn: Mask, truth: Bytes) -> tuple[float, float]:
    """The centroid (x, y) of a mask away from whatever is in front of it; NaN where too little is left."""
    clear = worn & ~grown(np.isin(truth & 15, (*HAIR, *FOREARMS, *HANDS)), 9)
    rows, columns = np.nonzero(clear)
    return (float(columns.mean()), float(rows.mean())) if len(rows) > SPECK else (np.nan, np.nan)
