"""Counters arrive seldom, reactions as sums, and the newest value always."""

from hypothesis import given, settings
from hypothesis import strategies as st

from overlays.coalesce import INTERVAL_MS, Coalescer
from overlays.messages import Outgoing, ReactionsMessage, SaidMessage, StockMessage, UnsaidMessage, ViewersMessage


def test_the_first_value_goes_at_once_and_the_last_one_follows() -> None:
    coalescer = Coalescer()
    coalescer.replace(ViewersMessage(1))
    assert coalescer.take(0) == [ViewersMessage(1)]
    for count in range(2, 50):
        coalescer.replace(ViewersMessage(count))
        assert coalescer.take(count) == []
    assert coalescer.due_ms() == INTERVAL_MS
    assert coalescer.take(INTERVAL_MS) == [ViewersMessage(49)]
    assert coalescer.due_ms() is None


def test_two_drops_take_turns_and_neither_starves() -> None:
    coalescer = Coalescer()
    seen: list[Outgoing] = []
    for now in range(0, 2000, 10):
        coalescer.replace(StockMessage("a", 2000 - now), "a")
        coalescer.replace(StockMessage("b", 2000 - now), "b")
        seen += coalescer.take(now)
    drops = [message.drop for message in seen if isinstance(message, StockMessage)]
    assert abs(drops.count("a") - drops.count("b")) <= 1


def said(number: int) -> SaidMessage:
    return SaidMessage(f"say_{number}", "Satin 001", "hi", "2026-01-01T00:00:00.000Z")


def test_everything_of_one_turn_comes_together_and_lines_keep_their_order() -> None:
    coalescer = Coalescer()
    coalescer.say(said(0))
    assert coalescer.take(0) == [said(0)]
    for number in range(1, 5):
        coalescer.say(said(number))
    coalescer.replace(ViewersMessage(9))
    coalescer.unsay(UnsaidMessage("say_3"))
    assert coalescer.take(INTERVAL_MS - 1) == []
    assert coalescer.take(INTERVAL_MS) == [ViewersMessage(9), said(1), said(2), said(4), UnsaidMessage("say_3")]
    assert coalescer.due_ms() is None


events = st.lists(
    st.tuples(
        st.integers(0, 150), st.sampled_from(["viewers", "stock a", "stock b", "heart", "fire"]), st.integers(0, 9)
    ),
    max_size=80,
)


@given(events=events)
@settings(max_examples=200, deadline=None)
def test_at_most_five_a_second_the_last_value_arrives_and_counts_add_up(events: list[tuple[int, str, int]]) -> None:
    coalescer, now = Coalescer(), 0
    sent: list[tuple[int, Outgoing]] = []
    last: dict[str, Outgoing] = {}
    total: dict[str, int] = {}
    for wait, what, value in events:
        for tick in range(now, now + wait, 10):
            sent += [(tick, message) for message in coalescer.take(tick)]
        now += wait
        if what == "viewers":
            last[what] = ViewersMessage(value)
            coalescer.replace(last[what])
        elif what.startswith("stock"):
            last[what] = StockMessage(what, value)
            coalescer.replace(last[what], what)
        else:
            total[what] = total.get(what, 0) + value
            coalescer.add({what: value})
    while (due := coalescer.due_ms()) is not None:
        now = max(now, int(due))
        sent += [(now, message) for message in coalescer.take(now)]
    for name in ("viewers", "stock", "reactions"):
        times = [at for at, message in sent if message.name == name]
        assert all(len([t for t in times if start <= t < start + 1000]) <= 5 for start in times)
    for what, message in last.items():
        about = [m for _, m in sent if m.name == message.name and (what == "viewers" or getattr(m, "drop", 0) == what)]
        assert about[-1] == message
    summed: dict[str, int] = {}
    for _, message in sent:
        if isinstance(message, ReactionsMessage):
            for kind, count in message.counts.items():
                summed[kind] = summed.get(kind, 0) + count
    assert summed == total
