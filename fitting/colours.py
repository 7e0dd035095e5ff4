"""Colour models of what a person shows: skin, hair, their own clothes. Histograms, learnt while they move."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from fitting.compiled import compiled
from fitting.pose import Bytes, Floats

# Brightness bins are 8 wide in the dark, where hair and clothes differ by little, and 16 wide in the light. Chroma bins
# are 6 wide and centred on grey: they cover skin and most cloth, the rest falls into the outermost.
DARK_BINS, CHROMA_BINS = 16, 16
SHAPE = (DARK_BINS + 8, CHROMA_BINS, CHROMA_BINS)
BINS = SHAPE[0] * SHAPE[1] * SHAPE[2]
LEARN = 0.25  # share of a new frame in the model
FLOOR = 2e-5  # probability of a colour that was never seen


@compiled("void(uint8[:,:,::1], uint16[:,::1])")
def _encode(ycc: Bytes, codes: npt.NDArray[np.uint16]) -> None:
    for y in range(codes.shape[0]):
        for x in range(codes.shape[1]):
            red = min(15, max(0, (int(ycc[y, x, 1]) - 80) // 6))
            blue = min(15, max(0, (int(ycc[y, x, 2]) - 80) // 6))
            light = int(ycc[y, x, 0])
            codes[y, x] = ((light // 8 if light < 128 else 8 + light // 16) * 16 + red) * 16 + blue


@compiled("void(uint16[:,:], uint8[:,:], float32[::1], float32[:,::1])")
def _weigh(codes: npt.NDArray[np.uint16], where: Bytes, table: Floats, score: Floats) -> None:
    for y in range(codes.shape[0]):
        for x in range(codes.shape[1]):
            score[y, x] = table[codes[y, x]] if where[y, x] > 0 else np.float32(-4)


def weigh(codes: npt.NDArray[np.uint16], where: Bytes, table: Floats) -> Floats:
    """The table's value of each bin (h, w); the lowest evidence, -4, outside ``where``."""
    score = np.empty(codes.shape, np.float32)
    _weigh(codes, where, table, score)
    return score


def encode(picture: Bytes) -> npt.NDArray[np.uint16]:
    """Each BGR pixel's bin (h, w), 0 .. BINS - 1, in brightness and chroma."""
    codes = np.empty(picture.shape[:2], np.uint16)
    _encode(np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YCrCb), np.uint8), codes)
    return codes


def _lit(light: float, chroma: float) -> npt.NDArray[np.int64]:
    """The bin of every bin's colour with so many times its brightness and its chroma."""
    bright, red, blue = np.unravel_index(np.arange(BINS), SHAPE)
    value = np.minimum(np.where(bright < DARK_BINS, bright * 8 + 4, (bright - 8) * 16 + 8) * light, 255)
    dark = np.where(value < 128, value // 8, 8 + value // 16).astype(np.int64)
    moved = [((80 + 6 * c + 3 - 128) * chroma + 128 - 80) // 6 for c in (red, blue)]
    low, high = (np.clip(c, 0, CHROMA_BINS - 1).astype(np.int64) for c in moved)
    return np.asarray((dark * CHROMA_BINS + low) * CHROMA_BINS + high)


# What was seen is also expected in shadow: of a hand on the chest, under an arm, in a fold.
SHADES = ((0.3, _lit(0.8, 0.8)), (0.15, _lit(0.62, 0.62)))
# And skin in the light of a lamp, of which it shines: brighter, but no redder.
GLEAMS = ((0.1, _lit(1.25, 1.0)), (0.05, _lit(1.5, 1.0)))
LIGHTS = [_lit(light, light) for light in (0.62, 0.8, 1.25, 1.6)]
# How far a bin's colour is from grey towards skin's, in bins.
REDNESS = np.subtract(*np.unravel_index(np.arange(BINS), SHAPE)[1:]).astype(np.float32)


class Palette:
    """One colour distribution, learnt from samples over time: ``share`` as seen, ``shaded`` as it may be in shadow."""

    def __init__(self) -> None:
        self.share: Floats | None = None
        self.shaded: Floats | None = None

    def learn(self, codes: npt.NDArray[np.uint16], least: int) -> None:
        """Takes in samples; fewer than ``least`` teach nothing."""
        if codes.size < least:
            return
        new = _smooth(np.bincount(codes, minlength=BINS).astype(np.float32))
        self.share = new if self.share is None else (self.share + (new - self.share) * LEARN).astype(np.float32)
        full = self.share.copy()
        for share, dark in SHADES:
            full += share * np.bincount(dark, self.share, BINS).astype(np.float32)
        self.shaded = full / np.float32(1 + sum(share for share, _ in SHADES))

    def overlap(self, other: Palette) -> float:
        """How much two palettes share; 1 while one of them is unknown."""
        if self.share is None or other.share is None:
            return 1.0
        return overlap(self.share, other.share)

    def shown_by(self, other: Palette) -> float:
        """How much of it the other has at least half as often whatever the light, 0..1; 0 while one is unknown.

        The light differs by a limb's direction, and half of what a shirt shows may be its print.
        """
        if self.share is None or other.share is None:
            return 0.0
        mine, theirs = (
            share + np.sum([np.bincount(light, share, BINS) for light in LIGHTS], axis=0)
            for share in (self.share, other.share)
        )
        return overlap(mine, 2 * theirs) / (1 + len(LIGHTS))


def gleaming(skin: Floats) -> Floats:
    """Skin's shares of all bins with what it may show in the light, on top.

    Its paler part is left out: brighter, that is what a print shows beside a hand.
    """
    whole, usual = skin.copy(), float(REDNESS @ skin) / float(skin.sum())
    rosy = np.where(np.greater(REDNESS, usual - 0.5), skin, 0)
    for share, bright in GLEAMS:
        whole += share * np.bincount(bright, rosy, BINS).astype(np.float32)
    return whole


def _smooth(counts: Floats) -> Floats:
    """Shares of all, each bin with its neighbours': they are as good as the same, by noise and shading."""
    cube = counts.reshape(SHAPE)
    for axis in range(3):
        cube = np.moveaxis(cube, axis, 0)
        edge = np.concatenate([cube[:1], cube, cube[-1:]])
        cube = np.moveaxis(0.25 * edge[:-2] + 0.5 * edge[1:-1] + 0.25 * edge[2:], 0, axis)
    return np.asarray(cube / max(1.0, float(cube.sum())), np.float32).reshape(-1)


def overlap(a: Floats, b: Floats) -> float:
    """0 for colours that share nothing, 1 for the same distribution (histogram intersection)."""
    return float(np.minimum(a, b).sum())


def evidence(mine: Floats, theirs: Floats) -> Floats:
    """Log of how much likelier each bin is under ``mine`` than under ``theirs``, clipped to -4..4."""
    return np.clip(np.log((mine + FLOOR) / (theirs + FLOOR)), -4, 4).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """Two distributions told apart: ``table`` (BINS,) is the evidence for one; ``mine`` and ``theirs``: its means."""

    table: Floats
    mine: float
    theirs: float

    @staticmethod
    def between(mine: Floats, theirs: Floats) -> Contrast:
        """The contrast of two shares of all bins."""
        table = evidence(mine, theirs)
        return Contrast(table, float(mine @ table), float(theirs @ table))

    def at(self, way: float) -> float:
        """The evidence at a share of the way from what the second shows to what the first shows."""
        return self.theirs + way * (self.mine - self.theirs)
