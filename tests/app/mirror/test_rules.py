"""The mirror's small rules: slot, admission, turns, ladder, guidance."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mirror.admission import Admission, lanes
from app.mirror.guidance import HOLDS_MS, Guidance
from app.mirror.ladder import DOWN_AFTER_MS, UP_AFTER_MS, Ladder
from app.mirror.slot import Slot
from app.mirror.turns import SHARE, Turns


def test_the_newest_frame_wins() -> None:
    slot: Slot[int] = Slot()
    assert not slot.ready
    slot.put(1)
    assert slot.take() == 1
    for number in (2, 3, 4):
        slot.put(number)
    assert not slot.ready
    assert slot.replaced == 2
    slot.done()
    assert slot.take() == 4
    with pytest.raises(LookupError):
        slot.take()


def test_a_cleared_slot_forgets_what_waits() -> None:
    slot: Slot[int] = Slot()
    slot.put(1)
    slot.clear()
    assert not slot.ready


def test_a_worker_gets_a_share_of_the_cores() -> None:
    assert [lanes(*machine) for machine in ((1, 1), (2, 1), (4, 3), (8, 7), (16, 1), (1, 0))] == [1, 2, 1, 1, 16, 1]


def test_who_comes_first_is_let_in_first() -> None:
    room: Admission[str] = Admission(2)
    assert [room.enter(name) for name in "abcd"] == [True, True, False, False]
    assert list(room.positions()) == [("c", 1), ("d", 2)]
    assert room.leave("a") == ["c"]
    assert list(room.positions()) == [("d", 1)]
    assert not room.enter("e")
    assert room.leave("d") == []
    assert room.leave("b") == ["e"]


def test_who_is_idle_steps_aside_only_when_somebody_waits() -> None:
    room: Admission[str] = Admission(1)
    room.enter("a")
    assert room.step_aside("a") == []
    room.enter("b")
    assert room.step_aside("a") == ["b"]
    assert list(room.positions()) == [("a", 1)]
    assert room.step_aside("nobody") == []


@given(st.lists(st.tuples(st.sampled_from(["enter", "leave", "aside"]), st.integers(0, 9))), st.integers(1, 4))
def test_the_room_is_never_too_full_and_nobody_waits_before_a_free_place(
    steps: list[tuple[str, int]], limit: int
) -> None:
    room: Admission[int] = Admission(limit)
    present: set[int] = set()
    for action, who in steps:
        if action == "enter":
            room.enter(who)
            present.add(who)
        elif action == "leave":
            room.leave(who)
            present.discard(who)
        else:
            room.step_aside(who)
        assert room.shoppers <= limit
        assert room.shoppers == limit or room.waiting == 0
        assert room.shoppers + room.waiting == len(present)
        assert [place for _, place in room.positions()] == list(range(1, room.waiting + 1))


def test_one_shoppers_slow_frames_cost_nobody_else_their_turn() -> None:
    turns: Turns[str] = Turns()
    cost = {"slow": 500.0, "b": 50.0, "c": 50.0}
    served = Counter[str]()
    now = 0.0
    while now < 60_000:
        who = turns.next(cost, now)
        if who is None:
            now += turns.wakes_in(cost, now) or 0.0
            continue
        served[who] += 1
        turns.charge(who, now, cost[who], sharers=3)
        now += cost[who]
    # About a third of the time each, instead of ten twelfths for who is ten times slower.
    assert served["b"] == pytest.approx(served["c"], abs=2)
    assert served["slow"] * cost["slow"] < 0.4 * 60_000
    assert sum(count * cost[who] for who, count in served.items()) > 0.8 * 60_000


def test_who_has_expensive_frames_rests_although_nobody_else_has_one_right_now() -> None:
    turns: Turns[str] = Turns()
    assert turns.next(["slow"], 0) == "slow"
    turns.charge("slow", 0, 200, sharers=2)
    assert turns.next(["slow"], 201) is None
    assert turns.wakes_in(["slow"], 201) == pytest.approx(400 * SHARE - 201)
    assert turns.next(["slow", "quick"], 201) == "quick"
    assert turns.next(["slow"], 400 * SHARE) == "slow"
    assert turns.wakes_in(["slow"], 400 * SHARE) is None


def test_alone_nobody_rests() -> None:
    turns: Turns[str] = Turns()
    turns.charge("alone", 0, 200, sharers=0.5)
    assert turns.next(["alone"], 200) == "alone"


def test_a_pause_earns_no_credit() -> None:
    turns: Turns[str] = Turns()
    for now in range(0, 5000, 50):
        turns.charge(turns.next(["a"], now) or "", now, 50, sharers=1)
    order = []
    for now in range(5000, 5600, 50):
        who = turns.next(["a", "late"], now) or ""
        turns.charge(who, now, 50, sharers=1)
        order.append(who)
    assert order.count("late") in (5, 6, 7)
    assert turns.next([], 0) is None
    turns.leave("a")
    turns.leave("nobody")


def test_overload_brings_the_lighter_model_and_room_the_fuller_one_back() -> None:
    ladder = Ladder(lanes=1)
    assert ladder.observe(0, active=1, cost_ms=50) == "full"
    assert ladder.observe(1000, active=2, cost_ms=50) == "full"
    assert ladder.observe(1000 + DOWN_AFTER_MS - 1, active=2, cost_ms=50) == "full"
    assert ladder.observe(1000 + DOWN_AFTER_MS, active=2, cost_ms=50) == "lite"
    assert ladder.observe(20_000, active=2, cost_ms=38) == "lite"
    assert ladder.observe(21_000, active=1, cost_ms=38) == "lite"
    assert ladder.observe(21_000 + UP_AFTER_MS, active=1, cost_ms=38) == "full"


def test_a_short_burst_changes_nothing() -> None:
    ladder = Ladder(lanes=1)
    for at in range(0, 60_000, 500):
        busy = at % 1500 < 1000
        assert ladder.observe(at, active=2 if busy else 1, cost_ms=50) == "full"


def test_an_empty_room_changes_nothing() -> None:
    ladder = Ladder(lanes=1)
    assert ladder.observe(0, active=0, cost_ms=0) == "full"
    assert ladder.observe(DOWN_AFTER_MS, active=0, cost_ms=900) == "full"


def test_more_lanes_serve_more_shoppers_but_no_single_one_faster() -> None:
    two, slow = Ladder(lanes=2), Ladder(lanes=2)
    for at in (0, DOWN_AFTER_MS):
        two.observe(at, active=2, cost_ms=50)
        slow.observe(at, active=1, cost_ms=100)
    assert two.model == "full"
    assert slow.model == "lite"


def test_guidance_is_told_when_it_holds() -> None:
    guidance = Guidance()
    assert guidance.see("ok", 0) == "ok"
    assert guidance.see("no-person", 100) is None
    assert guidance.see("ok", 140) is None
    assert guidance.see("no-person", 200) is None
    assert guidance.see("no-person", 200 + HOLDS_MS - 1) is None
    assert guidance.see("no-person", 200 + HOLDS_MS) == "no-person"
    assert guidance.see("no-person", 9000) is None


def test_guidance_knows_what_was_said_for_another_reason() -> None:
    guidance = Guidance()
    guidance.say("ok")
    assert guidance.see("ok", 0) is None
    guidance.say("busy")
    assert guidance.see("ok", 10) is None
    assert guidance.see("ok", 10 + HOLDS_MS) == "ok"
