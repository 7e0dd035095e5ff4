"""Numbers without gaps, on SQLite and PostgreSQL, with many at once and some that fail."""

import asyncio

import msgspec
import pytest

from app.chat import queries as chat
from app.errors import NotFound
from app.ledger.engine import Ledger
from app.show import queries
from app.show.envelope import envelope, opened
from app.show.log import announce
from app.show.rundown import DEMO_FILE, parse_rundown

GALA = parse_rundown(DEMO_FILE.read_text(), DEMO_FILE)
CUE = {"id": "cue_1", "kind": "product", "products": ["tee"], "at_ms": 1_790_000_000_000, "duration_ms": 8000}


@pytest.fixture
async def stage(ledger: Ledger) -> Ledger:
    async with ledger.write() as conn:
        await queries.save_event(conn, GALA, None, "key_1", 1)
    return ledger


async def test_many_at_once_and_some_that_fail_leave_no_gap(stage: Ledger) -> None:
    async def one(number: int) -> int | None:
        try:
            async with stage.write() as conn:
                made = await announce(conn, "gala", "cue", {**CUE, "id": f"cue_{number}"})
                if number % 5 == 0:
                    raise RuntimeError("the transaction is undone")
                return made.seq
        except RuntimeError:
            return None

    made = await asyncio.gather(*(one(number) for number in range(40)))
    assert sorted(seq for seq in made if seq) == list(range(1, 33))
    async with stage.read() as conn:
        rows = await queries.announced_after(conn, "gala", 0)
        assert [row.seq for row in rows] == list(range(1, 33))
        assert [msgspec.json.decode(row.body)["seq"] for row in rows] == list(range(1, 33))
        assert len(await queries.announced_after(conn, "gala", 30)) == 2
        assert (await queries.seqs(conn, ["gala", "none"]))["gala"][0] == 32


async def test_a_message_that_viewers_would_not_understand_is_not_announced(stage: Ledger) -> None:
    for kind, message in (("cue", {**CUE, "at_ms": "soon"}), ("drop", {"id": "drp_1", "state": "maybe"})):
        with pytest.raises(msgspec.ValidationError):
            async with stage.write() as conn:
                await announce(conn, "gala", kind, message)
    with pytest.raises(NotFound):
        async with stage.write() as conn:
            await announce(conn, "matinee", "cue", CUE)
    async with stage.read() as conn:
        assert await queries.announced_after(conn, "gala", 0) == []


async def test_what_is_about_one_thing_and_the_last_drops_are_found(stage: Ledger) -> None:
    async with stage.write() as conn:
        await announce(conn, "gala", "cue", CUE)
        for state in ("announced", "revealed", "open"):
            await announce(conn, "gala", "drop", {"id": "drp_1", "state": state})
        await announce(conn, "gala", "cue_end", {"id": "cue_1", "at_ms": None})
    async with stage.read() as conn:
        about = await queries.announced_about(conn, "gala", "cue_1")
        assert [(row.seq, row.kind) for row in about] == [(1, "cue"), (5, "cue_end")]
        assert [row.seq for row in await queries.announced_drops(conn, "gala", upto=4, most=2)] == [3, 4]
        assert [row.seq for row in await queries.announced_drops(conn, "gala", upto=3, most=9)] == [2, 3]


async def test_an_event_keeps_its_key_and_its_phase_when_its_file_is_read_again(stage: Ledger) -> None:
    async with stage.write() as conn:
        await queries.set_phase(conn, "gala", "after", 5)
        await queries.set_autopilot(conn, "gala", on=False)
    async with stage.write() as conn:
        await queries.save_event(conn, GALA, None, "key_2", 2)
        found = await queries.event(conn, "gala")
        assert found is not None
        assert (found.stream_key, found.phase, found.since_ms, found.autopilot) == ("key_1", "after", 5, False)
        await queries.save_event(conn, GALA, "from-the-environment", "key_3", 2)
        assert (await queries.all_events(conn))[0].stream_key == "from-the-environment"


async def test_a_loop_is_claimed_by_one_of_many(stage: Ledger) -> None:
    async def claim() -> bool:
        async with stage.write() as conn:
            return await queries.claim_loop(conn, "gala", 1000)

    assert sum(await asyncio.gather(*(claim() for _ in range(8)))) == 1
    async with stage.write() as conn:
        assert not await queries.claim_loop(conn, "gala", 999)
        assert await queries.claim_loop(conn, "gala", 1001)


async def test_chat_lines_are_kept_in_order_and_hidden_ones_left_out(stage: Ledger) -> None:
    lines = [chat.Line(f"say_{n}", "gala", "shp_1", "Satin 001", f"line {n}", n) for n in range(5)]
    async with stage.write() as conn:
        await chat.add(conn, lines)
        assert await chat.hide(conn, "gala", "say_3", 9)
        assert await chat.hide(conn, "gala", "say_3", 10)
        assert not await chat.hide(conn, "matinee", "say_2", 9)
        assert [line.id for line in await chat.recent(conn, "gala", 3)] == ["say_1", "say_2", "say_4"]


def test_an_envelope_carries_any_message_unchanged() -> None:
    assert opened(envelope("said", b'{"text":"a\\nb"}')) == ("said", b'{"text":"a\\nb"}')
