from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from fitting import Wardrobe
from fitting.body import body_of, unit
from fitting.compositing import Compositor
from fitting.geometry import Placement, place
from fitting.pose import Pose
from fitting.silhouette import Silhouette
from tests.fitting import people

# At a bent elbow cloth gathers: so much of a sleeve may lie the wrong way round.
FOLDED = 0.08
GARMENTS = ("tee", "shirt", "jacket", "coat", "dress", "skirt", "trousers", "hat", "glasses")


def placed(name: str, pose: Pose) -> Placement:
    body = body_of(pose)
    return place(Wardrobe.demo()[name], body, Silhouette(body), lambda points: points)


@pytest.mark.parametrize("garment", GARMENTS)
@pytest.mark.parametrize("person", people.NAMES)
def test_every_vertex_stays_near_the_person(garment: str, person: str) -> None:
    pose = people.pose(person)
    body = body_of(pose)
    for spots in placed(garment, pose).places.values():
        assert np.isfinite(spots).all()
        assert np.linalg.norm(spots - body.chest, axis=1).max() < 6.5 * body.scale


@pytest.mark.parametrize("garment", GARMENTS)
def test_a_moved_person_moves_the_garment(garment: str) -> None:
    pose = people.pose("a_pose")
    move = np.array([32, 16, 0], np.float32)
    mask = np.roll(pose.mask, (8, 16), axis=(0, 1))
    moved = placed(garment, replace(pose, points=pose.points + move, mask=mask))
    for name, spots in placed(garment, pose).places.items():
        assert np.allclose(spots + move[:2], moved.places[name], atol=0.6)


@pytest.mark.parametrize("garment", GARMENTS)
def test_a_nearer_person_wears_it_larger(garment: str) -> None:
    pose = people.pose("a_pose")
    larger = placed(garment, replace(pose, points=pose.points * 2, scale=pose.scale * 2))
    for name, spots in placed(garment, pose).places.items():
        assert np.allclose(spots * 2, larger.places[name], atol=3.0)


@pytest.mark.parametrize("garment", ("tee", "shirt", "jacket"))
def test_a_mirrored_person_wears_it_mirrored(garment: str) -> None:
    pose = people.pose("a_pose")
    mirrored = placed(garment, pose.mirrored(640))
    for side, other in (("sleeve_left", "sleeve_right"), ("sleeve_right", "sleeve_left")):
        here, there = placed(garment, pose).places[side], mirrored.places[other]
        parts = placed(garment, pose).garment.parts
        here, there = here[parts[side].along > 0], there[parts[other].along > 0]
        low, high = here.min(0), here.max(0)
        again_low, again_high = there.min(0), there.max(0)
        # The garment's picture is not perfectly symmetric: outlines agree, vertices need not.
        assert abs((639 - high[0]) - again_low[0]) < 12
        assert abs(low[1] - again_low[1]) < 12
        assert abs(high[1] - again_high[1]) < 12


@pytest.mark.parametrize("person", people.NAMES)
def test_sleeves_meet_the_torso_at_the_shoulder(person: str) -> None:
    placement = placed("tee", people.pose(person))
    body = body_of(people.pose(person))
    torso = placement.places["torso"]
    for side in ("left", "right"):
        part = placement.garment.parts[f"sleeve_{side}"]
        seam = placement.places[f"sleeve_{side}"][part.along < 0.02]
        assert len(seam)
        gaps = np.linalg.norm(seam[:, None] - torso[None], axis=2).min(axis=1)
        assert gaps.max() < 0.25 * body.scale


def test_a_sleeve_behind_the_back_is_drawn_first() -> None:
    pose = people.pose("a_pose")
    pose.points[[13, 15], 2] += 4 * body_of(pose).scale
    order = placed("shirt", pose).order
    assert order.index("sleeve_left") < order.index("torso") < order.index("sleeve_right")


def _folded(placement: Placement, name: str) -> float:
    """The share of a part's triangles that lie the other way round than most of it, by area."""
    part = placement.garment.parts[name]
    corners = placement.places[name][part.drawn]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    flat = part.vertices[part.drawn]
    first, second = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    # Against the flat garment: the mesh's own triangles are wound both ways.
    area = (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) * np.sign(
        first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    )
    return float(-area[area < 0].sum() / np.abs(area).sum())


@pytest.mark.parametrize("name", ("torso", "sleeve_left", "sleeve_right"))
@pytest.mark.parametrize("garment", ("tee", "shirt", "jacket", "coat", "dress", "qipao"))
@pytest.mark.parametrize("person", people.NAMES)
def test_cloth_is_not_folded_over(garment: str, person: str, name: str) -> None:
    assert _folded(placed(garment, people.pose(person)), name) < FOLDED


@pytest.mark.parametrize("garment", ("tee", "shirt"))
def test_the_near_sleeve_of_a_turned_body_does_not_cross_itself(garment: str) -> None:
    """Its armpit is hidden behind the arm, on the outer side of it."""
    pose = people.pose("turned")
    near = 0 if body_of(pose).yaw > 0 else 1
    middle = body_of(pose).arms[near].shoulder[0]
    for joint in ((12, 14, 16), (11, 13, 15))[near]:
        pose.points[joint, 0] += 0.8 * (body_of(pose).chest[0] - middle)
    assert _folded(placed(garment, pose), ("sleeve_right", "sleeve_left")[near]) < FOLDED


@pytest.mark.parametrize("length", (0.02, 0.1, 0.18))
@pytest.mark.parametrize("bend", (-3.0, -2.2, 0.0, 2.2, 3.0))
def test_a_forearm_that_points_to_the_camera_leaves_no_flap(length: float, bend: float) -> None:
    pose = people.pointing(bend, length)
    body, shirt = body_of(pose), placed("shirt", pose)
    assert _folded(shirt, "sleeve_right") < FOLDED
    part, spots, arm = shirt.garment.parts["sleeve_right"], shirt.places["sleeve_right"], body.arms[0]
    beyond = (spots[part.along > 1.95] - arm.elbow) @ unit(arm.elbow - arm.shoulder)
    assert beyond.min() > 0.15 * body.scale  # round the elbow, about as far as the arm is wide


@pytest.mark.parametrize("length", (0.33, 0.35))
@pytest.mark.parametrize("bend", (-2.4, 2.4))
def test_a_folded_forearm_that_turns_to_the_camera_leaves_the_elbow_covered(length: float, bend: float) -> None:
    pose = people.pointing(bend, length)
    body, shirt = body_of(pose), placed("shirt", pose)
    assert 0 < body.arms[0].side_on(body.scale) < 1
    part, spots, arm = shirt.garment.parts["sleeve_right"], shirt.places["sleeve_right"], body.arms[0]
    cloth = (part.across > 0) & (part.across < 1) & (part.along > 0.5)
    assert ((spots[cloth] - arm.elbow) @ unit(arm.elbow - arm.shoulder)).max() > 0.13 * body.scale


def test_a_wide_sleeve_lies_on_a_level_forearm_and_hangs_below_it() -> None:
    pose = people.pose("a_pose")
    points, scale = pose.points.copy(), body_of(pose).scale
    points[[16, 18, 20, 22], :2] = points[14, :2] + np.array([0.7 * scale, 0], np.float32)
    hoodie = placed("hoodie", replace(pose, points=points))
    part, spots = hoodie.garment.parts["sleeve_right"], hoodie.places["sleeve_right"]
    inside = (part.along > 1.6) & (part.along < 2) & (part.across >= 0) & (part.across <= 1)
    below = (spots[inside][:, 1] - points[14, 1]) / scale
    assert below.max() > -1.15 * below.min()


def test_a_sleeve_covers_the_wearers_own_wider_one() -> None:
    pose = people.pointing(0.0, 0.7)
    scale, (elbow, wrist) = body_of(pose).scale, pose.points[[14, 16], :2]
    ends = [np.round(joint / pose.scale).astype(int).tolist() for joint in (elbow, wrist)]
    cv2.line(pose.mask, ends[0], ends[1], 255, round(0.4 * scale / pose.scale))
    shirt = placed("shirt", pose)
    part, spots = shirt.garment.parts["sleeve_right"], shirt.places["sleeve_right"]
    bone = unit(wrist - elbow)
    beside = np.abs((spots - elbow) @ np.array([bone[1], -bone[0]])) / scale
    out = np.abs(2 * part.across - 1)  # 1 on either edge of the cloth, more where only the mesh goes on
    lower = (part.along > 1.75) & (part.along < 2) & (out > 0.5)
    halves = beside[lower] / out[lower]
    assert len(halves) > 1
    assert halves.min() > 0.19


@pytest.mark.parametrize("garment", ("shirt", "hoodie", "jacket", "coat"))
@pytest.mark.parametrize("bend", (-1.9, -1.0, 1.0, 1.9))
def test_a_sleeve_covers_the_wearers_own_around_the_elbow(garment: str, bend: float) -> None:
    """A thick sleeve of the wearer's own goes round a bent elbow, not only beside the bones."""
    pose, straight = people.pointing(bend, 0.7), people.pose("a_pose")
    scale, (shoulder, elbow, wrist) = body_of(pose).scale, pose.points[[12, 14, 16], :2]
    own, gone = np.zeros((480, 640), np.uint8), np.zeros((480, 640), np.uint8)
    ends = [np.round(p).astype(int).tolist() for p in (shoulder + 0.6 * (elbow - shoulder), elbow, wrist)]
    for a, b in pairwise(ends):
        cv2.line(own, a, b, 255, round(0.42 * scale))
    hand = straight.points[20, :2] + 0.3 * (straight.points[20, :2] - elbow)
    cv2.line(gone, ends[1], np.round(hand).astype(int).tolist(), 255, round(0.5 * scale))
    mask, gone_now, own_now = pose.mask, *(cv2.resize(part, pose.mask.shape[::-1]) for part in (gone, own))
    pose = replace(pose, mask=np.maximum(np.where(gone_now > 0, 0, mask), own_now).astype(np.uint8))
    frame = np.full((480, 640, 3), 90, np.uint8)
    alpha = Compositor().compose(frame, body_of(pose), [placed(garment, pose)], 1.0)[1]
    near = np.zeros_like(own)
    cv2.circle(near, ends[1], round(0.22 * scale), 255, -1)
    assert (alpha[(own > 0) & (near > 0)] > 127).mean() > 0.96


@pytest.mark.parametrize("garment", ("shirt", "hoodie", "jacket", "coat"))
@pytest.mark.parametrize("person", people.NAMES)
def test_a_sleeve_covers_the_shoulder(garment: str, person: str) -> None:
    """Also where the arm is rounder than the way from the shoulder's tip to the elbow."""
    pose = people.pose(person)
    body, frame = body_of(pose), people.picture(person)
    alpha = Compositor().compose(frame, body, [placed(garment, pose)], 1.0)[1]
    near = np.zeros_like(alpha)
    for arm in body.arms:
        middle = arm.shoulder + 0.12 * body.scale * arm.side * body.across
        cv2.circle(near, np.round(middle).astype(int).tolist(), round(0.22 * body.scale), 255, -1)
    shoulders = (near > 0) & (cv2.resize(pose.mask, alpha.shape[::-1]) > 127)
    assert (alpha[shoulders] > 127).mean() > 0.985
