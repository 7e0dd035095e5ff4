import cv2
import numpy as np
import pytest

from fitting import Wardrobe
from fitting.errors import PhotoUnusable
from fitting.garment import DEMO, FILE, GarmentFile, read_file
from fitting.keypoints import propose
from fitting.pose import Bytes
from tests.fitting.photographs import photograph

# Names that an author set by eye; what is measured at each build is left out.
NAMES: tuple[str, ...] = (
    "shoulder",
    "armpit",
    "cuff_outer",
    "cuff_inner",
    "hem",
    "hem_inner",
    "hem_outer",
    "knee_inner",
    "knee_outer",
)
NAMES += ("waist", "band", "lens")


def demo(garment: str) -> tuple[Bytes, GarmentFile]:
    """The texture with an empty margin, as a cut-out photograph has one, and what its author said about it."""
    folder = DEMO / garment / "garment"
    texture = cv2.imread(str(folder / "texture.webp"), cv2.IMREAD_UNCHANGED)
    assert texture is not None
    return np.asarray(cv2.copyMakeBorder(texture, 9, 9, 9, 9, cv2.BORDER_CONSTANT), np.uint8), read_file(folder / FILE)


@pytest.mark.parametrize("garment", sorted(set(Wardrobe.demo()) - {"hoodie"}))
def test_key_points_are_proposed_near_those_of_a_person(garment: str) -> None:
    picture, file = demo(garment)
    points, _ = propose(file.kind, picture)
    size = max(picture.shape)
    compared = [f"{name}_{side}" for name in NAMES for side in ("left", "right")] + ["crotch", "crown_top"]
    if file.kind in ("top", "outer", "dress"):
        compared = [name for name in compared if "waist" not in name]  # nothing is drawn from it
    if garment == "coat":
        compared = [name for name in compared if "shoulder" not in name]  # its collar hides the shoulders' outline
    common = [name for name in compared if name in points and name in file.keypoints]
    assert len(common) >= 2
    far = {name: float(np.hypot(*(np.array(points[name]) - 9 - file.keypoints[name]))) / size for name in common}
    assert {name: distance for name, distance in far.items() if distance > 0.06} == {}


@pytest.mark.parametrize("garment", ["tee", "shirt", "hoodie", "coat", "qipao", "trousers"])
def test_the_opening_is_seen_where_the_inside_is(garment: str) -> None:
    picture, file = demo(garment)
    _, line = propose(file.kind, picture)
    drawn = np.array(file.neckline)
    lowest, proposed = drawn[:, 1].max(), np.array(line)[:, 1].max() - 9
    width = float(np.ptp(drawn[:, 0]))
    assert abs(proposed - lowest) < 0.12 * width
    assert abs(float(np.ptp(np.array(line)[:, 0])) - width) < 0.3 * width


@pytest.mark.parametrize("garment", ["tee", "dress"])
def test_the_edge_of_a_front_alone_is_its_neckline(garment: str) -> None:
    shot = photograph(garment, 31, flat=True)
    picture = np.dstack([shot.picture, (shot.truth * 255).astype(np.uint8)])
    _, line = propose("top" if garment == "tee" else "dress", picture)
    levels = np.interp([x for x, _ in line], shot.neckline[:, 0], shot.neckline[:, 1])
    assert np.abs(levels - [y for _, y in line]).mean() < 0.02 * picture.shape[0]


def test_a_wide_hem_is_not_taken_for_a_sleeve() -> None:
    shot = photograph("dress", 8106)
    points, _ = propose("dress", np.dstack([shot.picture, (shot.truth * 255).astype(np.uint8)]))
    for name in ("cuff_outer_right", "cuff_outer_left", "hem_right", "hem_left"):
        assert np.hypot(*(np.array(points[name]) - shot.keypoints[name])) < 0.06 * shot.truth.shape[0], name


def tank() -> Bytes:
    """Straps, armholes, sides and a hem."""
    picture: Bytes = np.zeros((1000, 800, 4), np.uint8)
    half = [(90, 100), (150, 100), (165, 200), (205, 330), (200, 900)]
    ring = (
        [(400 + x, y) for x, y in half]
        + [(400 - x, y) for x, y in reversed(half)]
        + [(330, 220), (400, 260), (470, 220)]
    )
    cv2.fillPoly(picture, [np.array(ring, np.int32)], (60, 60, 160, 255))
    return picture


def test_a_garment_without_sleeves_has_armholes() -> None:
    points, _ = propose("top", tank())
    assert not any("cuff" in name for name in points)
    assert np.hypot(*(np.array(points["shoulder_left"]) - (550, 100))) < 25
    assert np.hypot(*(np.array(points["armpit_left"]) - (605, 330))) < 40
    assert np.hypot(*(np.array(points["hem_right"]) - (200, 900))) < 25


def test_sleeves_that_lie_on_the_body_are_refused() -> None:
    picture: Bytes = np.zeros((1200, 900, 4), np.uint8)
    picture[200:1000, 300:600] = (40, 40, 160, 255)
    with pytest.raises(PhotoUnusable, match="armpits"):
        propose("top", picture)


@pytest.mark.parametrize("mirrored", [False, True])
def test_one_sleeve_that_touches_the_body_is_named(mirrored: bool) -> None:
    shot = photograph("shirt", 21, hole=True)  # the wearer's left arm, on the picture's right
    picture = np.dstack([shot.picture, (shot.truth * 255).astype(np.uint8)])
    with pytest.raises(PhotoUnusable, match=f"the picture's {'left' if mirrored else 'right'} lies against the body"):
        propose("top", np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture)


def test_legs_that_lie_together_are_refused() -> None:
    picture: Bytes = np.zeros((1200, 900, 4), np.uint8)
    picture[200:1000, 300:600] = (40, 40, 160, 255)
    with pytest.raises(PhotoUnusable, match="legs apart"):
        propose("trousers", picture)
