"""The media clock never runs backward, and stamps are even, bounded and increasing."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from app.media.clock import CATCH_UP_MS, SLEW, STAMP_BOUND_MS, MediaClock, Stamper


def test_media_time_starts_at_the_wall_clock() -> None:
    assert MediaClock().read(5.0, 1_700_000_000.0) == 1_700_000_000_000


def test_media_time_starts_behind_what_was_told_before_a_restart() -> None:
    clock = MediaClock(floor_ms=2_000_000.0)
    assert clock.read(5.0, 1_999.0) == 2_000_000.0
    assert clock.read(6.0, 2_000.0) >= 2_000_000.0 + 1000 * (1 - SLEW)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 4e9)), min_size=2, max_size=30))
def test_media_time_never_runs_backward_whatever_the_wall_clock_does(steps: list[tuple[float, float]]) -> None:
    clock, monotonic, last = MediaClock(), 0.0, 0.0
    for passed, wall in steps:
        monotonic += passed
        now = clock.read(monotonic, wall)
        assert now >= last
        last = now


def test_a_wall_clock_that_is_set_back_slows_media_time_by_no_more_than_the_slew() -> None:
    clock = MediaClock()
    start = clock.read(0.0, 1000.0)
    assert abs(clock.read(10.0, 500.0) - (start + 10_000 * (1 - SLEW))) < 1e-6


def test_between_two_sources_media_time_catches_up_with_a_wall_clock_set_ahead() -> None:
    clock = MediaClock()
    clock.read(0.0, 1000.0)
    clock.catch_up(0.0, 1000.0 + CATCH_UP_MS / 1000)
    assert clock.read(0.0, 1001.0) == 1_000_000.0
    clock.catch_up(0.0, 1010.0)
    assert clock.read(0.0, 1010.0) == 1_010_000.0
    clock.catch_up(60.0, 1070.0)  # time that merely passed is no step
    assert clock.read(60.0, 1070.0) == 1_070_000.0


def test_stamps_keep_the_senders_spacing_when_the_network_does_not() -> None:
    stamper, chance = Stamper(), random.Random(1)
    stamps = [stamper.stamp(i * 1000 / 30, 5_000 + i * 1000 / 30 + chance.uniform(0, 80)) for i in range(300)]
    gaps = [b - a for a, b in itertools.pairwise(stamps[60:])]
    assert max(abs(gap - 1000 / 30) for gap in gaps) < 4
    assert all(-5 < stamp - (5_000 + i * 1000 / 30) < 85 for i, stamp in enumerate(stamps))


def test_stamps_come_down_when_the_first_frames_were_slow() -> None:
    stamper = Stamper()
    arrivals = [(i * 40.0, 10_000 + i * 40.0 + (200 if i < 5 else 0)) for i in range(150)]
    stamps = [stamper.stamp(sent, arrival) for sent, arrival in arrivals]
    assert abs(stamps[-1] - arrivals[-1][1]) < 1


def test_stamps_follow_a_drifting_sender_clock() -> None:
    stamper = Stamper()
    for i in range(30 * 600):
        sent = i * 1000 / 30
        arrival = sent * 1.0002  # 200 ppm
        stamp = stamper.stamp(sent, arrival)
    assert abs(stamp - arrival) < 25


def test_a_sender_that_jumps_is_followed_at_once() -> None:
    stamper = Stamper()
    for i in range(60):
        stamper.stamp(i * 33.0, 1_000 + i * 33.0)
    ahead = stamper.stamp(60 * 33.0 + 90_000, 1_000 + 60 * 33.0)
    assert abs(ahead - (1_000 + 60 * 33.0)) <= STAMP_BOUND_MS


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 5_000)), min_size=2, max_size=60))
def test_stamps_always_increase(frames: list[tuple[float, float]]) -> None:
    stamper, arrival, last = Stamper(after_ms=500.0), 1_000.0, 500.0
    for sent, passed in frames:
        arrival += passed
        stamp = stamper.stamp(sent, arrival)
        assert stamp > last
        last = stamp
