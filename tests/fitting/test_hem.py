from dataclasses import replace

import cv2
import numpy as np
import pytest

from fitting import FittingSession, Wardrobe
from fitting import pose as at
from fitting.body import Body, body_of
from fitting.colours import BINS, encode
from fitting.compositing import Compositor
from fitting.geometry import place
from fitting.hem import LEAST_COLUMNS, MOST, OwnHem
from fitting.hemline import ACROSS, HALF, hemline
from fitting.pose import Bytes, Floats, Pose
from fitting.silhouette import Silhouette
from fitting.torso import LET_DOWN, covering
from tests.fitting import people

TROUSERS = 12
TOP, BELOW = (200, 120, 60), (60, 90, 110)


def steadied(frame: Bytes, pose: Pose) -> Body:
    """The body as it is known once two frames were seen."""
    body, compositor = body_of(pose), Compositor()
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    for _ in range(2):
        compositor.compose(frame, body, placements, 0.033)
        known = compositor.steadied(frame, body, 0.033)
    return known


def moved_hips(pose: Pose, left: float, right: float) -> Pose:
    """A pose whose hips are tracked lower by so many torso lengths."""
    points, down = pose.points.copy(), body_of(pose).torso * body_of(pose).down
    points[at.LEFT_HIP, :2] += left * down
    points[at.RIGHT_HIP, :2] += right * down
    return replace(pose, points=points)


def drawn(body: Body, depth: float, slope: float) -> Bytes:
    """A frame with two colours whose edge lies at a depth, lower by ``slope`` at the last column; torso lengths."""
    rows, columns = (np.mgrid[0:1920, 0:2560].astype(np.float32) + 0.5) / 4 - 0.5
    axes = np.column_stack([body.across * HALF * body.shoulders, body.down * body.torso])
    across, down = np.moveaxis((np.stack([columns, rows], -1) - body.chest) @ np.linalg.inv(axes).T, -1, 0)
    above = down < depth + slope * across
    large = np.where(above[..., None], np.array(TOP), np.array(BELOW)).astype(np.uint8)
    return np.asarray(cv2.resize(large, (640, 480), interpolation=cv2.INTER_AREA), np.uint8)


def shares(colour: tuple[int, int, int]) -> Floats:
    """The shares of all colours in a plain piece of cloth."""
    return np.bincount(encode(np.full((1, 1, 3), colour, np.uint8))[0], minlength=BINS).astype(np.float32)


@pytest.mark.parametrize("name", ["a_pose", "arms_crossed", "arms_up"])
def test_the_wearers_own_top_ends_where_it_is_seen_to_end(name: str) -> None:
    body, shirt = body_of(people.pose(name)), np.isin(people.truth(name), people.SHIRT)
    found = steadied(people.picture(name), people.pose(name)).own_hem
    rows, columns = np.nonzero(shirt)
    below = (np.column_stack([columns, rows]) - body.chest) @ np.column_stack([body.down, body.across])
    middle = np.abs(below[:, 1]) < 0.05 * body.scale
    assert found == pytest.approx(below[middle, 0].max() / body.torso, abs=0.03)


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.6, 0.9])
def test_a_hem_is_found_to_a_fifth_of_a_pixel(shift: float) -> None:
    body = body_of(people.pose("arms_up"))
    depth, slope = 1.0 + shift / body.torso, 0.02
    edges = hemline(drawn(body, depth, slope), body, shares(TOP), shares(BELOW))
    assert np.isfinite(edges).sum() > 15
    assert np.nanmax(np.abs(edges - depth - slope * ACROSS)) * body.torso < 0.2


def test_trousers_in_the_tops_colours_hide_its_hem() -> None:
    frame, truth = people.picture("a_pose"), people.truth("a_pose")
    rows, columns = np.nonzero(truth == TROUSERS)
    frame[rows, columns] = frame[2 * rows.min() - 2 - rows, columns]  # the shirt above, mirrored
    assert steadied(frame, people.pose("a_pose")).own_hem is None


def test_a_shadow_on_a_top_is_no_hem() -> None:
    body = body_of(people.pose("arms_up"))
    frame = drawn(body, 1.0, 0.0)
    frame[(frame == BELOW).all(axis=2)] = (194, 115, 56)
    assert not np.isfinite(hemline(frame, body, shares(TOP), None)).any()


def test_cloth_that_lies_more_and_more_in_shadow_has_no_hem_there() -> None:
    body = body_of(people.pose("arms_up"))
    rows = np.arange(480)[:, None, None]
    middle = float((body.chest + body.down * body.torso)[1])
    bright = np.clip(0.75 - (rows - middle) / 80, 0.5, 1.0)  # 40 rows: a fold, not a hem
    frame = np.array(np.broadcast_to(np.array(TOP) * bright, (480, 640, 3)), np.uint8)
    parts = (frame[: round(middle)], frame[round(middle) :])  # where the thighs are looked for lies the same cloth
    above, below = (np.bincount(encode(part).ravel(), minlength=BINS) / part.size for part in parts)
    assert not np.isfinite(hemline(frame, body, above.astype(np.float32), below.astype(np.float32))).any()


def test_hips_stay_where_the_hem_is_however_they_are_tracked() -> None:
    pose, frame = people.pose("a_pose"), people.picture("a_pose")
    compositor = Compositor()
    body = body_of(pose)
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    compositor.compose(frame, body, placements, 0.033)
    for _ in range(10):
        usual = compositor.steadied(frame, body, 0.033)
    wrong = body_of(moved_hips(pose, 0.08, 0.0))
    right = compositor.steadied(frame, wrong, 0.033)
    assert float(np.hypot(*(wrong.hips - usual.hips))) > 0.03 * body.torso
    assert float(np.hypot(*(right.hips - usual.hips))) < 0.006 * body.torso
    assert float(wrong.across_hips @ usual.across_hips) < 0.999
    assert float(right.across_hips @ usual.across_hips) == pytest.approx(1, abs=2e-4)


def test_a_hem_that_was_hidden_pulls_nothing_at_once() -> None:
    body, hem = body_of(people.pose("a_pose")), OwnHem()
    edges = np.full(ACROSS.shape, 1.0, np.float32)
    for _ in range(30):
        hem.learn(edges, body, 0.033)
    for _ in range(30):
        hem.learn(np.full(ACROSS.shape, np.nan, np.float32), body, 0.033)
    hidden = hem.steadied(body).torso
    torsos = []
    for _ in range(30):
        hem.learn(edges + np.float32(0.05), body, 0.033)
        torsos.append(hem.steadied(body).torso)
    assert torsos[0] - hidden < 0.02 * body.torso
    assert max(torsos) - hidden > 0.03 * body.torso


def test_a_hem_stays_level_while_a_hand_hides_it() -> None:
    body, hem = body_of(people.pose("a_pose")), OwnHem()
    for _ in range(30):
        hem.learn((1 + 0.04 * ACROSS).astype(np.float32), body, 0.033)
    level = hem.steadied(body).across_hips
    for _ in range(12):
        hem.learn(np.full(ACROSS.shape, np.nan, np.float32), body, 0.033)
    off, hidden = (
        float(line @ body.down) - float(body.across_hips @ body.down)
        for line in (level, hem.steadied(body).across_hips)
    )
    assert abs(off) > 0.02
    assert hidden == pytest.approx(off, rel=0.3)


def test_from_the_side_the_hem_is_seen_beside_the_arm() -> None:
    body = body_of(people.pose("a_pose"))
    narrow = replace(body, shoulders=0.3 * body.scale)
    frame = drawn(narrow, 1.0, 0.0)
    rows, columns = np.mgrid[0:480, 0:640]
    beside = np.abs((np.stack([columns, rows], -1) - body.chest) @ body.across)
    frame[beside < HALF * narrow.shoulders] = TOP
    found = hemline(frame, narrow, shares(TOP), shares(BELOW))
    assert np.isfinite(found).sum() >= LEAST_COLUMNS
    assert np.nanmedian(found) == pytest.approx(1.0, abs=0.01)


def test_a_hem_may_curve_and_scattered_edges_are_none() -> None:
    body = body_of(people.pose("a_pose"))
    round_the_body, scattered = OwnHem(), OwnHem()
    round_the_body.learn((1.1 - 0.05 * ACROSS**2).astype(np.float32), body, 0.033)
    assert round_the_body.depth == pytest.approx(1.1 - 0.05 / 3, abs=0.02)
    scattered.learn((1.1 + 0.06 * np.sin(7 * np.arange(len(ACROSS)))).astype(np.float32), body, 0.033)
    assert scattered.depth is None


def test_hips_are_no_further_off_than_a_tenth_of_the_torso() -> None:
    body, hem = body_of(people.pose("a_pose")), OwnHem()
    for depth in (*[0.9] * 30, *[1.2] * 10):
        hem.learn(np.full(ACROSS.shape, depth, np.float32), body, 0.033)
    assert hem.steadied(body).torso == pytest.approx((1 + MOST) * body.torso)


def test_somebody_elses_hem_is_looked_for_anew() -> None:
    pose, frame, compositor = people.pose("a_pose"), people.picture("a_pose"), Compositor()
    placements = [place(Wardrobe.demo()["tee"], body_of(pose), Silhouette(body_of(pose)), lambda points: points)]
    compositor.compose(frame, body_of(pose), placements, 0.033)
    assert compositor.steadied(frame, body_of(pose), 0.033).own_hem is not None
    compositor.forget()
    assert compositor.steadied(np.zeros_like(frame), body_of(pose), 0.033).own_hem is None


def test_a_top_covers_the_own_one_though_the_hips_were_tracked_too_high() -> None:
    wrong = moved_hips(people.pose("arms_crossed"), -0.06, -0.06)
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
