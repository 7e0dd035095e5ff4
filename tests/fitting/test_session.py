import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from fitting import FittingSession, Wardrobe
from fitting.errors import FrameInvalid, GarmentUnknown, ModelsMissing
from fitting.pose import Bytes, Pose
from tests.fitting import people

WARDROBE = Wardrobe.demo()


def session(pose: Pose | None) -> FittingSession:
    return FittingSession(WARDROBE, tracker=people.Replay(lambda _: pose))


@pytest.mark.parametrize("model", ["lite", "full"])
def test_a_tracked_person_wears_the_tee(model: str) -> None:
    with FittingSession(WARDROBE, model=model) as shopper:
        shopper.wear(["tee"])
        frame = people.picture("a_pose")
        for i in range(6):
            fitted = shopper.process(frame.copy(), 33 * i)
    assert fitted.pose is not None
    assert fitted.guidance is None
    shirt = np.isin(people.truth("a_pose"), people.SHIRT)
    assert people.overlap(fitted.garment_mask > 127, shirt) > 0.86


def test_an_empty_room_comes_back_as_it_was() -> None:
    room = np.full((480, 640, 3), 127, np.uint8)
    with FittingSession(WARDROBE, model="lite") as shopper:
        shopper.wear(["tee"])
        fitted = shopper.process(room, 1)
    assert fitted.pose is None
    assert fitted.guidance == "no-person"
    assert (fitted.frame == room).all()
    assert fitted.garment_mask.sum() == 0


def test_the_given_frame_is_not_changed() -> None:
    frame = people.picture("a_pose")
    before = frame.copy()
    with session(people.pose("a_pose")) as shopper:
        shopper.wear(["tee"])
        for i in range(5):
            shopper.process(frame, 33 * i)
    assert (frame == before).all()


def test_taking_everything_off_gives_the_frame_back() -> None:
    frame = people.picture("a_pose")
    with session(people.pose("a_pose")) as shopper:
        shopper.wear(["tee"])
        shopper.process(frame, 1)
        shopper.wear([])
        fitted = shopper.process(frame, 40)
    assert (fitted.frame == frame).all()


def test_a_lost_person_fades_the_garment_out_where_it_was() -> None:
    frame, pose = people.picture("a_pose"), people.pose("a_pose")
    tracker = people.Replay(lambda ms: pose if ms < 500 else None)
    with FittingSession(WARDROBE, tracker=tracker) as shopper:
        shopper.wear(["tee"])
        areas = []
        for ms in range(0, 1200, 33):
            fitted = shopper.process(frame, ms)
            areas.append(int(fitted.garment_mask.max()))
            if ms < 500:
                worn = fitted.garment_mask > 0
            assert not (fitted.garment_mask[~worn] > 0).any()
    after = areas[16:]
    assert all(a >= b for a, b in pairwise(after))
    assert after[0] > 150
    assert after[-1] == 0
    assert fitted.pose is None


def test_one_lost_frame_does_not_flicker() -> None:
    frame, pose = people.picture("a_pose"), people.pose("a_pose")
    with FittingSession(WARDROBE, tracker=people.Replay(lambda ms: None if ms == 330 else pose)) as shopper:
        shopper.wear(["tee"])
        strongest = [int(shopper.process(frame, ms).garment_mask.max()) for ms in range(0, 700, 33)]
    assert min(strongest[5:]) > 200


def test_somebody_else_is_not_dressed_across_the_room() -> None:
    frame, first = people.picture("a_pose"), people.pose("a_pose")
    second = replace(first, points=first.points + np.array([260, 0, 0], np.float32), mask=np.roll(first.mask, 130, 1))
    with FittingSession(WARDROBE, tracker=people.Replay(lambda ms: first if ms < 400 else second)) as shopper:
        shopper.wear(["tee"])
        for ms in range(0, 434, 33):
            fitted = shopper.process(frame, ms)
    columns = np.nonzero(fitted.garment_mask.max(axis=0))[0]
    assert columns.min() > first.points[11:13, 0].min() + 150


def test_elbows_that_slip_along_their_arms_do_not_move_the_cuffs() -> None:
    pose, frame, rng = people.pose("a_pose"), people.picture("a_pose"), np.random.default_rng(5)

    def slipping(_: int) -> Pose:
        points = pose.points.copy()
        points[13:15] += (0.08 * rng.normal(size=(2, 1)) * (points[13:15] - points[11:13])).astype(np.float32)
        return replace(pose, points=points)

    lengths = []
    with FittingSession(Wardrobe.demo(), tracker=people.Replay(slipping)) as session:
        session.wear(["tee"])
        for i in range(40):
            found = session.process(frame, 33 * i).pose
            assert found is not None
            bones = found.points[13:15, :2] - found.points[11:13, :2]
            lengths.append(np.hypot(bones[:, 0], bones[:, 1]))
    assert np.diff(lengths[10:], axis=0).std() < 0.023 * np.mean(lengths)


def test_a_turned_back_is_told_so() -> None:
    pose = people.pose("a_pose")
    with session(pose.mirrored(640)) as shopper:
        assert shopper.process(people.picture("a_pose"), 1).guidance is None
    turned = replace(pose, points=pose.mirrored(640).points[:, :] * [-1, 1, 1] + [639, 0, 0])
    with session(turned) as shopper:
        shopper.wear(["tee"])
        fitted = shopper.process(people.picture("a_pose"), 1)
    assert fitted.guidance == "turn-around"
    assert fitted.garment_mask.sum() == 0


def test_a_person_too_near_is_asked_to_step_back() -> None:
    pose = people.pose("a_pose")
    near = replace(pose, points=(pose.points - [320, 240, 0]) * [5, 5, 5] + [320, 240, 0])
    with session(near) as shopper:
        assert shopper.process(people.picture("a_pose"), 1).guidance == "step-back"


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((10, 640, 3), np.uint8),
    ],
)
def test_what_is_no_frame_is_refused(frame: Bytes) -> None:
    with session(None) as shopper, pytest.raises(FrameInvalid):
        shopper.process(frame, 1)


def test_timestamps_must_increase() -> None:
    frame = people.picture("a_pose")
    with session(None) as shopper:
        shopper.process(frame, 100)
        with pytest.raises(FrameInvalid, match="increase"):
            shopper.process(frame, 100)


def test_an_unknown_garment_leaves_the_worn_ones_on() -> None:
    with session(people.pose("a_pose")) as shopper:
        shopper.wear(["tee"])
        with pytest.raises(GarmentUnknown):
            shopper.wear(["tee", "crinoline"])
        for i in range(4):
            fitted = shopper.process(people.picture("a_pose"), 33 * i)
    assert fitted.garment_mask.max() > 200


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(ModelsMissing, match="lite"):
        FittingSession(WARDROBE, model="heavy")


def test_closing_the_session_closes_its_tracker() -> None:
    tracker = people.Replay(lambda _: None)
    with FittingSession(WARDROBE, tracker=tracker):
        pass
    assert tracker.closed


@pytest.mark.parametrize("seed", range(40))
def test_landmarks_gone_mad_neither_raise_nor_paint_the_whole_picture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sane = people.pose(people.NAMES[seed % 5])

    def mad(ms: int) -> Pose:
        points = sane.points.copy()
        kind = (seed + ms // 33) % 5
        some = rng.choice(33, 10, replace=False)
        if kind == 0:
            points[some] = np.nan
        elif kind == 1:
            points[some] += rng.normal(0, 5000, (10, 3)).astype(np.float32)
        elif kind == 2:
            points = points[rng.permutation(33)]
        elif kind == 3:
            points[:] = points[0]
        else:
            points[some] = rng.choice([np.inf, -1e30, 1e30], (10, 3))
        return replace(sane, points=points, mask=rng.integers(0, 256, sane.mask.shape).astype(np.uint8))

    frame = people.picture(people.NAMES[seed % 5])
    with FittingSession(WARDROBE, tracker=people.Replay(mad)) as shopper:
        shopper.wear(["trousers", "shirt", "coat", "hat", "glasses"])
        for ms in range(0, 330, 33):
            fitted = shopper.process(frame, ms)
            assert fitted.frame.shape == frame.shape
            assert (fitted.garment_mask > 127).mean() < 0.9


def test_two_shoppers_at_once_do_not_disturb_each_other() -> None:
    frame = people.picture("a_pose")
    results: dict[str, Bytes] = {}

    def shop(name: str, garment: str) -> None:
        with session(people.pose("a_pose")) as shopper:
            shopper.wear([garment])
            for i in range(6):
                results[name] = shopper.process(frame, 33 * i).garment_mask

    threads = [threading.Thread(target=shop, args=(f"{g}{i}", g)) for g in ("tee", "coat") for i in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results["tee1"] == results["tee2"]).all()
    assert (results["coat1"] == results["coat2"]).all()


_watched: list[tuple[str, tuple[object, ...]]] | None = None


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watched is not None and (event.startswith(("socket.", "subprocess", "os.rename", "shutil")) or event == "open"):
        _watched.append((event, arguments))


@contextmanager
def watched() -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    """Everything that Python code opens, sends or starts meanwhile."""
    global _watched
    _watched = []
    try:
        yield _watched
    finally:
        _watched = None


def test_no_frame_touches_disk_or_network() -> None:
    sys.addaudithook(_hook)
    with FittingSession(WARDROBE, model="lite") as shopper:
        shopper.wear(["tee", "hat"])
        frame = people.picture("a_pose")
        shopper.process(frame, 1)
        with watched() as seen:
            for i in range(3):
                shopper.process(frame, 40 + 33 * i)
    assert seen == []
