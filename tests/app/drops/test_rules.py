import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.drops import rules
from app.drops.planning import REVEAL_AHEAD_MS, REVEAL_BACK_MS, BadDrop, DropRequest, plan
from app.drops.rules import TAKING, TRANSITIONS, Drop, Hold, HoldState, State
from app.drops.views import drop_view, message
from overlays.messages import DropMessage, numbered

NOW = 1_790_000_000_000
ASKED = DropRequest(event="gala", sku="silk-dress", variant="silk-dress-m", quantity=3)


def drop(**changes: object) -> Drop:
    return replace(plan(ASKED, "drp_1", NOW, NOW), **changes)


def test_a_drop_goes_from_announced_to_ended() -> None:
    planned = plan(DropRequest("gala", "silk-dress", "m", 3, reveal_at_ms=NOW + 1000), "drp_1", NOW, NOW)
    times = {0: "announced", 999: "announced", 1000: "revealed", 8999: "revealed", 9000: "open"}
    assert {after: rules.state(planned, NOW + after) for after in times} == times
    assert rules.state(replace(planned, ended_ms=NOW + 10_000), NOW + 10_000) is State.ENDED
    assert rules.state(replace(planned, closes_at_ms=NOW + 20_000), NOW + 20_000) is State.ENDED
    assert rules.state(replace(planned, drawn_ms=NOW + 12_000, held=1, sold=2), NOW + 12_000) is State.SOLD_OUT


def test_requests_are_drawn_within_the_window_and_wait_until_the_draw_is_done() -> None:
    opened = drop(opens_at_ms=NOW, draw_ms=3000)
    assert not rules.takes_entries(opened, NOW - 1)
    assert rules.takes_entries(opened, NOW) and rules.takes_entries(opened, NOW + 2999)
    assert not rules.takes_entries(opened, NOW + 3000) and rules.draws(opened, NOW + 3000)
    assert rules.draw_due_ms(opened) == NOW + 3000 + rules.DRAW_GRACE_MS
    assert not rules.draws(replace(opened, drawn_ms=NOW + 3250), NOW + 3250)
    assert not rules.draws(drop(opens_at_ms=NOW, draw_ms=0), NOW)


def test_before_the_reveal_nothing_tells_what_it_is() -> None:
    secret = drop(reveal_at_ms=NOW + 1000, opens_at_ms=NOW + 9000)
    for told in (drop_view(secret, NOW), drop_view(replace(secret, ended_ms=NOW), NOW + 5000), message(secret, NOW)):
        assert "silk" not in repr(told)
    assert drop_view(secret, NOW + 1000).sku == "silk-dress"
    assert drop_view(secret, NOW, told=True).sku == "silk-dress"


def test_the_seed_is_told_after_the_draw_only() -> None:
    before = drop(reveal_at_ms=NOW)
    assert before.seed not in repr(drop_view(before, NOW)) and before.seed not in repr(message(before, NOW))
    after = replace(before, drawn_ms=NOW)
    assert message(after, NOW)["seed"] == after.seed


def test_every_state_makes_a_message_that_viewers_understand() -> None:
    import msgspec

    for changes in ({"reveal_at_ms": NOW + 1}, {}, {"opens_at_ms": NOW}, {"sold": 3, "draw_ms": 0}, {"ended_ms": NOW}):
        told = message(drop(**changes), NOW)
        assert isinstance(numbered("drop", msgspec.json.encode({"seq": 1, **told})), DropMessage)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reveal_at_ms": NOW - REVEAL_BACK_MS - 1}, "reveal_at_ms"),
        ({"reveal_at_ms": NOW + REVEAL_AHEAD_MS + 1}, "reveal_at_ms"),
        ({"closes_at": "soon"}, "closes_at"),
        ({"closes_at": "2026-09-21T12:00:00"}, "closes_at"),
        ({"closes_at": "2020-01-01T00:00:00Z"}, "closes_at"),
    ],
)
def test_numbers_that_make_no_drop_are_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadDrop, match=sentence):
        plan(DropRequest("gala", "silk-dress", "m", 3, **changes), "drp_1", NOW, NOW)  # type: ignore[arg-type]


def test_a_hold_cannot_be_kept_for_ever_by_being_declined() -> None:
    hold = Hold("h", "d", "gala", "s", "v", "shp", 1, HoldState.RESERVED, NOW, NOW + rules.HOLD_MS)
    assert rules.after_decline_ms(hold, NOW + 1000) == NOW + rules.HOLD_MS
    assert rules.after_decline_ms(hold, NOW + 290_000) == NOW + 290_000 + rules.RETRY_MS
    assert rules.after_decline_ms(hold, NOW + rules.HOLD_MAX_MS) == NOW + rules.HOLD_MAX_MS


def test_a_sold_unit_comes_back_only_by_being_given_back() -> None:
    assert TRANSITIONS[HoldState.SOLD] == {HoldState.RELEASED}
    assert HoldState.EXPIRED not in TAKING and HoldState.RELEASED not in TAKING


@given(
    st.integers(1, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50),
    st.integers(-20_000, 20_000), st.booleans(),
)  # fmt: skip
def test_whatever_the_counts_and_the_time_a_drop_has_one_state_and_never_negative_stock_to_sell(
    quantity: int, held: int, reserved: int, sold: int, after: int, drawn: bool
) -> None:
    if held + reserved + sold > quantity:
        return
    one = drop(quantity=quantity, held=held, reserved=reserved, sold=sold, drawn_ms=NOW if drawn else None)
    state = rules.state(one, NOW + after)
    assert one.left + held + reserved + sold == quantity
    assert (state is State.SOLD_OUT) <= (one.left == 0)
    if state is State.OPEN and not rules.draws(one, NOW + after):
        assert one.left > 0
