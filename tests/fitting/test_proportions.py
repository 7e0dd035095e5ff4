from dataclasses import replace

import numpy as np
import pytest

from fitting import pose as at
from fitting.body import Body, body_of
from fitting.pose import Pose
from fitting.proportions import MOST, Proportions
from tests.fitting import people

HIPS = [at.LEFT_HIP, at.RIGHT_HIP]


def misplaced(pose: Pose, share: float) -> Pose:
    """The pose with hips that were found lower by a share of the torso."""
    points = pose.points.copy()
    body = body_of(pose)
    points[HIPS, :2] += share * body.torso * body.down
    return replace(pose, points=points)


def learnt(*bodies: Body, seconds: float = 1 / 30) -> float:
    proportions = Proportions()
    for body in bodies:
        proportions.learn(body, seconds)
    return proportions.stretch


@pytest.mark.parametrize("share", [-0.08, 0.08])
def test_hips_that_do_not_fit_the_head_are_put_back_by_more_than_half(share: float) -> None:
    pose = people.pose("a_pose")
    true = body_of(pose, learnt(body_of(pose)))
    wrong = misplaced(pose, share)
    mended = body_of(wrong, learnt(body_of(wrong)))
    before, after = (float((body.hips - true.hips) @ true.down) for body in (body_of(wrong), mended))
    assert abs(after) < 0.5 * abs(before)
    assert mended.torso == pytest.approx(true.torso, rel=0.05)


def test_one_bad_frame_among_many_changes_little() -> None:
    pose = people.pose("a_pose")
    usual, odd = body_of(pose), body_of(misplaced(pose, -0.1))
    assert abs(learnt(*[usual] * 60, odd) - learnt(usual)) < 0.003
    assert learnt(odd, *[usual] * 400) == pytest.approx(learnt(usual), abs=0.003)


@pytest.mark.parametrize("name", ["arms_up", "turned"])
def test_raised_arms_and_a_turned_body_teach_nothing(name: str) -> None:
    assert learnt(body_of(people.pose(name))) == 0


def test_a_head_that_looks_aside_teaches_nothing() -> None:
    pose = people.pose("a_pose")
    points = pose.points.copy()
    points[at.NOSE, 0] += 0.3 * float(np.ptp(points[[at.LEFT_EAR, at.RIGHT_EAR], 0]))
    assert learnt(body_of(replace(pose, points=points))) == 0


def test_no_torso_is_stretched_beyond_belief_and_somebody_else_starts_anew() -> None:
    proportions = Proportions()
    proportions.learn(body_of(misplaced(people.pose("a_pose"), -0.5)), 1.0)
    assert proportions.stretch == pytest.approx(MOST)
    proportions.forget()
    assert proportions.stretch == 0
