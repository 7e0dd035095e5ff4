from pathlib import Path

import cv2
import numpy as np
import pytest

from fitting.garment import DEMO
from fitting.pose import Bytes, Floats
from fitting.retouch import unlit

RED = (50, 40, 170)
# The garment's left and right edge, and the light's reach from it, in pixels.
LEFT, RIGHT, REACH = 100, 300, 30


def garment() -> Bytes:
    """A plain red one, BGRA."""
    picture = np.zeros((900, 400, 4), np.uint8)
    picture[20:880, LEFT:RIGHT] = (*RED, 255)
    return picture


def lit(picture: Bytes) -> Bytes:
    """The same with a lamp behind its left side: white light that fades inward, up and down."""
    rows, columns = np.mgrid[:900, :400].astype(np.float32)
    light: Floats = np.clip(1.4 - 1.4 * (columns - LEFT) / REACH, 0, 1) * np.clip(2 - np.abs(rows - 400) / 100, 0, 1)
    shone = picture.astype(np.float32)
    shone[..., :3] += light[..., None] * (255 - shone[..., :3])
    return np.where(picture[..., 3:] > 0, shone, 0).astype(np.uint8)


def test_a_bleached_rim_has_the_cloths_colour_again() -> None:
    picture = lit(garment())
    rim = (slice(320, 480), slice(LEFT, LEFT + REACH))
    assert np.abs(picture[rim][..., :3].astype(int) - RED).mean() > 60
    mended = unlit(picture)
    assert np.abs(mended[rim][..., :3].astype(int) - RED).mean() < 12
    assert np.array_equal(mended[..., 3], picture[..., 3])
    assert np.array_equal(mended[:, LEFT + 3 * REACH :], picture[:, LEFT + 3 * REACH :])


def test_a_white_border_stays() -> None:
    picture = garment()
    picture[20:880, LEFT : LEFT + REACH, :3] = 250
    picture[..., :3] = cv2.GaussianBlur(picture[..., :3], (0, 0), 1.0)  # as a camera shows it
    assert np.array_equal(unlit(picture), picture)


def test_a_pale_print_stays_where_it_meets_the_rim() -> None:
    picture = garment()
    for row in range(60, 880, 60):
        for column in (LEFT, 150, 200, 250, RIGHT):
            cv2.circle(picture, (column, row), 14, (240, 240, 240, 255), -1)
    picture[..., :3] = cv2.GaussianBlur(picture[..., :3], (0, 0), 5.0)  # with soft edges
    picture[..., 3] = garment()[..., 3]
    assert np.array_equal(unlit(picture), picture)


def test_white_cloth_in_strong_light_stays() -> None:
    picture = garment()
    picture[20:880, LEFT:RIGHT, :3] = 215
    picture = lit(picture)
    assert np.array_equal(unlit(picture), picture)


@pytest.mark.parametrize("path", sorted(DEMO.glob("*/garment/texture.webp")), ids=lambda path: path.parts[-3])
def test_no_demo_garment_has_a_bleached_rim(path: Path) -> None:
    picture = np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), np.uint8)
    assert np.array_equal(unlit(picture), picture)
