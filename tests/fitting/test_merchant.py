import shutil
from pathlib import Path

import cv2
import pytest

from fitting import Wardrobe
from fitting.__main__ import main
from fitting.errors import PhotoUnusable
from fitting.garment import DEMO, read_file
from fitting.merchant import add, rebuild
from tests.fitting.photographs import photograph, saved


def test_a_photograph_becomes_a_garment_with_a_preview(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = saved(photograph("tee", 4), tmp_path / "summer-tee.jpg")
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


def test_a_missing_photograph_ends_the_command_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", str(tmp_path / "none.png")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_an_id_that_is_no_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoUnusable, match="--id"):
        add(saved(photograph("tee", 4), tmp_path / "x.jpg"), "../x", "top", tmp_path / "garment")
