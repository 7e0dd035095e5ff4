"""Pixels that show a moving hand for a part of the exposure only: how much of each is the hand's."""

from __future__ import annotations

import cv2
import numpy as np

from fitting.compiled import compiled
from fitting.pose import Bytes, Floats

# So many pixels are needed to tell a colour, and twice as many to tell an edge.
LEAST_KNOWN = 20
# Cloth must be so far from skin in colour (of 255, over all channels); a pixel this far off the line between the two
# shows something else, too.
LEAST_CONTRAST, OFF = 40.0, 60.0
# At a sharp edge a video's colours change within so many pixels, at a smeared one within more than the second number.
SHARP, SMEARED = 3.2, 5.0
# Of the slopes at edges across the way, where the share changes by so much a pixel, the one that tells, in per cent.
FLAT, ACROSS, STEEP = 0.05, 0.7, 80
# It must be so surely a mixture, for behind a hand there may be an edge, too.
MIXED = 0.3
SMALL = np.ones((3, 3), np.uint8)


def smeared(told: Floats, moved: Floats) -> float:
    """How surely a hand's edges, in its shares as ``unmix`` gives them, are smeared along its way (2,), 0..1."""
    ahead = (moved / np.linalg.norm(moved)).astype(np.float32)
    mixtures = cv2.erode((told[..., 1] > MIXED).view(np.uint8), SMALL)
    near = cv2.dilate((told[..., 2] > 0).view(np.uint8), SMALL, iterations=2)
    slopes = np.empty(near.size, np.float32)
    count = _slopes(told, np.asarray(cv2.bitwise_and(mixtures, near), np.uint8), ahead, slopes)
    if count < 2 * LEAST_KNOWN:
        return 0.0
    place = count * STEEP // 100
    rise = 1 / float(np.partition(slopes[:count], place)[place])
    return min(1.0, max(0.0, (rise - SHARP) / (SMEARED - SHARP)))


@compiled("int64(float32[:,:,::1], uint8[:,::1], float32[::1], float32[::1])")
def _slopes(told: Floats, near: Bytes, ahead: Floats, slopes: Floats) -> int:
    """Collects how steep the shares are on the rim of what was found, at edges across the way."""
    count = 0
    for y in range(1, told.shape[0] - 1):
        for x in range(1, told.shape[1] - 1):
            if near[y, x] and told[y, x, 2] < 1:
                beside = (told[y, x + 1, 0] - told[y, x - 1, 0]) / 2
                below = (told[y + 1, x, 0] - told[y - 1, x, 0]) / 2
                along, squared = abs(beside * ahead[0] + below * ahead[1]), beside * beside + below * below
                if squared > FLAT * FLAT and along * along > ACROSS * ACROSS * squared:
                    slopes[count] = along
                    count += 1
    return count


@compiled(
    "void(uint8[:,:,::1],float32[:,:,::1],float32[:,:,::1],float32[:,::1],float32[::1],float32[::1],float32[:,:,::1])"
)
def unmix(
    picture: Bytes, around: Floats, skins: Floats, depth: Floats, line: Floats, blur: Floats, told: Floats
) -> None:
    """Fills ``told`` (h, w, 4) for a picture (h, w, 3) with a moving hand.

    A hand's share by its colour, how surely that is a mixture, how deep inside the hand it lies, all 0..1, and the blur
    there in pixels. ``around`` (h, w, 4): the sums and the count of the cloth around, ``skins`` those of the hand's
    middle; ``depth`` (h, w): pixels to the edge of what was found; ``blur`` (2,): at the elbow and at the hand.

    ``line``: the elbow's x and y and what projects a place onto the arm, 0 at the elbow and 1 at the hand.
    """
    zero, one = np.float32(0), np.float32(1)
    for y in range(depth.shape[0]):
        for x in range(depth.shape[1]):
            place = (np.float32(x) - line[0]) * line[2] + (np.float32(y) - line[1]) * line[3]
            reach = blur[0] + (blur[1] - blur[0]) * min(max(place, zero), one)
            inner = min(one, depth[y, x] / max(reach, one))
            share, mixture = zero, zero
            if around[y, x, 3] >= LEAST_KNOWN:
                along, length, whole = zero, zero, zero
                for c in range(3):
                    back = around[y, x, c] / around[y, x, 3]
                    way, value = skins[y, x, c] / skins[y, x, 3] - back, np.float32(picture[y, x, c]) - back
                    along += value * way
                    length += way * way
                    whole += value * value
                if length >= LEAST_CONTRAST * LEAST_CONTRAST:
                    share = along / length
                    off = np.sqrt(max(zero, whole - share * along))
                    mixture = min(one, max(zero, np.float32(2) - np.float32(2 / OFF) * off))
            told[y, x, 0] = min(one, max(share, zero))
            told[y, x, 1] = mixture
            told[y, x, 2] = inner
            told[y, x, 3] = reach
