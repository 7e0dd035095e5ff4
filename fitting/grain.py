"""The grain of hair and cloth: how much brightness varies between pixels. Locks are streaked, most cloth is plain."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from fitting.colours import LEARN, overlap
from fitting.compiled import compiled
from fitting.pose import Bytes, Floats

# A deviation of brightness (of 255) is told in so many parts of one, and in levels that are finest where it is small.
PARTS, LEVELS = 8, 12
LEVEL = (np.log2(1 + np.arange(256) / PARTS) * (LEVELS - 1) / np.log2(1 + 255 / PARTS)).astype(np.int64)
FLOOR = 0.01  # share of a level that was never seen
# Where hair begins, on the way from the clothes' grain to hair's.
WAY = 0.5
# The grain of hair and clothes is another where they share less than this.
OTHER = 0.45
# What less than this share of the clothes is as coarse as or coarser than has streaks that they have not.
FINEST = 0.03
# Fewer samples teach nothing.
LEAST_HAIR, LEAST_CLOTH = 30, 60
AROUND = np.ones((5, 5), np.uint8)
# What is seen at a pixel of the grain comes from so far.
REACH = np.ones((7, 7), np.uint8)


def grain(picture: Bytes) -> Bytes:
    """How much brightness deviates around each pixel of a BGR picture (h, w), the least of all places beside it.

    That of a single edge between two plain colours is a narrow band.
    """
    light = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    off = cv2.absdiff(light, cv2.blur(light, (5, 5)))
    return np.asarray(cv2.erode(cv2.blur(cv2.convertScaleAbs(off, alpha=PARTS), (5, 5)), AROUND), np.uint8)


class Grain:
    """One wearer's, of hair and clothes; ``table`` (256,) is above 0 for hair's, None while one is unknown.

    ``differs``: whether it tells them apart where their colours hardly do.
    """

    def __init__(self) -> None:
        self.table: Floats | None = None
        self.differs = False
        self._hair: Floats | None = None
        self._cloth: Floats | None = None

    def streaked(self, levels: Bytes) -> Bytes:
        """Where it is coarser than nearly all of the clothes', 255 or 0; nowhere while this is unknown."""
        if self._cloth is None:
            return np.zeros_like(levels)
        coarse = np.cumsum(self._cloth) - self._cloth > 1 - FINEST
        return np.asarray(coarse[LEVEL[levels]].view(np.uint8) * np.uint8(255))

    def learn_cloth(self, cloth: Bytes) -> None:
        """Takes in what a frame shows of the clothes, from ``grain``."""
        self._cloth = _learnt(self._cloth, cloth, LEAST_CLOTH)

    def learn_hair(self, hair: Bytes) -> None:
        """Takes in what it shows of hair, and compares."""
        self._hair = _learnt(self._hair, hair, LEAST_HAIR)
        if self._hair is not None and self._cloth is not None:
            self.differs = overlap(self._hair, self._cloth) < OTHER
            told = np.log((self._hair + FLOOR) / (self._cloth + FLOOR))
            middle = (1 - WAY) * float(self._cloth @ told) + WAY * float(self._hair @ told)
            self.table = (told - middle).astype(np.float32)[LEVEL]


def _learnt(before: Floats | None, samples: Bytes, least: int) -> Floats | None:
    if samples.size < least:
        return before
    counts = np.bincount(LEVEL[samples], minlength=LEVELS)
    new = np.convolve(np.pad(counts / samples.size, 1, mode="edge"), [0.25, 0.5, 0.25], "valid").astype(np.float32)
    return new if before is None else (before + LEARN * (new - before)).astype(np.float32)


@compiled(
    "void(uint16[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1],"
    " float32[::1], float32[::1], float32[::1], float32[::1], float32[:,::1])"
)
def _add(
    codes: npt.NDArray[np.uint16],
    levels: Bytes,
    where: Bytes,
    clear: Bytes,
    table: Floats,
    own: Floats,
    cloth: Floats,
    skin: Floats,
    score: Floats,
) -> None:
    for y in range(codes.shape[0]):
        for x in range(codes.shape[1]):
            if where[y, x] == 0:
                score[y, x] = np.float32(-4)
                continue
            code = codes[y, x]
            value = cloth[code] + (own[code] * table[levels[y, x]] if clear[y, x] > 0 else np.float32(0))
            score[y, x] = min(max(value, np.float32(-4)), skin[code])


def weigh_both(
    codes: npt.NDArray[np.uint16],
    levels: Bytes,
    where: Bytes,
    mixed: Bytes,
    table: Floats,
    tables: tuple[Floats, Floats, Floats],
) -> Floats:
    """The evidence (h, w) for hair by colours and grain; the lowest, -4, outside ``where``.

    ``mixed`` (h, w): skin and ground, whose edge to cloth has a grain of its own: beside them colours alone count.
    ``tables`` of colours (BINS,): 1 for those that hair has, for by grain alone nothing is hair; what tells hair from
    cloth; and from skin.
    """
    score = np.empty(codes.shape, np.float32)
    clear = np.asarray(cv2.erode(cv2.bitwise_not(mixed), REACH), np.uint8)
    _add(codes, levels, where, clear, table, *tables, score)
    return score
