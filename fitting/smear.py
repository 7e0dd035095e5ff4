"""What a quick hand smears over the cloth behind it: how much of that still shows, and in which colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fitting.bare import RIM
from fitting.body import Arm, Body
from fitting.compiled import compiled
from fitting.matte import sums
from fitting.mixture import LEAST_KNOWN, smeared, unmix
from fitting.pose import Bytes, Floats
from fitting.raster import Layer, Pixels
from fitting.window import Canvas, Patch, Window, shrunk

# A blur of so many body scales is more than a video's own, and is believed wholly from twice as much on.
LEAST = 0.03
# Hand and blur reach so far around the tracked bones, in body scales.
AROUND = 0.2
# Shares are smooth along the blur: they are averaged over so much of it.
SMOOTH = 0.3
# Below the first share of skin a pixel is cloth's, above the second the hand's as far as it shows.
NONE, SOME = np.float32(0.08), np.float32(0.2)
# What is no mixture of the two fades within this share of the blur.
FADES = np.float32(1 / 3)
# A mixture is whole from so much of what was found on: the rest of that is its soft edge.
EDGE = 0.25
SMALL = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Smear:
    """A quick hand in a ``window`` of the frame, at a smaller size.

    ``parts`` (h, w, 3): of what was found to hide the cloth, how much still does as it looks, how much is a mixture of
    the hand and the cloth behind, and that cloth's part in it; ``behind`` (h, w, 3): the cloth's own colour.
    """

    window: Window
    parts: Bytes
    behind: Bytes

    @staticmethod
    def of(
        picture: Bytes, canvas: Canvas, body: Body, arm: Arm, moved: Floats, found: Bytes, person: Bytes, kept: Bytes
    ) -> Smear | None:
        """The smear of an arm whose elbow and hand ``moved`` (2, 2); None where it is not to be told, or sharp.

        ``picture`` (h, w, 3) BGR and the masks ``found``, what hides cloth and may be smeared, ``person`` and ``kept``,
        what never is, have the canvas's size. While the shutter is open a hand is before a pixel for a share of the
        time only: the colour is a mixture, and that share is its place on the line between both colours. Deeper inside
        the hand than it moves it is all the hand's.
        """
        blur = np.linalg.norm(moved, axis=1).astype(np.float32)
        reach = float(blur[1])
        hand = arm.hand.mean(0)
        ends = [*arm.hand, arm.wrist, arm.elbow, arm.wrist + (hand - arm.wrist) * 2]
        spots = np.array([canvas.at(end) for end in ends], np.float32)
        wide = Window.around(spots, canvas.size(reach + AROUND * body.scale))
        height, width = found.shape
        box = wide.common(Window(0, 0, width, height))
        if box.empty:
            return None
        picture, found, person, kept = (np.ascontiguousarray(box.of(part)) for part in (picture, found, person, kept))
        free = cv2.erode(((found == 0) & (person > 0)).view(np.uint8), SMALL)
        middle = (cv2.bitwise_and(_middle(canvas, arm, body, box), found) == 255).view(np.uint8)
        if not middle.any():
            return None
        far = canvas.size(reach + RIM * body.scale)
        around, skins = (sums(picture, np.asarray(mask, np.uint8), far) for mask in (free, middle))
        # Farther off it is the whole hand's.
        skins += np.array([*cv2.mean(picture, np.asarray(middle, np.uint8))[:3], 1], np.float32) * LEAST_KNOWN
        x, y = canvas.at(arm.elbow)
        axis = (hand - arm.elbow) / canvas.step
        line = np.array([x - box.x0, y - box.y0, *axis / max(1.0, float(axis @ axis))], np.float32)
        depth = np.asarray(cv2.distanceTransform((found > 127).view(np.uint8), cv2.DIST_L2, 3), np.float32)
        told = np.empty((*found.shape, 4), np.float32)
        unmix(picture, around, skins, depth, line, blur / np.float32(canvas.step), told)
        surely = smeared(told, moved[1])
        if surely == 0:
            return None
        told[..., 0] = np.maximum(told[..., 0], told[..., 2])
        size = 2 * (canvas.size(SMOOTH * reach) // 2) + 1
        left = np.empty((*found.shape, 6), np.uint8)
        least = LEAST * body.scale / canvas.step
        smooth = np.asarray(cv2.blur(told, (size, size)), np.float32)
        _part(smooth, np.asarray(cv2.dilate(found, SMALL), np.uint8), kept, around, surely, least, left)
        return Smear(_frame(canvas, box), left[..., :3], left[..., 3:])

    def reveal(
        self, source: Bytes, view: Bytes, layer: Layer, hidden: Bytes, alpha: Bytes, window: Window, strength: int
    ) -> None:
        """Shows more of a layer that was put over ``view``, a window of the frame, in place.

        ``source`` is the same window before, ``hidden`` (h, w) what was left out, ``alpha`` (h, w) and ``strength`` as
        in ``overlay``.
        """
        common = self.window.common(window)
        if common.empty:
            return
        size = (self.window.x1 - self.window.x0, self.window.y1 - self.window.y0)
        parts, behind = (
            common.of(np.asarray(cv2.resize(part, size), np.uint8), self.window) for part in (self.parts, self.behind)
        )
        source, view, hidden, alpha = (common.of(part, window) for part in (source, view, hidden, alpha))
        rows = slice(common.y0 - window.y0, common.y1 - window.y0)
        pixels = layer.pixels[rows, common.x0 - window.x0 : common.x1 - window.x0]
        _reveal(source, view, pixels, hidden, parts, behind, alpha, strength)


def smears(
    picture: Bytes,
    canvas: Canvas,
    body: Body,
    moved: Floats,
    limbs: tuple[Bytes, Sequence[Patch]],
    person: Bytes,
    kept: Bytes,
) -> list[Smear]:
    """The smears of the arms whose elbows and hands ``moved`` (2, 2, 2); ``limbs``: arms and hands as found."""
    least = LEAST * body.scale
    quick = [pair for pair in zip(body.arms, moved, strict=True) if pair[0].seen and np.hypot(*pair[1][1]) > least]
    if not quick:
        return []
    found = limbs[0].copy()
    for hand in limbs[1]:
        part = found[canvas.cut(hand.window)]
        if part.size:
            np.maximum(part, shrunk(hand.mask, (part.shape[1], part.shape[0])), out=part)
    spared = [kept | _of_other(canvas, body, arm) for arm, _ in quick]
    left = [
        Smear.of(picture, canvas, body, *pair, found, person, kept) for pair, kept in zip(quick, spared, strict=True)
    ]
    return [smear for smear in left if smear]


def _of_other(canvas: Canvas, body: Body, arm: Arm) -> Bytes:
    """Where the other hand is nearer than the arm's own; no pixel is smeared by both."""
    own, other = arm.hand.mean(0), body.arms[0 if arm is body.arms[1] else 1].hand.mean(0)
    way, middle = other - own, np.array(canvas.at((own + other) / 2), np.float32)
    height, width = canvas.shape
    along = (np.arange(width) - middle[0]) * way[0] + (np.arange(height)[:, None] - middle[1]) * way[1]
    return np.asarray((along > 0).view(np.uint8) * np.uint8(255))


def _frame(canvas: Canvas, box: Window) -> Window:
    """A box of a canvas in the frame's pixels."""
    whole = canvas.window
    across, down = (whole.x1 - whole.x0) / canvas.shape[1], (whole.y1 - whole.y0) / canvas.shape[0]
    return Window(
        whole.x0 + round(box.x0 * across),
        whole.y0 + round(box.y0 * down),
        whole.x0 + round(box.x1 * across),
        whole.y0 + round(box.y1 * down),
    )


def _middle(canvas: Canvas, arm: Arm, body: Body, box: Window) -> Bytes:
    """The middle of the forearm and the hand, in a box of the canvas."""
    middle = np.zeros((box.y1 - box.y0, box.x1 - box.x0), np.uint8)
    spots = np.array([canvas.at(point) for point in (*arm.hand, arm.wrist, arm.elbow)], np.int32) - [box.x0, box.y0]
    spots = spots.astype(np.int32)
    cv2.fillConvexPoly(middle, np.asarray(cv2.convexHull(spots[:4]), np.int32), 255)
    cv2.polylines(middle, [spots[3:]], False, 255, canvas.size(RIM * body.scale))
    return middle


@compiled("void(float32[:,:,::1], uint8[:,::1], uint8[:,::1], float32[:,:,::1], float64, float64, uint8[:,:,::1])")
def _part(told: Floats, found: Bytes, kept: Bytes, around: Floats, surely: float, least: float, left: Bytes) -> None:
    """Fills ``left`` (h, w, 6), a smear's parts and what lies behind, from what ``unmix`` has told, smoothed."""
    zero, one, half = np.float32(0), np.float32(1), np.float32(0.5)
    for y in range(found.shape[0]):
        for x in range(found.shape[1]):
            share, mixture, inner = told[y, x, 0], told[y, x, 1], told[y, x, 2]
            eager = np.float32(255 * surely * min(max(told[y, x, 3] / least - 1, 0.0), 1.0))
            if found[y, x] == 0 or kept[y, x] > 0:
                eager = zero
            mixed = eager * mixture * min(max((share - NONE) / (SOME - NONE), zero), one)
            other = np.float32(255) - eager + eager * (one - mixture) * min(inner / FADES, one)
            left[y, x, 0], left[y, x, 1] = np.uint8(other + half), np.uint8(mixed + half)
            left[y, x, 2] = np.uint8(mixed * (one - share) + half)
            for c in range(3):
                left[y, x, 3 + c] = np.uint8(around[y, x, c] / max(around[y, x, 3], one) + half)


@compiled("void(uint8[:,:,:], uint8[:,:,:], uint32[:,:], uint8[:,:], uint8[:,:,:], uint8[:,:,:], uint8[:,:], int64)")
def _reveal(
    source: Bytes,
    view: Bytes,
    pixels: Pixels,
    hidden: Bytes,
    parts: Bytes,
    behind: Bytes,
    alpha: Bytes,
    strength: int,
) -> None:
    """``Smear.reveal`` on pixels that were cut to the same window."""
    whole = np.float32(1 / 255)
    for y in range(hidden.shape[0]):
        for x in range(hidden.shape[1]):
            word = np.int64(pixels[y, x])
            opaque = word >> 24
            if opaque == 0 or hidden[y, x] == 0 or (parts[y, x, 0] == 255 and parts[y, x, 1] == 0):
                continue
            cover = np.float32(hidden[y, x]) * whole
            part = np.float32(3 * np.int64(parts[y, x, 2])) / max(np.float32(parts[y, x, 1]), np.float32(1))
            # Where it shows both, the matte has left out a part already.
            full = (cover + (min(np.float32(1), cover / np.float32(EDGE)) - cover) * min(np.float32(1), part)) * whole
            fade = np.float32(strength) * np.float32(1 / 256)
            less = (cover - cover * np.float32(parts[y, x, 0]) * whole - full * np.float32(parts[y, x, 1])) * fade
            shown = full * np.float32(parts[y, x, 2]) * fade
            share = np.float32(opaque) * whole
            for c in range(3):
                own = less * np.float32(source[y, x, c]) + shown * np.float32(behind[y, x, c])
                more = (less + shown) * np.float32((word >> (8 * c)) & 255) - share * own
                value = np.float32(view[y, x, c]) + more + np.float32(0.5)
                view[y, x, c] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))
            value = np.float32(alpha[y, x]) + np.float32(opaque) * (less + shown) + np.float32(0.5)
            alpha[y, x] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))
