import numpy as np
import pytest

from fitting import Wardrobe
from fitting import pose as at
from fitting.body import body_of
from fitting.pose import Floats, Pose
from fitting.silhouette import Silhouette
from fitting.torso import side_reach, torso_targets
from tests.fitting import people


def box(left: int, right: int) -> Silhouette:
    """A silhouette whose mask is an upright bar."""
    pose = people.pose("a_pose")
    mask = np.zeros((480, 640), np.uint8)
    mask[:, left:right] = 255
    return Silhouette(body_of(Pose(pose.points, pose.visibility, mask)))


def values(*numbers: float) -> Floats:
    return np.array(numbers, np.float32)


@pytest.mark.parametrize("right", [400, 402, 405, 411])
def test_a_ray_ends_at_the_bodys_edge_to_a_pixel(right: int) -> None:
    found = box(200, right).reach(
        np.array([[300, 100]], np.float32), values(1, 0), values(10), values(200), values(50), arms=True
    )
    assert abs(float(found[0]) - (right - 300 - 0.5)) < 1.0


def test_a_ray_that_starts_outside_gives_the_usual_length() -> None:
    found = box(200, 400).reach(
        np.array([[450, 100]], np.float32), values(1, 0), values(10), values(200), values(55), arms=True
    )
    assert found[0] == 55


def test_a_ray_without_an_end_gives_its_limit() -> None:
    found = box(0, 640).reach(
        np.array([[300, 100]], np.float32), values(1, 0), values(10), values(120), values(55), arms=True
    )
    assert found[0] == 120


def test_hanging_arms_do_not_count_as_the_body() -> None:
    body = body_of(people.pose("hands_on_hips"))
    silhouette = Silhouette(body)
    assert silhouette.armless.sum() < 0.93 * silhouette.whole.sum()


def profile(*extra: tuple[slice, slice]) -> Pose:
    """Somebody who looks to the picture's right, their near arm hanging over the trunk, their far arm behind it.

    The trunk is a bar from 270 to 372, ``extra`` what else the mask shows.
    """
    pose = people.pose("a_pose")
    points, mask = pose.points.copy(), np.zeros((480, 640), np.uint8)
    for place in ((slice(60, 480), slice(270, 372)), *extra):
        mask[place] = 255
    sides = (
        (at.LEFT_SHOULDER, at.LEFT_ELBOW, at.LEFT_WRIST, at.LEFT_HIP, 12, 120),
        (12, 14, 16, at.RIGHT_HIP, -12, -120),
    )
    for shoulder, elbow, wrist, hip, x, z in sides:
        points[shoulder] = (315 + x, 160, z)
        points[elbow] = (315 + x / 2, 265, z)
        points[wrist] = (322, 360, z)
        points[hip] = (315 + x / 2, 340, z / 2)
    return Pose(points, pose.visibility, mask)


def front(pose: Pose) -> Floats:
    """Where the trunk ends towards the picture's right at four depths, by x."""
    body, depths = body_of(pose), np.array([0.5, 0.6, 0.75, 0.9], np.float32)
    assert body.yaw > 0.95
    _, reach = side_reach(body, Silhouette(body), depths, 0.0)
    return np.asarray((body.chest + depths[:, None] * body.torso * body.down)[:, 0] + reach * body.across[0])


def test_a_body_seen_from_the_side_reaches_as_far_forward_as_its_outline() -> None:
    assert np.allclose(front(profile()), 372, atol=3)


def test_a_forearm_held_out_before_a_body_seen_from_the_side_is_none_of_its_trunk() -> None:
    pose = profile((slice(262, 300), slice(372, 470)))
    pose.points[at.LEFT_WRIST, :2] = (465, 280)
    pose.points[at.LEFT_ELBOW, :2] = (340, 280)
    assert front(pose).max() < 376


def test_cloth_from_the_far_shoulder_to_the_armpit_covers_the_bust_of_a_body_seen_from_the_side() -> None:
    pose = profile((slice(200, 225), slice(372, 386)))
    body = body_of(pose)
    tee = Wardrobe.demo()["tee"]
    found = torso_targets(tee, body, Silhouette(body))["armpit_left"]
    start = pose.points[at.LEFT_SHOULDER, :2]
    share = (212 - start[1]) / (found[1] - start[1])
    assert 0 < share < 1
    assert start[0] + share * (found[0] - start[0]) > 384


@pytest.mark.parametrize("ahead", [6, 28])
def test_a_far_hand_that_comes_forth_before_the_hips_is_none_of_the_trunk(ahead: int) -> None:
    pose = profile((slice(300, 400), slice(372, 372 + ahead)))
    pose.points[at.LEFT_WRIST, :2] = (330, 330)
    assert np.allclose(front(pose), 372, atol=3)
