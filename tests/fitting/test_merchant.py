import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from fitting import Wardrobe
from fitting.__main__ import main
from fitting.errors import PhotoUnusable
from fitting.garment import DEMO, read_file
from fitting.keypoints import propose
from fitting.merchant import add, rebuild
from fitting.pose import Bytes


def photograph(garment: str, path: Path, background: tuple[int, int, int] = (90, 140, 90)) -> Path:
    """A demo garment on a plain background, as a camera's JPEG."""
    texture = cv2.imread(str(DEMO / garment / "garment" / "texture.webp"), cv2.IMREAD_UNCHANGED)
    assert texture is not None
    texture = cv2.copyMakeBorder(texture, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    share = texture[..., 3:] / 255.0
    noise = np.random.default_rng(4).normal(0, 1.5, texture.shape[:2])[..., None]
    cv2.imwrite(str(path), np.clip(texture[..., :3] * share + (np.array(background) + noise) * (1 - share), 0, 255))
    return path


@pytest.mark.parametrize(
    ("garment", "kind"), [("tee", "top"), ("jacket", "outer"), ("trousers", "trousers"), ("skirt", "skirt")]
)
def test_key_points_are_proposed_near_those_of_a_person(garment: str, kind: str) -> None:
    picture = cv2.imread(str(DEMO / garment / "garment" / "texture.webp"), cv2.IMREAD_UNCHANGED)
    points, _ = propose(kind, np.asarray(picture, np.uint8))
    drawn = Wardrobe.demo()[garment].keypoints
    for name in set(points) & {
        "armpit_left",
        "armpit_right",
        "cuff_inner_left",
        "hem_left",
        "crotch",
        "hem_inner_left",
    }:
        assert np.hypot(*(np.array(points[name]) - drawn[name])) < 70, name


def test_a_photograph_becomes_a_garment_with_a_preview(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = photograph("tee", tmp_path / "summer-tee.jpg")
    assert main(["add", str(photo)]) == 0
    wardrobe = Wardrobe.load(tmp_path)
    assert list(wardrobe) == ["summer-tee"]
    assert {"torso", "sleeve_left", "sleeve_right"} <= set(wardrobe["summer-tee"].parts)
    assert "preview.webp" in capsys.readouterr().out
    preview = cv2.imread(str(tmp_path / "summer-tee" / "garment" / "preview.webp"))
    assert preview is not None
    assert preview.shape[0] == 480


def test_moved_key_points_build_another_mesh(tmp_path: Path) -> None:
    folder = tmp_path / "tee" / "garment"
    shutil.copytree(DEMO / "tee" / "garment", folder)
    before = read_file(folder / "garment.json")
    path = folder / "garment.json"
    old, new = str(before.keypoints["armpit_left"][1]), str(before.keypoints["armpit_left"][1] + 20)
    path.write_text(path.read_text().replace(f",{old}]", f",{new}]", 1))
    rebuild(folder)
    after = read_file(path)
    assert after.keypoints["armpit_left"][1] == float(new)
    assert after.parts[0].weights != before.parts[0].weights


def busy(path: Path) -> Path:
    cv2.imwrite(str(path), np.random.default_rng(5).integers(0, 256, (800, 800, 3)).astype(np.uint8))
    return path


def plain(path: Path, shape: tuple[int, int, int] = (900, 900, 3)) -> Path:
    cv2.imwrite(str(path), np.full(shape, 200, np.uint8))
    return path


def spot(path: Path) -> Path:
    picture: Bytes = np.full((400, 400, 3), 230, np.uint8)
    picture[100:300, 150:250] = (40, 40, 160)
    cv2.imwrite(str(path), picture)
    return path


def cut_off(path: Path) -> Path:
    picture: Bytes = np.full((1200, 900, 3), 230, np.uint8)
    picture[:1000, 300:600] = (40, 40, 160)
    cv2.imwrite(str(path), picture)
    return path


def armless(path: Path) -> Path:
    picture: Bytes = np.full((1200, 900, 3), 230, np.uint8)
    picture[200:1000, 300:600] = (40, 40, 160)
    cv2.imwrite(str(path), picture)
    return path


def text(path: Path) -> Path:
    path.write_text("not a picture")
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (busy, "not plain"),
        (plain, "no garment"),
        (spot, "larger photograph"),
        (cut_off, "cut off"),
        (armless, "armpits"),
        (text, "not a picture"),
    ],
)
def test_a_wrong_photograph_gets_a_clear_sentence(make: type[Path], sentence: str, tmp_path: Path) -> None:
    photo = make(tmp_path / "photo.png")
    with pytest.raises(PhotoUnusable, match=sentence):
        add(photo, "photo", "top", tmp_path / "garment")
    assert not (tmp_path / "garment").exists()


def test_a_missing_photograph_ends_the_command_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", str(tmp_path / "none.png")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_an_id_that_is_no_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoUnusable, match="--id"):
        add(photograph("tee", tmp_path / "x.jpg"), "../x", "top", tmp_path / "garment")
