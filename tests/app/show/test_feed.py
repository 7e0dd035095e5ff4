"""What one process knows of an event, without any network."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.show.cues import REWIND_MS
from app.show.feed import SAID_KEPT, Feed
from overlays.messages import (
    CueMessage,
    DropMessage,
    Missed,
    ReactionsMessage,
    SaidMessage,
    StockMessage,
    UnsaidMessage,
    ViewersMessage,
    body,
)
from overlays.timeline import OVER_KEPT, Step

T0 = 1_790_000_000_000


def cue(seq: int, at_ms: int = T0) -> bytes:
    return body(CueMessage(seq, f"cue_{seq}", "product", ("tee",), at_ms, 8000))


def drop(seq: int, name: str, state: str, left: int | None = None) -> bytes:
    return body(DropMessage(seq, name, state, left=left))  # type: ignore[arg-type]


def test_a_snapshot_is_exactly_what_was_accepted() -> None:
    feed = Feed("gala")
    assert [feed.accept("cue", cue(seq)) for seq in (1, 2, 4, 2, 3)] == [
        Step.APPLIED, Step.APPLIED, Step.GAP, Step.KNOWN, Step.APPLIED,
    ]  # fmt: skip
    snapshot = feed.snapshot(0.0)
    assert (snapshot.seq, [message.seq for message in snapshot.cues]) == (3, [1, 2, 3])


def test_missed_is_told_as_long_as_it_is_remembered() -> None:
    feed = Feed("gala", seq=10)
    assert isinstance(feed.missed(10, 0.0), Missed)
    assert feed.missed(9, 0.0) is None
    feed.accept("cue", cue(11))
    feed.accept("drop", drop(12, "drp_1", "announced"))
    missed = feed.missed(10, 0.0)
    assert missed is not None
    assert [msgspec.json.decode(entry)["type"] for entry in missed.missed] == ["cue", "drop"]
    assert feed.missed(9, 0.0) is None
    ahead = feed.missed(99, 0.0)  # a process that is ahead of this one told it
    assert ahead is not None
    assert ahead.missed == ()


def test_old_cues_and_old_drops_leave_the_snapshot() -> None:
    feed = Feed("gala")
    feed.accept("cue", cue(1))
    feed.accept("cue", cue(2, T0 + REWIND_MS))
    for number in range(OVER_KEPT + 5):
        feed.accept("drop", drop(3 + number, f"drp_{number}", "ended", 0))
    feed.accept("drop", drop(3 + OVER_KEPT + 5, "drp_open", "open", 5))
    feed.see(True, T0 + 8000 + REWIND_MS, 0.0)
    snapshot = feed.snapshot(0.0)
    assert [message.id for message in snapshot.cues] == ["cue_2"]
    assert len(snapshot.drops) == OVER_KEPT + 1
    assert snapshot.drops[-1].id == "drp_open"


def test_the_newest_stock_is_in_the_snapshot_and_a_secret_drop_has_none() -> None:
    feed = Feed("gala")
    feed.accept("drop", drop(1, "drp_1", "open", 12))
    feed.accept("drop", drop(2, "drp_2", "announced"))
    feed.count("stock", body(StockMessage("drp_1", 4)))
    feed.count("stock", body(StockMessage("drp_2", 9)))
    assert [message.left for message in feed.drops()] == [4, None]
    feed.accept("drop", drop(3, "drp_1", "open", 6))
    assert feed.drops()[0].left == 6


def test_counters_wait_for_their_turn() -> None:
    feed = Feed("gala")
    feed.watched(3)
    feed.watched(3)
    feed.count("reactions", body(ReactionsMessage({"heart": 2})))
    feed.count("reactions", body(ReactionsMessage({"heart": 1, "wow": 1})))
    assert feed.coalescer.take(0) == [ViewersMessage(3), ReactionsMessage({"heart": 3, "wow": 1})]


def test_only_the_last_lines_are_kept_and_a_hidden_one_is_gone() -> None:
    feed = Feed("gala")
    for number in range(SAID_KEPT + 5):
        feed.remember(SaidMessage(f"say_{number}", "Satin 001", "hi", "2026-01-01T00:00:00.000Z"))
    feed.forget(UnsaidMessage("say_10"))
    feed.forget(UnsaidMessage("say_0"))
    ids = [line.id for line in feed.snapshot(0.0).said]
    assert len(ids) == SAID_KEPT - 1
    assert (ids[0], ids[-1]) == ("say_5", f"say_{SAID_KEPT + 4}")
    assert "say_10" not in ids


def test_the_pictures_clock_goes_on_between_two_looks_but_not_forever() -> None:
    feed = Feed("gala")
    feed.see(True, T0, now=10.0)
    feed.see(True, T0, now=10.5)
    assert [feed.media_ms(now) - T0 for now in (10.0, 10.4, 11.0, 20.0)] == [0, 400, 750, 750]
    feed.see(True, T0 + 1000, now=11.0)
    assert feed.snapshot(11.1).now_ms == T0 + 1100


HAPPENS = ("cue", "old cue", "drop", "stock", "line", "hidden", "picture", "viewers")


@given(happened=st.lists(st.sampled_from(HAPPENS), max_size=30))
def test_a_welcome_is_the_snapshot_whatever_happened_since_the_last_one(happened: list[str]) -> None:
    feed, now = Feed("gala"), 10.0
    for number, what in enumerate(happened):
        now += 0.25
        if what in ("cue", "old cue"):
            feed.accept("cue", cue(feed.seq + 1, T0 + number * 1000 if what == "cue" else T0 - 2 * REWIND_MS))
        elif what == "drop":
            feed.accept("drop", drop(feed.seq + 1, "drp_1", "open", 100))
        elif what == "stock":
            feed.count("stock", body(StockMessage("drp_1", 99 - number)))
        elif what == "line":
            feed.say(SaidMessage(f"say_{number}", "Satin 001", "hi", "2026-01-01T00:00:00.000Z"))
        elif what == "hidden":
            feed.forget(UnsaidMessage(next(iter(feed.said), "say_none")))
        elif what == "picture":
            feed.phase = "live"
            feed.see(number % 3 > 0, T0 + number * 1000, now)
        else:
            feed.watched(number)
        told = msgspec.json.decode(feed.welcome(now))
        assert told == msgspec.json.decode(msgspec.json.encode(feed.snapshot(now)))


def test_a_welcome_is_not_made_anew_for_each_of_a_whole_house() -> None:
    feed = Feed("gala")
    feed.accept("cue", cue(1))
    feed.welcome(0.0)
    made = feed._lasting
    feed.watched(7)
    feed.welcome(0.1)
    assert feed._lasting is made
