"""The plain ground that a garment was photographed on: its colour everywhere, and where it is surely seen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from fitting.errors import PhotoUnusable
from fitting.pose import Bytes, Floats

Mask = npt.NDArray[np.bool_]

# Ground is looked for in a picture of this longer side: fast, and a camera's noise is averaged away.
SIDE = 640
# Ratios to the ground are taken in logarithms, black being this bright (of 1): darker pixels are noise.
BLACK = 0.06
# The share of the shorter side that is taken for ground to begin with, all around.
RING = 0.03
# A ring that leaves a smooth surface by more than this, in logarithms at its 80th percentile, is not plain.
PLAIN = 0.10
# The least tolerance of what is taken for ground, in logarithms: paper is never quite even.
LEAST = 0.022
# The least step from pixel to pixel, in logarithms, that is an edge.
LEAST_STEP = 0.006
# A shadow takes at most this much light, in logarithms, and fades by less than this a pixel.
DARKEST, FADE = 1.1, 0.05
# A shadow that may be a garment reaches at most this many pixels beside the lit ground.
WIDEST = 12
# Less ground than this share of the ring is a pattern's.
LEAST_GROUND = 0.5

BUSY = (
    "The background is not plain. Photograph the garment on one even colour that it does not have itself, or save a "
    "cut-out PNG with a transparent background."
)


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A picture beside its ground. ``ratio`` float32 (H, W, 3) is the logarithm of picture over lit ground: 0 where the
    ground is lit, the same below 0 in all channels where it lies in shadow. ``lit`` is surely ground, ``shaded`` looks
    like ground in a shadow and is reached from the lit one without crossing an edge. ``tolerance`` is its noise.
    """

    ratio: Floats
    lit: Mask
    shaded: Mask
    tolerance: float

    @property
    def light(self) -> Floats:
        """The ratio's brightness, (H, W)."""
        return np.asarray(self.ratio.mean(axis=2), np.float32)

    @property
    def tint(self) -> Floats:
        """How far each pixel's colour leaves the ground's, shadow or not, (H, W)."""
        away = self.ratio - self.ratio.mean(axis=2, keepdims=True)
        return np.asarray(np.sqrt((away * away).sum(axis=2)), np.float32)


def backdrop_of(picture: Bytes) -> Backdrop:
    """The ground of a BGR picture; raises PhotoUnusable when its surroundings are not plain."""
    logs = np.log(cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.float32) / 255 + BLACK)
    height, width = logs.shape[:2]
    edge = max(4, round(min(height, width) * RING))
    ring = np.ones((height, width), np.bool_)
    ring[edge:-edge, edge:-edge] = False
    ratio = logs - _surface(logs, ring, 2)
    spread = float(np.percentile(np.abs(ratio[ring]).max(axis=1), 80))
    if spread > PLAIN:
        raise PhotoUnusable(BUSY)
    lit = ring
    for degree in (2, 3, 4):
        lit, _ = _lit(ratio, ring)
        if lit.sum() < LEAST_GROUND * ring.sum():
            raise PhotoUnusable(BUSY)
        ratio = logs - _surface(logs, lit, degree)
    lit, tolerance = _lit(ratio, ring)
    found = Backdrop(np.asarray(ratio, np.float32), lit, lit, tolerance)
    light, tint = found.light, found.tint
    faint = (tint < 1.5 * tolerance) & (light < tolerance) & (light > -DARKEST) & (_steepness(light) < FADE)
    shaded = _reached(faint | lit, lit)
    if (shaded & ~lit).sum() > (~shaded & ~lit).sum():
        # More shadow than garment: it is a garment that is a shade darker than the ground.
        far = cv2.distanceTransform((~lit).astype(np.uint8), cv2.DIST_L2, 5) > WIDEST
        shaded &= ~far
    return Backdrop(found.ratio, lit, shaded, tolerance)


def _lit(ratio: Floats, ring: Mask) -> tuple[Mask, float]:
    """What is ground in the light, reached from the ring without crossing an edge, and its noise."""
    away = np.abs(ratio).max(axis=2)
    tolerance = max(LEAST, 2.2 * float(np.percentile(away[ring], 80)))
    steep = np.max([_steepness(ratio[..., channel]) for channel in range(3)], axis=0)
    even = max(LEAST_STEP, 2.2 * float(np.percentile(steep[ring], 80)))
    reached = _reached((away < tolerance) & (steep < even), ring)
    wider = cv2.dilate(reached.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(wider & (away < tolerance)), tolerance


def _steepness(values: Floats) -> Floats:
    """The change a pixel of (H, W)."""
    across, down = cv2.Scharr(values, cv2.CV_32F, 1, 0), cv2.Scharr(values, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(across, down) / 32, np.float32)


def _surface(logs: Floats, known: Mask, degree: int) -> Floats:
    """A polynomial through the known pixels, robustly: what stands out from it is left out."""
    height, width = logs.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack([x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)], axis=-1)
    rows, columns = np.nonzero(known)
    some = slice(None, None, max(1, len(rows) // 20_000))
    basis, seen = terms[rows[some], columns[some]], logs[rows[some], columns[some]]
    weight: Floats = np.ones(len(basis), np.float32)
    for _ in range(6):
        root = np.sqrt(weight)[:, None]
        factors = np.linalg.lstsq(basis * root, seen * root, rcond=None)[0]
        away = np.abs(seen - basis @ factors).max(axis=1)
        scale = max(0.005, 2 * float(np.median(away)))
        weight = np.asarray(1 / (1 + (away / scale) ** 4), np.float32)
    return np.asarray(terms @ factors.astype(np.float32), np.float32)


def _reached(open_: Mask, start: Mask) -> Mask:
    """The part of ``open_`` that is connected with ``start`` by more than a crack."""
    wide = cv2.morphologyEx(open_.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels = cv2.connectedComponents(wide, connectivity=4)
    reached = np.isin(labels, np.unique(labels[start & (wide > 0)]))
    return np.asarray(reached & (wide > 0))
