"""Cutting a garment out of a merchant's photograph on a plain background."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fitting.errors import PhotoUnusable
from fitting.pose import Bytes, Floats

# A garment in fewer pixels than this looks soft in a 720p mirror.
LEAST_SIDE = 500
MOST_PIXELS = 50_000_000
# A background whose border varies more than this (CIELAB) is not plain.
PLAIN = 9.0
# What differs from the background by this much is the garment (CIELAB).
DIFFERENT = 14.0
# Shares of the picture that a garment covers.
LEAST_SHARE, MOST_SHARE = 0.03, 0.9
WORK_SIDE = 1600


def read_photo(path: Path) -> Bytes:
    """A photograph as BGRA with the background transparent; raises PhotoUnusable with what to do instead."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise PhotoUnusable(f"{path} cannot be read: {error.strerror}.") from error
    if size == 0 or not cv2.haveImageReader(str(path)):
        raise PhotoUnusable(f"{path} is not a picture; use a PNG, JPEG or WebP file.")
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.dtype != np.uint8 or picture.ndim != 3:
        raise PhotoUnusable(f"{path} is not a colour picture with 8 bits a channel.")
    if picture.shape[0] * picture.shape[1] > MOST_PIXELS:
        raise PhotoUnusable(f"{path} has more than {MOST_PIXELS // 1_000_000} million pixels; save it smaller.")
    found = np.asarray(picture, np.uint8)
    has_alpha = found.shape[2] == 4 and float((found[..., 3] < 20).mean()) > 0.02
    return checked(found if has_alpha else cut_out(found[..., :3]))


def cut_out(picture: Bytes) -> Bytes:
    """BGRA of the one garment in a BGR photograph on a plain background."""
    shrink = min(1.0, WORK_SIDE / max(picture.shape[:2]))
    if shrink < 1:
        picture = np.asarray(cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    edge = max(4, min(picture.shape[:2]) // 50)
    border = np.concatenate([side.reshape(-1, 3) for side in (lab[:edge], lab[-edge:], lab[:, :edge], lab[:, -edge:])])
    ground = np.median(border, axis=0)
    spread = float(np.percentile(np.linalg.norm(border - ground, axis=1), 90))
    if spread > PLAIN:
        raise PhotoUnusable(
            "The background is not plain. Photograph the garment on one even colour that it does not have itself, "
            "or save a cut-out PNG with a transparent background."
        )
    # A cast shadow is darker but of the background's colour: brightness counts less than chroma.
    distance = np.hypot((lab[..., 0] - ground[0]) * 0.7, np.hypot(lab[..., 1] - ground[1], lab[..., 2] - ground[2]))
    sure = (distance > DIFFERENT).astype(np.uint8)
    sure = np.asarray(cv2.morphologyEx(sure, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    contours, _ = cv2.findContours(sure, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        raise PhotoUnusable("There is no garment in this picture that stands out from the background.")
    biggest = max(contours, key=cv2.contourArea)
    region = np.zeros(sure.shape, np.uint8)
    cv2.drawContours(region, [biggest], -1, 1, -1)
    return np.dstack([picture, _edge(picture, region)])


def _edge(picture: Bytes, region: Bytes) -> Bytes:
    """A soft alpha: the outline refined by colour within a narrow band."""
    band = np.full(region.shape, cv2.GC_BGD, np.uint8)
    band[cv2.dilate(region, np.ones((9, 9), np.uint8)) > 0] = cv2.GC_PR_BGD
    band[region > 0] = cv2.GC_PR_FGD
    band[cv2.erode(region, np.ones((9, 9), np.uint8)) > 0] = cv2.GC_FGD
    if (band == cv2.GC_FGD).any() and (band == cv2.GC_BGD).any():
        models: tuple[Floats, Floats] = (np.zeros((1, 65)), np.zeros((1, 65)))
        cv2.grabCut(np.ascontiguousarray(picture), band, (0, 0, 1, 1), *models, 1, cv2.GC_INIT_WITH_MASK)
    solid = np.isin(band, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
    smooth = cv2.erode(cv2.medianBlur(solid, 7), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(smooth, (0, 0), 1.0), np.uint8)


def checked(picture: Bytes) -> Bytes:
    """The BGRA picture, if a garment of a usable size is in it."""
    rows, columns = np.nonzero(picture[..., 3] > 127)
    share = len(rows) / picture[..., 3].size
    if share < LEAST_SHARE:
        raise PhotoUnusable("There is no garment in this picture that stands out from the background.")
    if share > MOST_SHARE:
        raise PhotoUnusable("The garment fills the whole picture; leave some background on every side.")
    if max(np.ptp(rows), np.ptp(columns)) < LEAST_SIDE:
        raise PhotoUnusable(f"The garment is smaller than {LEAST_SIDE} pixels; use a larger photograph.")
    height, width = picture.shape[:2]
    if rows.min() == 0 or columns.min() == 0 or rows.max() == height - 1 or columns.max() == width - 1:
        raise PhotoUnusable("The garment is cut off at the picture's edge; photograph all of it.")
    return picture
