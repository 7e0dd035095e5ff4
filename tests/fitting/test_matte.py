import cv2
import numpy as np

from fitting.matte import filled, matte, without_lines
from fitting.pose import Bytes, Floats

SKIN, DARK, PALE = (95, 140, 195), (42, 40, 40), (185, 190, 190)
EDGE = 40  # skin is left of this column
RIM = 5  # so much of what lies behind was taken for the hand, too


def seen(behind: tuple[int, int, int]) -> Bytes:
    picture = np.full((60, 80, 3), behind, np.uint8)
    picture[:, :EDGE] = SKIN
    return picture


def hand() -> tuple[Bytes, Floats]:
    """A mask with a rim, and the log odds that led to it."""
    found, score = np.zeros((60, 80), np.uint8), np.full((60, 80), -4, np.float32)
    found[:, : EDGE + RIM] = 255
    score[:, : EDGE + RIM], score[:, :EDGE] = 0, 3
    return found, score


def test_dark_cloth_behind_a_hand_is_no_rim_of_it() -> None:
    alpha = matte(seen(DARK), *hand(), 8)
    assert (alpha[:, :EDGE] == 255).all()
    assert alpha[:, EDGE:].max() < 10


def test_a_dark_patch_in_a_light_print_is_no_rim_either() -> None:
    picture = seen(PALE)
    picture[20:40, EDGE:] = DARK
    assert matte(picture, *hand(), 8)[20:40, EDGE:].max() < 10


def test_a_finger_in_the_light_stays_before_a_light_print() -> None:
    picture, (found, score) = seen(PALE), hand()
    picture[:, EDGE - 6 : EDGE] = (190, 205, 225)
    score[:, EDGE - 6 : EDGE] = 0.5
    assert (matte(picture, found, score, 8)[:, :EDGE] == 255).all()


def test_a_smeared_edge_is_as_much_of_the_hand_as_it_shows() -> None:
    smeared = np.asarray(cv2.blur(seen(DARK), (9, 1)), np.uint8)
    row = matte(smeared, *hand(), 8)[30].astype(int)
    assert (np.diff(row) <= 0).all()
    assert row[EDGE - 2] == 255
    assert ((row > 20) & (row < 235)).sum() >= 2


def test_skin_in_its_own_shadow_stays() -> None:
    picture = seen(DARK)
    picture[:, EDGE - 8 : EDGE] = [round(0.6 * value) for value in SKIN]
    assert (matte(picture, *hand(), 8)[:, :EDGE] == 255).all()


def test_a_hand_whose_colour_is_not_sure_stays_as_it_was_found() -> None:
    found, score = hand()
    assert (matte(seen(DARK), found, np.minimum(score, 1), 8) == found).all()


def lined(width: int, sure: float) -> tuple[Bytes, Floats]:
    """A hand with a line beside it, and the log odds that led to them."""
    found, score = hand()
    found[20 : 20 + width, EDGE:] = 255
    score[20 : 20 + width, EDGE:] = sure
    return found, score


def test_the_edge_of_a_badge_beside_a_hand_is_none_of_it() -> None:
    found, score = lined(3, 0.5)
    left = without_lines(found, score, 5)
    assert (left[:, : EDGE + RIM] == 255).all()
    assert left[:, EDGE + RIM + 5 :].max() == 0


def test_a_finger_stays_to_its_tip_and_a_thin_one_where_it_surely_is_skin() -> None:
    for found, score in (lined(7, 0.5), lined(3, 2.0)):
        assert (without_lines(found, score, 5) == found).all()


def test_light_on_a_finger_cuts_no_hole_into_it_and_what_a_ring_of_fingers_shows_stays() -> None:
    found, _ = hand()
    found[10:16, 10:16] = 0
    found[25:45, 10:30] = 0
    found[50:60, 20:24] = 0
    left = filled(found, 10)
    assert (left[10:16, 10:16] == 255).all()
    assert (left[25:45, 10:30] == 0).all()
    assert (left[50:60, 20:24] == 0).all()
