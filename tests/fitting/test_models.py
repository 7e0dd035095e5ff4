from pathlib import Path

import pytest

from fitting import models
from fitting.errors import ModelsMissing


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    models.build(folder=folder)
    return folder


def test_building_twice_leaves_the_files_alone(built: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.iterdir()}
    models.build(folder=built)
    assert {path: path.stat().st_mtime_ns for path in built.iterdir()} == before
    assert {path.name for path in before} == {"pose_lite.task", "pose_full.task"}


def test_a_damaged_model_is_built_again(built: Path) -> None:
    path = models.model_path("lite", built)
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    models.build(folder=built)
    assert path.read_bytes() == good


def test_another_file_than_the_expected_is_refused(tmp_path: Path) -> None:
    for source in models.PACKAGE.glob("pose_*"):
        (tmp_path / source.name).write_bytes(source.read_bytes() if "lite" not in source.name else b"something else")
    with pytest.raises(ModelsMissing, match="not the expected"):
        models.build(tmp_path, tmp_path / "models")


def test_a_missing_package_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing, match="npm ci"):
        models.build(tmp_path / "nowhere", tmp_path / "models")


def test_a_missing_model_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing, match="python -m fitting models"):
        models.model_path("full", tmp_path)
