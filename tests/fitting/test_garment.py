import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fitting import Wardrobe
from fitting.errors import GarmentInvalid, GarmentUnknown
from fitting.garment import DEMO

KINDS = {
    "tee": "top",
    "shirt": "top",
    "blouse": "top",
    "hoodie": "top",
    "jacket": "outer",
    "coat": "outer",
    "dress": "dress",
    "qipao": "dress",
    "skirt": "skirt",
    "trousers": "trousers",
    "hat": "hat",
    "glasses": "glasses",
}


@pytest.fixture
def tee(tmp_path: Path) -> Path:
    """A copy of one garment that may be damaged."""
    folder = tmp_path / "tee" / "garment"
    shutil.copytree(DEMO / "tee" / "garment", folder)
    return folder / "garment.json"


def damage(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_the_demo_wardrobe_holds_every_kind() -> None:
    wardrobe = Wardrobe.demo()
    assert {name: wardrobe[name].kind for name in KINDS} == KINDS


@pytest.mark.parametrize("name", KINDS)
def test_a_garment_beside_its_texture_is_small(name: str) -> None:
    path = Wardrobe.demo().path(name)
    assert len(zlib.compress(path.read_bytes())) < 200_000
    assert sum(file.stat().st_size for file in path.parent.iterdir()) < 350_000


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind in ("top", "outer", "dress")])
@pytest.mark.parametrize(("side", "sign"), [("left", 1), ("right", -1)])
def test_a_shoulder_is_where_the_sleeve_bends_down_and_not_beside_the_collar(name: str, side: str, sign: int) -> None:
    points = Wardrobe.demo()[name].keypoints
    assert sign * (points[f"shoulder_{side}"][0] - points[f"armpit_{side}"][0]) > 0


@pytest.mark.parametrize("name", KINDS)
def test_every_vertex_is_a_weighted_mean_of_the_handles(name: str) -> None:
    garment = Wardrobe.demo()[name]
    handles = np.array([garment.keypoints[handle] for handle in garment.handles])
    for part in garment.parts.values():
        assert np.allclose(part.weights.sum(axis=1), 1, atol=2e-3)
        back = part.weights @ handles
        near = np.abs(back - part.vertices).max(axis=1)
        assert np.median(near) < 6  # unmoved handles leave the picture as it is


def test_an_unknown_garment_is_named() -> None:
    with pytest.raises(GarmentUnknown, match="crinoline"):
        Wardrobe.demo()["crinoline"]


def test_two_garments_with_one_id_are_refused(tee: Path) -> None:
    shutil.copytree(tee.parent.parent, tee.parent.parent.parent / "other")
    with pytest.raises(GarmentInvalid, match="used by"):
        Wardrobe.load(tee.parent.parent.parent)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c.update(format="laufsteg-garment/9"), "reads"),
        (lambda c: c.update(kind="armour"), "choose one of"),
        (lambda c: c.update(surprise=1), "surprise"),
        (lambda c: c.update(texture="../secret.webp"), "beside it"),
        (lambda c: c.update(size=[10, 10]), "size"),
        (lambda c: c["parts"][0]["triangles"].append([0, 1, 99999]), "missing vertex"),
        (lambda c: c["handles"].append("tail"), "weight"),
        (lambda c: c["parts"][0].update(vertices=[[0, 0]] * 5000), "vertices"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name(
    tee: Path, change: Callable[[dict[str, object]], object], sentence: str
) -> None:
    damage(tee, change)
    with pytest.raises(GarmentInvalid, match=sentence) as caught:
        Wardrobe.load(tee.parent.parent.parent)["tee"]
    assert str(tee.parent) in str(caught.value)


def test_a_file_that_is_no_json_is_refused(tee: Path) -> None:
    tee.write_text("{")
    with pytest.raises(GarmentInvalid):
        Wardrobe.load(tee.parent.parent.parent)


def test_a_missing_texture_is_refused(tee: Path) -> None:
    (tee.parent / "texture.webp").unlink()
    with pytest.raises(GarmentInvalid, match="alpha"):
        Wardrobe.load(tee.parent.parent.parent)["tee"]


def test_reading_a_wardrobe_needs_no_compiler_and_no_tracker() -> None:
    code = (
        "import sys\n"
        "from fitting import Wardrobe\n"
        "assert len(Wardrobe.demo()) >= 12\n"
        "print([m for m in ('numba', 'mediapipe') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_those_documented() -> None:
    import fitting

    assert all(hasattr(fitting, name) for name in fitting.__all__)
    with pytest.raises(AttributeError):
        fitting.Corset  # noqa: B018
