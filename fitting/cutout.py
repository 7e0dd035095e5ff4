"""Cutting a garment out of a merchant's photograph on a plain background.

What is not reached from the picture's border without leaving the ground's colour, in the light or in a shadow, is the
garment; the outline then runs where a cut through the picture costs least (GrabCut: Rother, Kolmogorov, Blake 2004), in
a picture of ratios to the ground, where gradients and shadows are gone.
"""

from __future__ import annotations

import cv2
import numpy as np

from fitting.backdrop import DARKEST, SIDE, Backdrop, Mask, backdrop_of
from fitting.errors import PhotoUnusable
from fitting.pose import Bytes, Floats

# The picture that is worked on: its longer side.
WORK_SIDE = 1600
# A piece of less than this share of the biggest one is dirt on the ground.
PIECE = 0.03
# The least hole that is left open, as a share of the garment.
LEAST_HOLE = 0.0015
# Less than this share of the picture beside the ground is dust.
LEAST_SEEN = 0.002
# How much brightness, blue against red, and green count where garment and ground are told apart.
WEIGHT = (1.6, 1.8, 3.2)
ROUNDS = 4
# How far around the outline, in pixels of the worked picture, the edge's share of the garment is measured.
BAND = 4
# Where garment and ground differ by this (of 255), half of the alpha is by colour and half by the smooth outline.
TRUSTED = 30.0
# A thin bow or strap has no inside: its own colour is not known where less than this of what surrounds it is inside.
LEAST_NEAR = 0.02

NOTHING = (
    "There is no garment in this picture that stands out from the background. Photograph it from nearer, on a "
    "background of another colour."
)


def cut_out(picture: Bytes) -> Bytes:
    """BGRA of the one garment in a BGR photograph on a plain background."""
    shrink = min(1.0, WORK_SIDE / max(picture.shape[:2]))
    if shrink < 1:
        picture = np.asarray(cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    small = min(1.0, SIDE / max(picture.shape[:2]))
    shrunk = np.asarray(cv2.resize(picture, None, fx=small, fy=small, interpolation=cv2.INTER_AREA), np.uint8)
    ground = backdrop_of(shrunk)
    region = _whole(_told_apart(ground), ground)
    return np.dstack([picture, _edge(picture, region)])


def _features(ground: Backdrop) -> Bytes:
    """The ratio to the ground as a picture: brightness, where shadows play, counts less than colour."""
    light = ground.light
    away = ground.ratio - light[..., None]
    axes = np.dstack([light, away[..., 0] - away[..., 2], away[..., 1]])
    weight = np.array(WEIGHT, np.float32)
    return np.asarray(np.clip(128 + 110 * np.tanh(axes * weight), 0, 255), np.uint8)


def _told_apart(ground: Backdrop) -> Mask:
    """Garment or ground, by a cut through the picture where it costs least."""
    apart = _pieces(~(ground.lit | ground.shaded))
    if apart.mean() < LEAST_SEEN:
        raise PhotoUnusable(NOTHING)
    whole = (apart & ~_seen_through(apart, ground)).astype(np.uint8)
    shadow = (ground.tint < ground.tolerance) & (ground.light < 0) & (ground.light > -DARKEST)
    # A deep shadow in an armpit is as sharp as cloth, and narrow.
    deep = np.where(shadow, cv2.erode(whole, np.ones((41, 41), np.uint8)), cv2.erode(whole, np.ones((9, 9), np.uint8)))
    known = np.full(apart.shape, cv2.GC_PR_BGD, np.uint8)
    known[cv2.erode(ground.lit.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = cv2.GC_BGD
    known[apart] = cv2.GC_PR_FGD
    known[deep > 0] = cv2.GC_FGD
    models: tuple[Floats, Floats] = (np.zeros((1, 65)), np.zeros((1, 65)))
    cv2.setRNGSeed(1)  # GrabCut begins by chance; the same photograph shall give the same garment
    cv2.grabCut(_features(ground), known, (0, 0, 1, 1), *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(known, (cv2.GC_FGD, cv2.GC_PR_FGD))


def _pieces(found: Mask) -> Mask:
    """Without cracks and dirt: what is a part of the garment, or another garment."""
    opened = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    x, y, width, height = stats[:, : cv2.CC_STAT_AREA].T
    inside = (x > 0) & (y > 0) & (x + width < found.shape[1]) & (y + height < found.shape[0])
    areas[~inside & (areas < areas.max())] = 0  # uneven paper, a table's edge
    return np.asarray((areas >= max(1, PIECE * areas.max()))[labels])


def _seen_through(found: Mask, ground: Backdrop) -> Mask:
    """The ground seen through the garment: between a sleeve and the body, through a handle."""
    light, tint = ground.light, ground.tint
    like = (tint < ground.tolerance) & (light < ground.tolerance) & (light > -DARKEST) & found
    wide = cv2.morphologyEx(like.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(wide)
    holes = np.zeros(found.shape, np.bool_)
    for label in range(1, len(stats)):
        if stats[label, cv2.CC_STAT_AREA] < LEAST_HOLE * found.sum():
            continue
        hole = labels == label
        if np.median(tint[hole]) < 0.4 * ground.tolerance and np.percentile(light[hole], 90) < 0.5 * ground.tolerance:
            holes |= hole
    return holes


def _whole(found: Mask, ground: Backdrop) -> Bytes:
    """The one garment, with only those holes through which the ground is seen."""
    pieces = _pieces(found).astype(np.uint8)
    if not pieces.any():
        raise PhotoUnusable(NOTHING)
    contours, _ = cv2.findContours(pieces, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    region = np.zeros(found.shape, np.uint8)
    cv2.drawContours(region, contours, -1, 1, -1)
    gaps = (region > 0) & (pieces == 0)
    _, labels = cv2.connectedComponents(gaps.astype(np.uint8), connectivity=4)
    holes = _seen_through(region > 0, ground) & gaps
    region[np.isin(labels, np.unique(labels[holes])) & gaps] = 0
    return region


def _edge(picture: Bytes, region: Bytes) -> Bytes:
    """An alpha of the picture's size: how much of a pixel at the edge is garment, by the colours on both sides."""
    height, width = picture.shape[:2]
    soft = cv2.resize(region.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(soft, (0, 0), 1.2 * max(1.0, height / region.shape[0]) / 2)
    solid = (soft > 0.5).astype(np.uint8)
    kernel = np.ones((2 * BAND + 1, 2 * BAND + 1), np.uint8)
    inside, outside = cv2.erode(solid, kernel), 1 - cv2.dilate(solid, kernel)
    colours = picture.astype(np.float32)
    (garment, near), (ground, _) = (_spread(colours, known.astype(np.float32)) for known in (inside, outside))
    contrast = garment - ground
    power = (contrast * contrast).sum(axis=2)
    share = ((colours - ground) * contrast).sum(axis=2) / np.maximum(power, 1)
    trust = np.where(near > LEAST_NEAR, power / (power + TRUSTED**2), 0)
    alpha = np.where((inside == 0) & (outside == 0), trust * share + (1 - trust) * soft, solid)
    return np.asarray(np.clip(alpha * 255 + 0.5, 0, 255), np.uint8)


def _spread(colours: Floats, known: Floats) -> tuple[Floats, Floats]:
    """The known pixels' colours carried a little beyond them, and how many of them are near."""
    near = np.asarray(cv2.GaussianBlur(known, (0, 0), 2.0 * BAND), np.float32)
    carried = cv2.GaussianBlur(colours * known[..., None], (0, 0), 2.0 * BAND) / (near + 1e-6)[..., None]
    return np.asarray(carried, np.float32), near
