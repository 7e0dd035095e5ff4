from dataclasses import replace

import numpy as np
import pytest

from fitting import Wardrobe
from fitting.body import body_of
from fitting.geometry import Placement, place
from fitting.pose import Pose
from fitting.silhouette import Silhouette
from tests.fitting import people

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
