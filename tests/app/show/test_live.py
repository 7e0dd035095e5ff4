"""Late, early, reconnecting and on whichever process: every viewer knows the same show."""

import asyncio
import dataclasses
import random
from typing import Any

import aiohttp
import pytest

from app import keys
from app.customers.cookie import NAME, Cookies, Session
from app.drops import queries as drops
from app.gate.connection import ANSWER_TIMEOUT_S
from app.gate.counters import FORGOTTEN_AFTER_MS
from app.ledger.clock import now_ms
from app.ledger.ids import new_id
from app.metrics import METRICS
from app.show import live as live_module
from app.show.director import Director
from app.show.door import SOCKETS_PER_ADDRESS, SOCKETS_PER_SHOPPER
from app.show.log import announce, publish
from overlays.limits import Rate
from overlays.messages import StockMessage
from tests.app.show.conftest import House
from tests.servers import RedisServer
from tests.viewers import Client, eventually


def numbers(client: Client) -> list[int]:
    return [data["seq"] for name, data in client.heard if name in ("cue", "cue_end", "drop")]


def named(client: Client, name: str) -> list[Any]:
    return [data for heard, data in client.heard if heard == name]


async def test_a_cue_reaches_every_viewer_and_a_late_joiner_alike(house: House) -> None:
    early, answer = await house.watch()
    assert (answer["event"], answer["state"], answer["seq"], answer["cues"]) == ("gala", "live", 0, [])
    made = await house.cue(anchor={"x": 0.5, "y": 0.4})
    await eventually(lambda: numbers(early) == [1])
    _, late = await house.watch()
    assert late["cues"] == named(early, "cue")
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
    assert named(here, "cue") == named(there, "cue")
    await there.ask("say", {"text": "Hello from over there"})
    await eventually(lambda: named(here, "said"))
    await eventually(lambda: named(here, "viewers")[-1:] == [{"count": 2}])
    await eventually(lambda: named(there, "viewers")[-1:] == [{"count": 2}])


async def test_an_announcement_whose_publication_was_lost_arrives_from_the_ledger(house: House) -> None:
    client, _ = await house.watch()
    async with house.ledger.write() as conn:  # committed, and then the process is gone
        await announce(conn, "gala", "cue", {
            "id": "cue_lost", "kind": "product", "products": ["tee"], "at_ms": house.camera.now_ms, "duration_ms": 5000,
        })  # fmt: skip
    await eventually(lambda: [cue["id"] for cue in named(client, "cue")] == ["cue_lost"])


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
    await eventually(lambda: named(client, "stock")[-1:] == [{"drop": "drp_1", "left": 50}])
    assert len(named(client, "stock")) <= 5
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
        return [sum(counts["counts"].get(kind, 0) for counts in named(client, "reactions")) for client in (here, there)]

    await eventually(lambda: total("heart") == total("fire") == [5, 5])


async def test_the_picture_going_away_is_a_pause_and_its_return_ends_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.show.event.STALLED_S", 0.6)
    client, _ = await house.watch()
    house.camera.live = False
    house.camera.advance(40)
    await eventually(lambda: named(client, "state")[-1:] == [{"state": "pause", "since_ms": house.camera.now_ms}])
    house.camera.live = True
    house.camera.advance(40)
    await eventually(lambda: named(client, "state")[-1]["state"] == "live")
    # Nobody writes any more (the media process was killed): the same, without its word.
    await eventually(lambda: named(client, "state")[-1]["state"] == "pause")


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
    await eventually(lambda: len(named(client, "said")) == 2)
    await closed_house.call("POST", f"/api/events/gala/said/{hidden['id']}/hide")
    own_redis.start()
    await closed_house.cue()
    await eventually(lambda: numbers(client) == numbers(there) == [1, 2, 3])
    await eventually(lambda: [line["id"] for line in named(there, "said")] == [kept["id"]])
    await eventually(lambda: named(client, "unsaid") == [{"id": hidden["id"]}])


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
    await eventually(lambda: named(client, "said") == named(late, "said") != [])


async def test_polling_and_foreign_pages_are_refused_with_the_reason(house: House) -> None:
    async with house.http.get(f"{house.url}/socket.io/?EIO=4&transport=polling") as answer:
        document = await answer.json(content_type=None)
        assert (answer.status, document["type"]) == (400, "websocket-only")
    address = f"{house.url}/socket.io/?EIO=4&transport=websocket"
    for foreign in ("https://evil.example", "null", f"{house.url}.evil.example"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await house.http.ws_connect(address, headers={"Origin": foreign})
        assert refusal.value.status == 403
    own = await house.viewer(None, Origin=house.url)
    assert (await own.ask("join", {"event": "gala"}))["event"] == "gala"
    public = await house.viewer(None, Origin="http://localhost:8080")
    assert (await public.ask("join", {"event": "gala"}))["event"] == "gala"


async def test_one_address_cannot_take_every_connection(house: House) -> None:
    door = house.app[keys.DOOR]
    assert door._most == SOCKETS_PER_ADDRESS
    door._most = 1
    await house.viewer()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await house.http.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket")
    assert refusal.value.status == 429


async def test_one_shopper_cannot_take_every_connection(house: House) -> None:
    session = Session(new_id("shp"), now_ms())
    cookie = f"{NAME}={Cookies(house.config.secret).write(session)}"
    for _ in range(SOCKETS_PER_SHOPPER):
        await house.viewer(None, Cookie=cookie)
    address = f"{house.url}/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await house.http.ws_connect(address, headers={"Cookie": cookie})
    assert refusal.value.status == 429
    await house.viewer()
    await house.viewers[0].socket.disconnect()
    await eventually(lambda: house.app[keys.DOOR]._open[session.shopper] < SOCKETS_PER_SHOPPER)
    await house.viewer(None, Cookie=cookie)


async def test_a_storm_of_returning_viewers_is_let_in_at_a_bounded_rate_and_the_show_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, _ = await house.watch()
    monkeypatch.setattr("app.show.door.ENTRANCES", Rate(per_second=20, burst=3))
    house.app[keys.DOOR]._entrances = None
    address = f"{house.url}/socket.io/?EIO=4&transport=websocket"
    busy = 0

    async def come_back() -> None:
        nonlocal busy
        while True:
            try:
                async with house.http.ws_connect(address):
                    return
            except aiohttp.WSServerHandshakeError as refusal:
                assert (refusal.status, "Retry-After" in (refusal.headers or {})) == (503, True)
                busy += 1
                await asyncio.sleep(random.uniform(0.02, 0.1))

    storm = asyncio.gather(*(come_back() for _ in range(10)))
    await house.cue()
    await eventually(lambda: numbers(inside) == [1])
    await asyncio.wait_for(storm, 10)
    assert busy > 0


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
