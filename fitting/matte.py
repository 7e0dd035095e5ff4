"""How much of each pixel at a hand's or arm's edge is its skin: its colour between skin's and what lies behind it."""

from __future__ import annotations

import cv2
import numpy as np

from fitting.compiled import compiled
from fitting.pose import Bytes, Floats
from fitting.window import around

# Log odds from which on a pixel shows skin only, and below which it shows none.
SKIN, NONE = 1.5, -2.0
# Where two colours differ by less than this (of 255, over all channels), a pixel between them tells nothing.
LEAST_CONTRAST = 30.0
# Skin may lie in its own shadow: so dark where its colour is sure, and where it is not.
SHADE, HALF_SHADE = np.float32(0.65), np.float32(0.8)
# So many pixels of either colour are needed around.
LEAST_KNOWN = 4
# Below the first share of skin a pixel is cloth's, above the second the hand's: a cut finger looks worse than a rim.
CLEAR, FULL = 0.1, 0.5
SMALL = np.ones((3, 3), np.uint8)


def matte(picture: Bytes, found: Bytes, score: Floats, reach: int) -> Bytes:
    """The hand's (or arm's) alpha (h, w), where ``found`` (h, w) is its mask by colour and shape alone.

    ``picture``: BGR (h, w, 3); ``score``: log odds (h, w) that a pixel is the hand's; ``reach``: over how many pixels
    around it both colours are averaged. A camera smears a moving hand over what lies behind it, and a video's coarse
    colour does so with every hand: such pixels have a bit of skin's colour, so that histograms cannot tell how much of
    it they show. The line between the two colours can (as in Levin, Lischinski, Weiss: "A closed-form solution to
    natural image matting", CVPR 2006). Only pixels darker than the skin
    are judged, by what is darker, too: a finger in the light is as pale as a print.
    """
    alpha, box = found.copy(), around(found, reach + 1)
    picture, found = (np.ascontiguousarray(part[box]) for part in (picture, found))
    score = score[box]
    sure = ((score > SKIN) & (found > 0)).view(np.uint8)
    skin = np.asarray(cv2.erode(sure, SMALL), np.uint8)
    if not skin.any():
        return alpha
    light = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    behind = (cv2.dilate(found, SMALL) == 0) & (score < NONE)
    dark = light < cv2.mean(light, skin)[0]
    skins, others = (sums(picture, mask, reach) for mask in (skin, (behind & dark).view(np.uint8)))
    _mix(picture, sure, dark.view(np.uint8), skins, others, found)
    alpha[box] = found
    return alpha


def without_lines(found: Bytes, score: Floats, width: int) -> Bytes:
    """A hand's mask (h, w) without lines thinner than ``width`` pixels, an odd number, unless they surely are skin.

    Along the edges of what a shirt wears, a badge, a strap or a print, a video's coarse colours mix to skin's.
    """
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    thick = cv2.dilate(cv2.morphologyEx(found, cv2.MORPH_OPEN, shape), shape)
    return np.where((thick > 0) | (score > SKIN), found, np.uint8(0))


def filled(found: Bytes, width: int) -> Bytes:
    """A hand's mask (h, w) without holes smaller than ``width`` pixels squared: light on it, as pale as a print."""
    rings, family = cv2.findContours(found, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    small = [
        ring
        for ring, (_, _, _, outer) in zip(rings, family[0] if rings else (), strict=True)
        if outer >= 0 and cv2.contourArea(ring) < (width + 1) ** 2  # the ring lies around the hole
    ]
    return np.asarray(cv2.drawContours(found.copy(), small, -1, 255, -1), np.uint8) if small else found


def sums(picture: Bytes, mask: Bytes, reach: int) -> Floats:
    """Blue, green, red and the count of a mask's pixels (0 or 1) around each pixel, float32 (h, w, 4)."""
    shown = cv2.merge([cv2.bitwise_and(picture, picture, mask=mask), mask])
    return np.asarray(cv2.boxFilter(shown, cv2.CV_32F, (2 * reach + 1, 2 * reach + 1), normalize=False), np.float32)


@compiled("void(uint8[:,:,::1], uint8[:,::1], uint8[:,::1], float32[:,:,::1], float32[:,:,::1], uint8[:,::1])")
def _mix(picture: Bytes, sure: Bytes, dark: Bytes, skins: Floats, others: Floats, alpha: Bytes) -> None:
    """Lessens ``alpha``; the sums hold blue, green, red and the count around each pixel."""
    for y in range(alpha.shape[0]):
        for x in range(alpha.shape[1]):
            if alpha[y, x] == 0 or not dark[y, x] or skins[y, x, 3] < LEAST_KNOWN or others[y, x, 3] < LEAST_KNOWN:
                continue
            along, shaded, length = np.float32(0), np.float32(0), np.float32(0)
            shade = SHADE if sure[y, x] else HALF_SHADE
            for c in range(3):
                back = others[y, x, c] / others[y, x, 3]
                line = skins[y, x, c] / skins[y, x, 3] - back
                value = np.float32(picture[y, x, c])
                along += (value - back) * line
                shaded += (value / shade - back) * line
                length += line * line
            if length < LEAST_CONTRAST * LEAST_CONTRAST:
                continue
            share = (max(along, shaded) / length - CLEAR) / (FULL - CLEAR)
            alpha[y, x] = np.uint8(255 * min(max(share, np.float32(0)), np.float32(1)))
