"""docs/garments.md describes what is written, and what is written is enough to draw a garment elsewhere."""

import json
import re
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fitting import Wardrobe
from fitting.garment import FORMAT, KINDS, Cut, GarmentFile, PartFile
from fitting.keypoints import propose
from fitting.merchant import add
from fitting.pose import Floats
from tests.fitting.photographs import photograph

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "garments.md").read_text()
SHOWN = re.sub(r"\s+", " ", TEXT)
LAYERS = ("back", "torso", "sleeve_left", "sleeve_right", "leg_left", "leg_right", "hat", "glasses")


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The garment.json of a photograph that a merchant added."""
    shot = photograph("shirt", 41)
    folder = tmp_path_factory.mktemp("added")
    cut = np.dstack([shot.picture, (shot.truth * 255).astype(np.uint8)])
    cv2.imwrite(str(folder / "shirt.png"), cut)
    add(folder / "shirt.png", "shirt", "top", folder / "shirt")
    return folder / "shirt" / "garment.json"


@pytest.fixture(params=[*sorted(Wardrobe.demo()), "added"])
def path(request: pytest.FixtureRequest) -> Path:
    if request.param == "added":
        return Path(request.getfixturevalue("added"))
    return Wardrobe.demo().path(request.param)


def test_every_field_kind_and_part_is_documented(path: Path) -> None:
    file = json.loads(path.read_text())
    assert f"`{FORMAT}`" in SHOWN
    for field in GarmentFile.__struct_fields__ + Cut.__struct_fields__ + PartFile.__struct_fields__:
        assert f"`{field}`" in SHOWN or f"`{field} " in SHOWN, field
    assert all(f"`{kind}`" in SHOWN for kind in KINDS)
    assert all(f"`{part['name']}`" in SHOWN for part in file["parts"])


def test_a_proposed_key_point_is_documented() -> None:
    names = set()
    for garment in Wardrobe.demo().values():
        shot = photograph(garment.id, 42)
        names |= set(propose(garment.kind, np.dstack([shot.picture, (shot.truth * 255).astype(np.uint8)]))[0])
    assert {name for name in names if f"`{name}`" not in SHOWN and f"`{name.rsplit('_', 1)[0]}`" not in SHOWN} == set()


def test_a_garment_is_small_beside_its_pictures(path: Path) -> None:
    assert len(zlib.compress(path.read_bytes())) < 200_000
    assert (path.parent / "texture.webp").stat().st_size < 250_000


def test_a_renderer_finds_the_whole_garment_in_the_parts(path: Path) -> None:
    """What a browser does, with nothing but the two files: every part's outline is drawn with its mesh."""
    file = json.loads(path.read_text())
    texture = cv2.imread(str(path.parent / file["texture"]), cv2.IMREAD_UNCHANGED)
    assert texture is not None and [texture.shape[1], texture.shape[0]] == file["size"]
    handles = np.array([file["keypoints"][name] for name in file["handles"]])
    meshes = {part["name"]: part for part in file["parts"]}
    drawn = np.zeros(texture.shape[:2], np.uint8)
    for part in sorted(file["parts"], key=lambda part: LAYERS.index(part["name"])):
        mesh = meshes[part["mesh"]] if "mesh" in part else part
        region, covered = np.zeros_like(drawn), np.zeros_like(drawn)
        cv2.fillPoly(region, [np.round(part["outline"]).astype(np.int32)], 1)
        places = placed(mesh, handles)
        for triangle in mesh["triangles"]:
            cv2.fillConvexPoly(covered, np.round(places[triangle]).astype(np.int32), 1)
        drawn |= region & covered
    solid = texture[..., 3] > 200
    if file["kind"] in ("skirt", "trousers") and file.get("neckline"):  # the inside above a waistband is not drawn
        solid[: int(max(y for _, y in file["neckline"])) + 2] = False
    assert (drawn[solid] > 0).mean() > 0.985


def placed(mesh: dict[str, Any], handles: Floats) -> Floats:
    """The vertices with every handle at its own key point, by the documented sum."""
    places = np.array(mesh["weights"]) @ handles
    return places if "along" not in mesh else np.array(mesh["vertices"])


def test_limbs_run_from_the_body_to_the_cuff_and_no_triangle_is_folded(path: Path) -> None:
    file = json.loads(path.read_text())
    for part in file["parts"]:
        if "mesh" in part:
            continue
        corners = np.array(part["vertices"])[np.array(part["triangles"])]
        edges = corners[:, 1:] - corners[:, :1]
        area = edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 0, 1] * edges[:, 1, 0]
        assert (area > 0).all() or (area < 0).all()
        if limb := np.array(part.get("along", [])).tolist():
            assert -1 < min(limb) < 0.3 and file["stations"] - 1.3 < max(limb) < file["stations"]


def test_sizes_grow_from_the_first_to_the_last() -> None:
    for garment in Wardrobe.demo().values():
        charts = list(garment.sizes_cm.values())
        assert garment.sample_size in garment.sizes_cm or len(charts) == 1
        for smaller, larger in pairwise(charts):
            assert all(larger[name] >= smaller[name] for name in smaller)
