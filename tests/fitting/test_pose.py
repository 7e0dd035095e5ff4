import numpy as np
import pytest

from fitting.body import body_of
from fitting.pose import LEFT_SHOULDER, RIGHT_SHOULDER
from tests.fitting import people


def test_mirroring_twice_gives_the_pose_back() -> None:
    pose = people.pose("turned")
    twice = pose.mirrored(640).mirrored(640)
    assert np.allclose(twice.points, pose.points)
    assert (twice.mask == pose.mask).all()


def test_mirroring_keeps_left_the_wearers_left() -> None:
    mirrored = people.pose("a_pose").mirrored(640)
    assert mirrored.points[LEFT_SHOULDER, 0] > mirrored.points[RIGHT_SHOULDER, 0]


def test_a_pose_with_a_number_that_is_none_is_not_usable() -> None:
    pose = people.pose("a_pose")
    pose.points[3, 1] = np.nan
    assert not pose.usable()


def test_a_turned_body_is_as_large_as_a_facing_one() -> None:
    turned = body_of(people.pose("turned"))
    facing = body_of(people.pose("a_pose"))
    assert abs(turned.yaw) > 0.3
    assert turned.scale > turned.shoulders
    assert abs(turned.scale / turned.torso - facing.scale / facing.torso) < 0.03


@pytest.mark.parametrize("depth", [0, 60, 120, 400, 3000])
def test_a_wrong_depth_makes_nobody_larger_than_people_are(depth: float) -> None:
    pose = people.pose("a_pose")
    pose.points[LEFT_SHOULDER, :2] = pose.points[RIGHT_SHOULDER, :2] + [60, 0]
    pose.points[LEFT_SHOULDER, 2] = pose.points[RIGHT_SHOULDER, 2] + depth
    body = body_of(pose)
    assert 0.6 < body.scale / body.torso < 0.72
    assert abs(body.yaw) < 1.3


def test_a_back_is_told_from_a_front() -> None:
    pose = people.pose("a_pose")
    assert body_of(pose).facing
    pose.points[[LEFT_SHOULDER, RIGHT_SHOULDER]] = pose.points[[RIGHT_SHOULDER, LEFT_SHOULDER]]
    assert not body_of(pose).facing
