"""Snapshot + events = truth, whatever the network does."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlays.messages import CueEndMessage, CueMessage, DropMessage, Numbered
from overlays.timeline import State, Step, Timeline

T0 = 1_790_000_000_000


def cue(seq: int, at: int = 0, duration: int = 1000, name: str | None = None) -> CueMessage:
    return CueMessage(seq, name or f"cue_{seq}", "product", ("tee",), T0 + at, duration)


def shown(timeline: Timeline, at: int) -> list[str]:
    return [found.id for found in timeline.live(T0 + at)]


def test_a_cue_is_shown_from_its_frame_up_to_the_frame_of_its_end() -> None:
    timeline = Timeline()
    assert timeline.apply(cue(1, at=100, duration=50)) is Step.APPLIED
    assert [shown(timeline, at) for at in (99, 100, 149, 150)] == [[], ["cue_1"], ["cue_1"], []]


def test_an_end_moves_the_last_frame_forward_and_never_back() -> None:
    timeline = Timeline()
    timeline.apply(cue(1))
    timeline.apply(CueEndMessage(2, "cue_1", T0 + 400))
    timeline.apply(CueEndMessage(3, "cue_1", T0 + 900))
    assert [shown(timeline, at) for at in (399, 400, 899)] == [["cue_1"], [], []]


@pytest.mark.parametrize("at_ms", [None, T0, T0 - 5])
def test_a_retracted_cue_is_gone_from_every_frame(at_ms: int | None) -> None:
    timeline = Timeline()
    timeline.apply(cue(1))
    timeline.apply(CueEndMessage(2, "cue_1", at_ms))
    assert shown(timeline, 0) == []
    assert timeline.find("cue_1") is None


def test_duplicates_are_known_and_losses_are_gaps() -> None:
    timeline = Timeline()
    assert timeline.apply(cue(2)) is Step.GAP
    assert timeline.apply_all([cue(1), cue(2)]) is Step.APPLIED
    assert timeline.apply(cue(1, at=500)) is Step.KNOWN
    assert timeline.apply_all([cue(3), cue(5), cue(6)]) is Step.GAP
    assert timeline.seq == 3


def test_an_end_of_a_forgotten_cue_only_counts() -> None:
    timeline = Timeline()
    timeline.apply_all([cue(1), cue(2, at=5000)])
    timeline.forget(T0 + 1000)
    assert timeline.find("cue_1") is None
    assert timeline.apply(CueEndMessage(3, "cue_1", None)) is Step.APPLIED
    assert [message.id for message in timeline.state().cues] == ["cue_2"]


def test_the_last_state_of_a_drop_is_kept() -> None:
    timeline = Timeline()
    timeline.apply_all([DropMessage(1, "drp_1", "announced"), DropMessage(2, "drp_1", "open", sku="tee", left=5)])
    assert timeline.state().drops == (DropMessage(2, "drp_1", "open", sku="tee", left=5),)


@st.composite
def logs(draw: st.DrawFn) -> list[Numbered]:
    """A show's log: cues, ends and retractions of cues that exist (or never did), drops."""
    log: list[Numbered] = []
    for seq in range(1, draw(st.integers(1, 30)) + 1):
        kind = draw(st.sampled_from(["cue", "cue", "end", "retract", "drop"]))
        about = f"cue_{draw(st.integers(1, seq))}"
        if kind == "cue":
            log.append(cue(seq, draw(st.integers(0, 2000)), draw(st.integers(500, 2000))))
        elif kind == "drop":
            log.append(DropMessage(seq, f"drp_{draw(st.integers(1, 3))}", "open", left=seq))
        else:
            log.append(CueEndMessage(seq, about, None if kind == "retract" else T0 + draw(st.integers(0, 3000))))
    return log


def truth(log: list[Numbered]) -> Timeline:
    timeline = Timeline()
    timeline.apply_all(log)
    return timeline


def view(timeline: Timeline) -> dict[int, list[str]]:
    return {at: shown(timeline, at) for at in range(0, 4001, 250)}


def by_id(state: State) -> tuple[int, dict[str, Any], dict[str, Any]]:
    return state.seq, {m.id: m for m in state.cues}, {m.id: m for m in state.drops}


@given(log=logs(), data=st.data())
@settings(max_examples=200, deadline=None)
def test_any_joiner_over_any_network_ends_with_the_truth(log: list[Numbered], data: st.DataObject) -> None:
    joined = data.draw(st.integers(0, len(log)), label="joined at")
    client = Timeline(truth(log[:joined]).state())
    # The room was entered before the snapshot was read, so earlier messages may arrive as well; some are lost,
    # doubled or overtaken on the way.
    arriving = data.draw(st.lists(st.sampled_from(log), max_size=60), label="arriving")
    for message in arriving:
        before = client.seq
        step = client.apply(message)
        if step is Step.GAP:
            assert client.seq == before
            if data.draw(st.booleans(), label="asks for what was missed"):
                # Answered from the log up to a seq at least as new as the message that revealed the gap.
                upto = data.draw(st.integers(message.seq, len(log)))
                assert client.apply_all(log[client.seq : upto]) is not Step.GAP
        assert by_id(client.state()) == by_id(truth(log[: client.seq]).state())
    if data.draw(st.booleans(), label="comes back after a kill"):
        client = Timeline(truth(log).state())
    client.apply_all(log[client.seq :])
    assert by_id(client.state()) == by_id(truth(log).state())
    assert view(client) == view(truth(log))


@given(log=logs(), at=st.integers(0, 4000))
@settings(max_examples=100, deadline=None)
def test_forgetting_never_changes_what_later_frames_show(log: list[Numbered], at: int) -> None:
    timeline, forgetful = Timeline(), Timeline()
    for message in log:
        timeline.apply(message)
        forgetful.apply(message)
        forgetful.forget(T0 + at)
    assert all(shown(timeline, later) == shown(forgetful, later) for later in range(at, 4001, 250))
