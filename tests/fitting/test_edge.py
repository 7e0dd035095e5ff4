import cv2
import numpy as np

from fitting.edge import sharpened
from fitting.pose import Bytes, Floats
from fitting.tracker import PoseTracker
from tests.fitting import people

WALL, SHIRT, STRIPE = (150, 160, 165), (60, 90, 60), (40, 30, 20)
RADIUS = 80.0


def far() -> Floats:
    """How far each of 320x240 pixels is from the middle."""
    rows, columns = np.indices((240, 320), np.float32)
    return np.asarray(np.hypot(columns - 160, rows - 120))


def disc(radius: float) -> Bytes:
    """The soft mask of a disc, as a network gives it."""
    return np.asarray(np.clip((radius - far()) * 60 + 127.5, 0, 255), np.uint8)


def scene(*rings: tuple[float, tuple[int, int, int]]) -> Bytes:
    """A noisy picture of discs before a wall, outer to inner."""
    picture = np.empty((240, 320, 3), np.float32)
    picture[:] = WALL
    for radius, colour in rings:
        share = np.clip(radius - far() + 0.5, 0, 1)[..., None]
        picture += share * (np.array(colour, np.float32) - picture)
    noise = np.random.default_rng(0).normal(0, 2, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def radius_of(mask: Bytes) -> float:
    """Of the disc that has as much area as the mask."""
    return float(np.sqrt(mask.sum() / 255 / np.pi))


def test_an_edge_moves_outward_and_inward_to_where_the_picture_has_it() -> None:
    picture = scene((RADIUS, SHIRT))
    for wrong in (-2.5, -1.0, 0.0, 1.0, 2.5):
        assert abs(radius_of(sharpened(picture, disc(RADIUS + wrong))) - RADIUS) < 0.3


def test_a_mask_that_flickers_before_a_still_picture_is_calmed() -> None:
    picture = scene((RADIUS, SHIRT))
    before = [disc(RADIUS + wrong) for wrong in np.random.default_rng(1).normal(0, 0.8, 12)]
    after = [sharpened(picture, mask) for mask in before]
    assert np.std([radius_of(mask) for mask in after]) < 0.2 * np.std([radius_of(mask) for mask in before])


def test_a_stripe_inside_the_edge_is_not_taken_for_it() -> None:
    pale = (175, 190, 195)
    picture = scene((RADIUS, pale), (RADIUS - 3, STRIPE), (RADIUS - 12, pale))
    assert radius_of(sharpened(picture, disc(RADIUS))) > RADIUS - 0.5


def test_a_mask_stays_where_the_picture_shows_no_edge() -> None:
    mask = disc(RADIUS)
    assert np.abs(sharpened(scene((RADIUS + 2, (152, 161, 167))), mask).astype(int) - mask).mean() < 0.2


def test_an_edge_further_off_than_a_mask_can_be_is_somebody_elses() -> None:
    mask = disc(RADIUS)
    assert radius_of(sharpened(scene((RADIUS + 6, SHIRT)), mask)) < RADIUS + 0.5


def test_a_mask_whose_edge_leaves_the_picture_or_that_is_tiny_is_taken_as_it_is() -> None:
    whole = np.full((240, 320), 255, np.uint8)
    assert (sharpened(scene(), whole) == whole).all()
    tiny = np.full((12, 9), 200, np.uint8)
    assert (sharpened(np.zeros((12, 9, 3), np.uint8), tiny) == tiny).all()


def test_the_given_mask_is_not_changed() -> None:
    mask = disc(RADIUS + 2)
    given = mask.copy()
    sharpened(scene((RADIUS, SHIRT)), mask)
    assert (mask == given).all()


def test_the_trackers_mask_ends_where_the_shirt_does() -> None:
    frame, truth = people.picture("arms_up"), people.truth("arms_up")
    tracker = PoseTracker("lite")
    try:
        pose = [tracker.track(frame, 33 * i) for i in range(3)][-1]
    finally:
        tracker.close()
    assert pose is not None
    shirt = np.isin(truth, people.SHIRT).astype(np.uint8)
    beside = cv2.dilate(((truth > 0) & (shirt == 0)).astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    rim = (cv2.dilate(shirt, np.ones((11, 11), np.uint8)) > 0) & ~beside
    edge = rim & (shirt > cv2.erode(shirt, np.ones((3, 3), np.uint8)))
    assert ((pose.mask > 127) != (truth > 0))[rim].sum() / edge.sum() < 0.7  # pixels; the network's own is one off
