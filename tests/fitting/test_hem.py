from dataclasses import replace

import numpy as np
import pytest

from fitting import FittingSession, Wardrobe
from fitting import pose as at
from fitting.body import body_of
from fitting.compositing import Compositor
from fitting.geometry import place
from fitting.pose import Bytes, Pose
from fitting.silhouette import Silhouette
from fitting.torso import LET_DOWN, covering
from tests.fitting import people

TROUSERS = 12


def own_hem(frame: Bytes, pose: Pose) -> float | None:
    """What two frames tell of the hem."""
    body, compositor = body_of(pose), Compositor()
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    for _ in range(2):
        compositor.compose(frame, body, placements, 0.033)
    return compositor.own_hem


@pytest.mark.parametrize("name", ["a_pose", "arms_crossed", "arms_up"])
def test_the_wearers_own_top_ends_where_it_is_seen_to_end(name: str) -> None:
    body, shirt = body_of(people.pose(name)), np.isin(people.truth(name), people.SHIRT)
    found = own_hem(people.picture(name), people.pose(name))
    rows, columns = np.nonzero(shirt)
    below = (np.column_stack([columns, rows]) - body.chest) @ np.column_stack([body.down, body.across])
    middle = np.abs(below[:, 1]) < 0.05 * body.scale
    assert found == pytest.approx(below[middle, 0].max() / body.torso, abs=0.03)


def test_trousers_in_the_tops_colours_hide_its_hem() -> None:
    frame, truth = people.picture("a_pose"), people.truth("a_pose")
    rows, columns = np.nonzero(truth == TROUSERS)
    frame[rows, columns] = frame[2 * rows.min() - 2 - rows, columns]  # the shirt above, mirrored
    assert own_hem(frame, people.pose("a_pose")) is None


def test_a_top_covers_the_own_one_though_the_hips_were_tracked_too_high() -> None:
    pose = people.pose("arms_crossed")
    points = pose.points.copy()
    points[[at.LEFT_HIP, at.RIGHT_HIP], :2] -= 0.06 * body_of(pose).torso * body_of(pose).down
    wrong = replace(pose, points=points)
    with FittingSession(Wardrobe.demo(), tracker=people.Replay(lambda _: wrong)) as session:
        session.wear(["tee"])
        for i in range(4):
            alpha = session.process(people.picture("arms_crossed"), 33 * i).garment_mask
    shirt = np.isin(people.truth("arms_crossed"), people.SHIRT)
    assert (alpha[shirt] < 128).mean() < 0.03


def test_a_hem_is_let_down_over_one_that_ends_little_lower_only() -> None:
    assert covering(1.0, None) == covering(1.0, 0.9) == covering(1.0, 1.0 + 3 * LET_DOWN) == 1.0
    assert 1.03 < covering(1.0, 1.06) <= 1.06
    assert max(covering(1.0, float(own)) for own in np.linspace(1, 1.5, 99)) <= 1.0 + LET_DOWN
