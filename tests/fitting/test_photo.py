from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from fitting import photo
from fitting.errors import PhotoUnusable
from fitting.photo import read_photo
from fitting.pose import Bytes
from tests.fitting.photographs import overlap, photograph, saved

RED = (40, 40, 160)


def ground(height: int = 1200, width: int = 900) -> Bytes:
    """An empty table in an uneven light."""
    light = np.linspace(200, 235, width)[None, :, None] + np.random.default_rng(5).normal(0, 2, (height, width, 3))
    return np.clip(light, 0, 255).astype(np.uint8)


def with_red(rows: slice, columns: slice) -> Bytes:
    picture = ground()
    picture[rows, columns] = RED
    return picture


def striped() -> Bytes:
    return np.where((np.arange(900) // 30 % 2 == 0)[None, :, None], ground(), np.uint8(90)).astype(np.uint8)


def noise() -> Bytes:
    return np.random.default_rng(5).integers(0, 256, (800, 800, 3)).astype(np.uint8)


def two() -> Bytes:
    picture = with_red(slice(100, 1000), slice(100, 400))
    picture[200:1000, 500:800] = RED
    return picture


def clear_png() -> Bytes:
    return np.dstack([ground(), np.zeros((1200, 900), np.uint8)])


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (noise, "not plain"),
        (striped, "not plain"),
        (ground, "no garment"),
        (clear_png, "no garment"),
        (lambda: with_red(slice(100, 105), slice(100, 105)), "no garment"),
        (lambda: with_red(slice(300, 700), slice(300, 600)), "larger photograph"),
        (lambda: with_red(slice(100, 1200), slice(300, 600)), "cut off"),
        (two, "two garments"),
        (lambda: np.dstack([two(), (two()[..., 1:2] < 100).astype(np.uint8) * 255]), "two garments"),
    ],
)
def test_a_wrong_photograph_gets_a_sentence_that_says_the_mend(
    make: Callable[[], Bytes], sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), make())
    with pytest.raises(PhotoUnusable, match=sentence):
        read_photo(path)


@pytest.mark.parametrize("content", [b"not a picture", b"", b"\x89PNG\r\n\x1a\n" + b"0" * 400])
def test_what_is_no_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(content)
    with pytest.raises(PhotoUnusable, match="save it"):
        read_photo(path)
    with pytest.raises(PhotoUnusable, match="not a picture"):
        read_photo(tmp_path)


def test_a_picture_beyond_every_camera_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo, "MOST_PIXELS", 1_000_000)
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), ground(1001, 1000))
    with pytest.raises(PhotoUnusable, match="too large"):
        read_photo(path)


# The least share of garment and cut-out together that both cover, well below what unseen photographs score.
@pytest.mark.parametrize(
    ("garment", "seed", "how"),
    [
        ("tee", 11, {"flat": True}),
        ("shirt", 12, {"hole": True}),
        ("jacket", 13, {"hole": True}),
        ("hoodie", 14, {"near": True}),
        ("dress", 15, {"near": True}),
        ("trousers", 16, {}),
        ("glasses", 17, {}),
        ("hat", 18, {}),
    ],
)
def test_a_garment_is_cut_out_of_a_real_lifes_photograph(
    garment: str, seed: int, how: dict[str, bool], tmp_path: Path
) -> None:
    shot = photograph(garment, seed, **how)
    assert overlap(read_photo(saved(shot, tmp_path / "photo.png")), shot.truth) > 0.96


def test_a_hole_between_sleeve_and_body_stays_open(tmp_path: Path) -> None:
    shot = photograph("shirt", 21, hole=True)
    filled = np.zeros(shot.truth.shape, np.uint8)
    contours, _ = cv2.findContours((shot.truth > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, contours, -1, 1, -1)
    hole = cv2.erode(filled & (shot.truth < 0.5).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert hole.sum() > 1000
    assert (read_photo(saved(shot, tmp_path / "photo.png"))[..., 3][hole] < 30).mean() > 0.98


def test_an_upright_picture_is_made_of_a_camera_held_sideways(tmp_path: Path) -> None:
    shot = photograph("tee", 22)
    sideways = np.rot90(shot.picture)  # the camera's top points right: EXIF orientation 6 turns it back
    _, coded = cv2.imencode(".jpg", sideways)
    tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + coded.tobytes()[2:])
    assert overlap(read_photo(path), shot.truth) > 0.96


@pytest.mark.parametrize("deep", [False, True])
def test_a_cut_out_keeps_its_own_alpha(deep: bool, tmp_path: Path) -> None:
    shot = photograph("tee", 23)
    own = np.dstack([shot.picture, (shot.truth * 255).astype(np.uint8)])
    cv2.imwrite(str(tmp_path / "photo.png"), own.astype(np.uint16) * 257 if deep else own)
    assert np.array_equal(read_photo(tmp_path / "photo.png"), own)
