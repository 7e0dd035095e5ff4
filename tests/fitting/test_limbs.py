import math
from itertools import combinations, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fitting import Wardrobe
from fitting.body import body_of
from fitting.limbs import STEPS, along_lines, bent, limb_of
from fitting.pose import Floats
from fitting.silhouette import Silhouette
from fitting.sleeves import sleeve
from fitting.torso import torso_targets
from tests.fitting import people

ANGLE = st.floats(-math.pi, math.pi)
LENGTH = st.floats(30, 150)


def arm(first: float, second: float, upper: float, fore: float) -> Floats:
    shoulder = np.array([300.0, 200.0])
    elbow = shoulder + upper * np.array([math.cos(first), math.sin(first)])
    return np.array([shoulder, elbow, elbow + fore * np.array([math.cos(second), math.sin(second)])], np.float32)


def start(joints: Floats, half: float, side: int) -> tuple[Floats, Floats]:
    bone = (joints[1] - joints[0]) / np.hypot(*(joints[1] - joints[0]))
    normal = side * np.array([bone[1], -bone[0]]) * half
    return joints[0] + normal, joints[0] - normal


def crosses_itself(line: Floats) -> bool:
    """Whether two pieces of a line cut each other, by more than a hundredth of a pixel."""

    def apart(one: Floats, other: Floats) -> bool:
        ahead = one[1] - one[0]
        ahead = ahead / np.hypot(*ahead)
        beside = ahead[0] * (other - one[0])[:, 1] - ahead[1] * (other - one[0])[:, 0]
        return bool(beside.min() > -0.01 or beside.max() < 0.01)

    pieces = [np.array(ends, np.float64) for ends in pairwise(line) if np.hypot(*(ends[1] - ends[0])) > 0.01]
    return not all(apart(one, other) or apart(other, one) for one, other in combinations(pieces, 2))


@settings(max_examples=300, deadline=None)
@given(ANGLE, st.floats(-2.6, 2.6), LENGTH, LENGTH, st.floats(6, 18), st.sampled_from([-1, 1]))
def test_cloth_never_folds_over_at_the_elbow(
    first: float, bend: float, upper: float, fore: float, half: float, side: int
) -> None:
    joints = arm(first, first + bend, upper, fore)
    outer, inner = bent(limb_of(joints, side), np.full((3, 2), half, np.float32), start(joints, half, side))
    for line in (outer, inner):
        steps = np.diff(line, axis=0)
        bones = np.repeat(np.diff(joints, axis=0), STEPS, axis=0)
        ahead = (steps * bones).sum(axis=1) / np.linalg.norm(bones, axis=1)
        near = np.zeros(2 * STEPS, bool)  # the two steps around the joint turn the corner
        near[STEPS - 2 : STEPS + 2] = True
        assert ahead[~near].min() > -0.5


@settings(max_examples=300, deadline=None)
@given(ANGLE, st.floats(-3.0, 3.0), LENGTH, LENGTH, st.floats(10, 30), st.floats(8, 20), st.sampled_from([-1, 1]))
def test_the_line_inside_a_bend_never_crosses_itself(
    first: float, bend: float, upper: float, fore: float, wide: float, cuff: float, side: int
) -> None:
    """Where it did, a corner of cloth stood out beside the cuff of a folded arm."""
    joints = arm(first, first + bend, upper, fore)
    limb = limb_of(joints, side)
    widths = np.array([[1.2 * wide] * 2, [wide] * 2, [cuff] * 2], np.float32)
    for sign, line in zip((1, -1), bent(limb, widths, start(joints, 1.2 * wide, side)), strict=True):
        if limb.inside(sign):
            assert not crosses_itself(line)


@settings(max_examples=100, deadline=None)
@given(ANGLE, st.floats(-2.4, 2.4), LENGTH, LENGTH)
def test_a_mirrored_arm_has_a_mirrored_sleeve(first: float, bend: float, upper: float, fore: float) -> None:
    joints = arm(first, first + bend, upper, fore)
    mirrored = joints * [-1, 1] + [640, 0]
    widths = np.full((3, 2), 12, np.float32)
    left = bent(limb_of(joints, 1), widths, start(joints, 12, 1))
    right = bent(limb_of(mirrored.astype(np.float32), -1), widths, start(mirrored, 12, -1))
    for a, b in zip(left, right, strict=True):
        assert np.allclose(a * [-1, 1] + [640, 0], b, atol=0.05)


def test_a_straight_sleeve_has_its_width_everywhere() -> None:
    joints = arm(1.2, 1.2, 100, 90)
    outer, inner = bent(limb_of(joints, 1), np.full((3, 2), 15, np.float32), start(joints, 15, 1))
    assert np.allclose(np.linalg.norm(outer - inner, axis=1), 30, atol=0.1)


def test_vertices_lie_between_the_lines() -> None:
    outer = np.column_stack([np.arange(11), np.zeros(11)]).astype(np.float32)
    inner = outer + np.array([0, 4], np.float32)
    places = along_lines(outer, inner, np.array([0.0, 0.55, 1.0]), np.array([0.0, 0.5, 1.0]))
    assert np.allclose(places, np.array([[0, 0], [5.5, 2], [10, 4]]), atol=1e-3)


def test_a_short_sleeve_stands_off_a_hanging_arm_and_lies_on_a_raised_one() -> None:
    def stands_off(person: str) -> float:
        body, tee = body_of(people.pose(person)), Wardrobe.demo()["tee"]
        targets = torso_targets(tee, body, Silhouette(body))
        ends = targets["shoulder_right"], targets["armpit_right"]
        lines = sleeve(tee, body, body.arms[0], *ends, Silhouette(body))
        middle = (lines[0][0] + lines[0][-1]) / 2
        return float(np.hypot(*(lines[0][STEPS // 2] - middle))) / body.scale

    assert stands_off("a_pose") > 0.05
    assert stands_off("arms_up") < 0.02
