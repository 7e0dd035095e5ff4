"""Late, early, reconnecting and on whichever process: every viewer knows the same show."""

import asyncio
import dataclasses

import pytest

from app import keys
from app.drops import queries as drops
from app.gate.connection import ANSWER_TIMEOUT_S
from app.gate.counters import FORGOTTEN_AFTER_MS
from app.metrics import METRICS
from app.show import live as live_module
from app.show.director import Director
from app.show.log import announce, publish
from overlays.messages import StockMessage
from tests.app.show.conftest import House
from tests.servers import RedisServer
from tests.viewers import Client, eventually


def numbers(client: Client) -> list[int]:
    return [data["seq"] for name, data in client.heard if name in ("cue", "cue_end", "drop")]


async def test_a_cue_reaches_every_viewer_and_a_late_joiner_alike(house: House) -> None:
    early, answer = await house.watch()
    assert (answer["event"], answer["state"], answer["seq"], answer["cues"]) == ("gala", "live", 0, [])
    made = await house.cue(anchor={"x": 0.5, "y": 0.4})
    await eventually(lambda: numbers(early) == [1])
    _, late = await house.watch()
    assert late["cues"] == early.named("cue")
    assert late["cues"][0] == {
        "seq": made["seq"], "id": made["id"], "kind": "product", "products": ["tee"], "at_ms": made["at_ms"],
        "duration_ms": 8000, "anchor": {"x": 0.5, "y": 0.4},
    }  # fmt: skip


async def test_who_comes_back_hears_exactly_what_was_missed(house: House) -> None:
    first, _ = await house.watch()
    ids = [(await house.cue())["id"] for _ in range(5)]
    await eventually(lambda: numbers(first) == [1, 2, 3, 4, 5])
    back = await house.viewer()
    answer = await back.ask("join", {"event": "gala", "since": 2})
    assert [(missed["type"], missed["seq"], missed["id"]) for missed in answer["missed"]] == [
        ("cue", 3, ids[2]), ("cue", 4, ids[3]), ("cue", 5, ids[4]),
    ]  # fmt: skip
    assert answer["seq"] == 5
    assert (await back.ask("join", {"event": "gala", "since": 5}))["missed"] == []


async def test_since_a_long_time_ago_is_answered_by_a_snapshot(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.show.feed.RECENT", 3)
    client, _ = await house.watch()
    for _ in range(6):
        await house.cue()
    await eventually(lambda: len(numbers(client)) == 6)
    assert "missed" in await client.ask("join", {"event": "gala", "since": 3})
    answer = await client.ask("join", {"event": "gala", "since": 2})
    assert "missed" not in answer
    assert len(answer["cues"]) == 6


async def test_two_processes_tell_their_viewers_the_same(house: House) -> None:
    second = await house.open()
    here, _ = await house.watch()
    there, _ = await house.watch(second.url)
    for _ in range(10):
        await house.cue()
    await eventually(lambda: numbers(here) == numbers(there) == list(range(1, 11)))
    assert here.named("cue") == there.named("cue")
    await there.ask("say", {"text": "Hello from over there"})
    await eventually(lambda: here.named("said"))
    await eventually(lambda: here.named("viewers")[-1:] == [{"count": 2}])
    await eventually(lambda: there.named("viewers")[-1:] == [{"count": 2}])


async def test_an_announcement_whose_publication_was_lost_arrives_from_the_ledger(house: House) -> None:
    client, _ = await house.watch()
    async with house.ledger.write() as conn:  # committed, and then the process is gone
        await announce(conn, "gala", "cue", {
            "id": "cue_lost", "kind": "product", "products": ["tee"], "at_ms": house.camera.now_ms, "duration_ms": 5000,
        })  # fmt: skip
    await eventually(lambda: [cue["id"] for cue in client.named("cue")] == ["cue_lost"])


async def test_announcements_that_are_published_out_of_order_arrive_in_order(house: House) -> None:
    client, _ = await house.watch()
    made = []
    async with house.ledger.write() as conn:
        for number in range(4):
            made.append(await announce(conn, "gala", "drop", {"id": f"drp_{number}", "state": "announced"}))
    for announcement in (made[2], made[0], made[3], made[1], made[2]):
        await publish(house.app, announcement)
    await house.cue()
    await eventually(lambda: len(numbers(client)) >= 5)
    assert numbers(client) == [1, 2, 3, 4, 5]


async def test_a_process_that_starts_in_the_middle_knows_the_whole_show(house: House) -> None:
    await house.watch()
    kept = await house.cue()
    ended = await house.cue()
    gone = await house.cue()
    await house.call("DELETE", f"/api/events/gala/cues/{ended['id']}?at_ms={ended['at_ms'] + 1000}")
    await house.call("DELETE", f"/api/events/gala/cues/{gone['id']}")
    async with house.ledger.write() as conn:
        await announce(conn, "gala", "drop", {"id": "drp_1", "state": "open", "sku": "tee", "left": 3})
    second = await house.open()
    _, answer = await house.watch(second.url)
    assert answer["seq"] == 6
    assert {cue["id"]: cue["duration_ms"] for cue in answer["cues"]} == {kept["id"]: 8000, ended["id"]: 1000}
    assert [(drop["id"], drop["state"]) for drop in answer["drops"]] == [("drp_1", "open")]


async def test_stock_comes_at_most_five_times_a_second_and_ends_right(house: House) -> None:
    client, _ = await house.watch()
    async with house.ledger.write() as conn:
        made = await announce(conn, "gala", "drop", {"id": "drp_1", "state": "open", "sku": "tee", "left": 100})
    await publish(house.app, made)
    from app.show.log import tell

    for left in range(99, 49, -1):
        await tell(house.app, "gala", StockMessage("drp_1", left))
    await eventually(lambda: client.named("stock")[-1:] == [{"drop": "drp_1", "left": 50}])
    assert len(client.named("stock")) <= 5
    _, late = await house.watch()
    assert late["drops"][0]["left"] == 50


async def test_reactions_of_everybody_add_up(house: House) -> None:
    second = await house.open()
    here, _ = await house.watch()
    there, _ = await house.watch(second.url)
    for _ in range(5):
        assert await here.ask("react", {"kind": "heart"}) == {"ok": True}
        assert await there.ask("react", {"kind": "fire"}) == {"ok": True}

    def total(kind: str) -> list[int]:
        return [sum(counts["counts"].get(kind, 0) for counts in client.named("reactions")) for client in (here, there)]

    await eventually(lambda: total("heart") == total("fire") == [5, 5])


async def test_the_picture_going_away_is_a_pause_and_its_return_ends_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.show.event.STALLED_S", 0.6)
    client, _ = await house.watch()
    house.camera.live = False
    house.camera.advance(40)
    await eventually(lambda: client.named("state")[-1:] == [{"state": "pause", "since_ms": house.camera.now_ms}])
    house.camera.live = True
    house.camera.advance(40)
    await eventually(lambda: client.named("state")[-1]["state"] == "live")
    # Nobody writes any more (the media process was killed): the same, without its word.
    await eventually(lambda: client.named("state")[-1]["state"] == "pause")


async def test_redis_gone_the_cues_still_come(closed_house: House, own_redis: RedisServer) -> None:
    closed_house.config = dataclasses.replace(closed_house.config, redis_url=own_redis.url)
    await closed_house.open()
    client, _ = await closed_house.watch()
    there, _ = await closed_house.watch((await closed_house.open()).url)
    await closed_house.cue()
    await eventually(lambda: numbers(client) == [1])
    own_redis.kill()
    await closed_house.cue()
    await eventually(lambda: numbers(client) == [1, 2])
    hidden = await client.ask("say", {"text": "Nonsense"})
    kept = await client.ask("say", {"text": "Still here"})
    await eventually(lambda: len(client.named("said")) == 2)
    await closed_house.call("POST", f"/api/events/gala/said/{hidden['id']}/hide")
    own_redis.start()
    await closed_house.cue()
    await eventually(lambda: numbers(client) == numbers(there) == [1, 2, 3])
    await eventually(lambda: [line["id"] for line in there.named("said")] == [kept["id"]])
    await eventually(lambda: client.named("unsaid") == [{"id": hidden["id"]}])


async def test_a_redis_that_hangs_keeps_nobody_waiting(closed_house: House, own_redis: RedisServer) -> None:
    closed_house.config = dataclasses.replace(closed_house.config, redis_url=own_redis.url)
    await closed_house.open()
    client, _ = await closed_house.watch()
    own_redis.freeze()
    async with asyncio.timeout(ANSWER_TIMEOUT_S * 0.9):
        late, answer = await closed_house.watch()
        assert answer["state"] == "live"
        assert (await late.ask("say", {"text": "Is anybody there?"}))["ok"]
        assert (await client.ask("react", {"kind": "heart"}))["ok"]
    own_redis.thaw()
    await eventually(lambda: client.named("said") == late.named("said") != [])


async def test_an_unknown_event_is_named(house: House) -> None:
    client = await house.viewer()
    for event in ("matinee", "../gala", "x" * 64):
        assert (await client.ask("join", {"event": event}))["error"] == "unknown-event"


async def test_a_closing_process_sends_its_viewers_away_at_once(house: House) -> None:
    client, _ = await house.watch()
    process = house.processes.pop()
    async with asyncio.timeout(3):
        await process.stop()
        await eventually(lambda: not client.socket.connected)


async def test_the_audience_is_in_the_figures(house: House) -> None:
    await house.watch()
    await house.watch()
    await house.viewer()
    await house.cue()
    door = house.app[keys.DOOR]
    await eventually(lambda: door.stage.deliveries.frames >= 2)
    registry = house.app[METRICS].registry
    await eventually(lambda: registry.get_sample_value("laufsteg_live_announcement_seconds_count") == 1)
    assert (registry.get_sample_value("laufsteg_live_announcement_seconds_sum") or 0) < 5
    text = house.app[METRICS].text().decode()
    assert 'laufsteg_viewers{event="gala"} 2.0' in text
    assert "laufsteg_live_backlog_bytes 0.0" in text
    assert "laufsteg_live_messages_total" in text


async def test_a_process_that_begins_in_the_middle_of_a_drop_knows_what_is_left(house: House) -> None:
    await Director().perform(house.app)
    async with house.ledger.write() as conn:
        (drop,) = await drops.of_event(conn, "gala")
        told = {"id": drop.id, "state": "open", "sku": "dress", "quantity": 12, "left": 12}
        await announce(conn, "gala", "drop", told)
        await conn.exec_driver_sql(f"UPDATE drops SET sold = 5, reveal_at_ms = {house.camera.now_ms - 1000}")  # noqa: S608
    second = await house.open()
    _, answer = await house.watch(second.url)
    assert answer["drops"][0]["left"] == 7


def test_the_beats_keep_their_promises() -> None:
    assert live_module.QUICK_S < 0.2
    assert live_module.REPORT_S * 3000 <= FORGOTTEN_AFTER_MS
