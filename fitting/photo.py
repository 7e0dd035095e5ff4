"""A merchant's photograph: read, cut out, and refused with a sentence that says the mend."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fitting.cutout import NOTHING, cut_out
from fitting.errors import PhotoUnusable
from fitting.pose import Bytes

# A garment in fewer pixels than this looks soft in a 720p mirror.
LEAST_SIDE = 500
# A decoded picture of this size takes 330 MB; no camera that people have makes a larger one.
MOST_PIXELS = 110_000_000
# Shares of the picture that a garment covers.
LEAST_SHARE, MOST_SHARE = 0.03, 0.9
# A transparent background covers at least this share of a cut-out.
CUT_OUT = 0.02
# A piece of this share of the biggest one is a second garment.
SECOND = 0.3


def read_photo(path: Path) -> Bytes:
    """A photograph as BGRA with the background transparent; raises PhotoUnusable with what to do instead."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise PhotoUnusable(f"{path} cannot be read: {error.strerror}.") from error
    if size == 0 or not path.is_file() or not cv2.haveImageReader(str(path)):
        raise PhotoUnusable(f"{path} is not a picture that can be read; save it as PNG, JPEG or WebP.")
    picture = _decoded(path, cv2.IMREAD_UNCHANGED)
    if picture.ndim == 3 and picture.shape[2] == 4:
        eight = np.asarray(picture // 257 if picture.dtype == np.uint16 else picture, np.uint8)
        if float((eight[..., 3] < 20).mean()) > CUT_OUT:
            return checked(eight)
    # Read again: upright as the camera was held, and with 8 bits a channel.
    return checked(cut_out(_decoded(path, cv2.IMREAD_COLOR)))


def _decoded(path: Path, how: int) -> Bytes:
    try:
        picture = cv2.imread(str(path), how)
    except cv2.error as error:  # OpenCV's own limit of a picture's size
        raise PhotoUnusable(f"{path} is too large a picture; save it with at most 50 million pixels.") from error
    if picture is None:
        raise PhotoUnusable(f"{path} is damaged and cannot be read; save it again as PNG, JPEG or WebP.")
    if picture.shape[0] * picture.shape[1] > MOST_PIXELS:
        raise PhotoUnusable(f"{path} is too large a picture; save it with at most 50 million pixels.")
    return picture  # type: ignore[return-value]


def checked(picture: Bytes) -> Bytes:
    """The BGRA picture, if one whole garment of a usable size is in it."""
    solid = (picture[..., 3] > 127).astype(np.uint8)
    rows, columns = np.nonzero(solid)
    share = len(rows) / solid.size
    if share < LEAST_SHARE:
        raise PhotoUnusable(NOTHING)
    if share > MOST_SHARE:
        raise PhotoUnusable("The garment fills the whole picture; leave some background on every side.")
    height, width = solid.shape
    if rows.min() == 0 or columns.min() == 0 or rows.max() == height - 1 or columns.max() == width - 1:
        raise PhotoUnusable("The garment is cut off at the picture's edge; photograph all of it, with some margin.")
    areas = np.sort(cv2.connectedComponentsWithStats(solid)[2][1:, cv2.CC_STAT_AREA])
    if len(areas) > 1 and areas[-2] > SECOND * areas[-1]:
        raise PhotoUnusable("There are two garments in this picture; photograph each one alone.")
    if max(np.ptp(rows), np.ptp(columns)) < LEAST_SIDE:
        raise PhotoUnusable(f"The garment is smaller than {LEAST_SIDE} pixels; use a larger photograph.")
    return picture
