"""The show's states."""

import itertools

import pytest

from app.show.event import PHASES, STALLED_S, Heartbeat, Phase, WrongPhase, move, shown


def test_every_move_a_host_needs_is_allowed_and_staying_is_no_move() -> None:
    moves = [pair for pair in itertools.product(PHASES, PHASES) if move(*pair)]
    assert set(moves) == {
        ("before", "live"), ("before", "after"), ("live", "after"), ("live", "before"), ("after", "live"),
        ("after", "before"),
    }  # fmt: skip


def test_a_move_that_is_not_allowed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.show.event.ALLOWED", {"after": frozenset()})
    with pytest.raises(WrongPhase, match="after cannot become live"):
        move("after", "live")


@pytest.mark.parametrize(
    ("phase", "picture", "state"),
    [("before", True, "before"), ("live", True, "live"), ("live", False, "pause"), ("after", False, "after")],
)
def test_only_a_live_show_pauses(phase: Phase, picture: bool, state: str) -> None:
    assert shown(phase, picture) == state


def test_a_picture_that_stands_still_is_away_and_one_that_moves_again_is_back() -> None:
    heartbeat = Heartbeat()
    assert heartbeat.beat(True, 1000, now=0.0)
    assert heartbeat.beat(True, 1000, now=STALLED_S - 0.1)
    assert not heartbeat.beat(True, 1000, now=STALLED_S)
    assert heartbeat.beat(True, 1040, now=STALLED_S + 1)
    assert not heartbeat.beat(False, 1080, now=STALLED_S + 1)
