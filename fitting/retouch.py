"""What is done to a garment's picture before it is worn: the studio's light is taken from its rim."""

from __future__ import annotations

import cv2
import numpy as np

from fitting.pose import Bytes, Floats

# Photographs show the studio's light on a garment's rim; this many pixels of it take the colours further in.
RIM = 9
# Lamps behind a garment bleach a wider rim of smooth cloth, up to this share of the picture's longer side.
GLARE_REACH = 0.045
# Levels of the darkest channel, which white light lifts most: by how much a rim is paler than the cloth further in, and
# the palest of it than anything there, which a pattern's light parts are not.
PALER, PALEST = 60, 60
# Light fades over at least this many pixels; a border in another colour ends at once.
FADES = 10


def bleed(picture: Bytes) -> Bytes:
    """The picture with the garment's colours spread under its transparent edge, which otherwise shows as a halo."""
    alpha = picture[..., 3]
    solid = cv2.erode((alpha > 247).astype(np.uint8), np.ones((RIM, RIM), np.uint8)).astype(np.float32)
    out = _spread(picture[..., :3].astype(np.float32), solid, (1.5, 3.0, 6.0, 12.0))
    return np.dstack([np.clip(out + 0.5, 0, 255).astype(np.uint8), alpha])


def unlit(picture: Bytes) -> Bytes:
    """The BGRA picture with bleached parts of the garment's rim in the colours beside them."""
    solid = (picture[..., 3] > 247).astype(np.uint8)
    reach = GLARE_REACH * max(solid.shape)
    framed = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = np.asarray(cv2.distanceTransform(framed, cv2.DIST_L2, 5), np.float32)[1:-1, 1:-1]
    inner = (depth > reach).astype(np.float32)
    if not inner.any():
        return picture
    colours = picture[..., :3].astype(np.float32)
    pale = _blurred(colours.min(2), solid.astype(np.float32), 1.5)
    excess = pale - _blurred(colours.min(2), inner, 1.5 * reach)
    bleached = _bleached(pale, excess, depth, reach)
    if not bleached.any():
        return picture
    around = cv2.dilate(bleached, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (31, 31))).astype(np.float32)
    share = np.clip(excess / (0.7 * PALER), 0, 1) * cv2.GaussianBlur(around, (0, 0), 3.0)
    known = np.where(share < 0.15, solid, 0).astype(np.float32)
    beside = _spread(colours, known, (3.0, 6.0, 12.0, 24.0))
    colours += share[..., None] * (cv2.GaussianBlur(beside, (0, 0), 4.0) - colours)
    return np.dstack([np.clip(colours + 0.5, 0, 255).astype(np.uint8), picture[..., 3]])


def _bleached(pale: Floats, excess: Floats, depth: Floats, reach: float) -> Bytes:
    """The parts of the rim, uint8 (h, w), that light has bleached: paler than all cloth further in, and fading."""
    rim = (excess > PALER) & (depth > 0) & (depth < reach)
    slope = np.hypot(cv2.Sobel(pale, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(pale, cv2.CV_32F, 0, 1, scale=1 / 8))
    palest = float(np.percentile(pale[depth > reach], 99.5)) + PALEST
    found = np.zeros(pale.shape, np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(rim.astype(np.uint8))
    for label in range(1, count):
        x, y, width, height = boxes[label, :4]
        box = slice(max(0, y - 1), y + height + 1), slice(max(0, x - 1), x + width + 1)
        part = (labels[box] == label).astype(np.uint8)
        edge = (cv2.dilate(part, np.ones((3, 3), np.uint8)) > part) & (depth[box] > RIM / 2)
        if not edge.any() or float(pale[box][part > 0].max()) < palest:
            continue
        if float(np.median(slope[box][edge])) * FADES < float(excess[box][part > 0].max()):
            found[box] |= part
    return found


def _blurred(values: Floats, weight: Floats, sigma: float) -> Floats:
    """A weighted mean around each pixel; the whole picture's where nothing near has a weight."""
    near = cv2.GaussianBlur(weight, (0, 0), sigma)
    whole = float((values * weight).sum() / max(float(weight.sum()), 1e-3))
    mean = cv2.GaussianBlur(values * weight, (0, 0), sigma) / np.maximum(near, 1e-3)
    return np.where(near > 1e-3, mean, whole).astype(np.float32)


def _spread(colours: Floats, known: Floats, sigmas: tuple[float, ...]) -> Floats:
    """Colours (h, w, 3) that are kept where ``known`` and come from ever farther around elsewhere."""
    out, done = colours.copy(), known > 0
    for sigma in sigmas:
        weight = cv2.GaussianBlur(known, (0, 0), sigma)
        spread = cv2.GaussianBlur(colours * known[..., None], (0, 0), sigma)
        new = ~done & (weight > 1e-3)
        out[new] = spread[new] / weight[new][:, None]
        done |= new
    return np.asarray(out, np.float32)
