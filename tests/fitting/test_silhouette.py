import numpy as np
import pytest

from fitting.body import body_of
from fitting.pose import Floats, Pose
from fitting.silhouette import Silhouette
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
