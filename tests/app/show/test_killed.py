"""Web processes of the operating system, one of which is killed with -9 in the middle of the show."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.ledger.clock import now_ms
from tests.app.show.conftest import HOST, House
from tests.app.show.watcher import Watcher
from tests.crash.shop import Process
from tests.servers import RedisServer
from tests.viewers import eventually

VIEWERS, BEFORE, AFTER = 6, 10, 30


@pytest.fixture
async def webs(closed_house: House) -> AsyncIterator[list[Process]]:
    """Two web processes on one ledger and one Redis."""
    started = [Process("web", closed_house.config, now_ms) for _ in range(2)]
    await asyncio.gather(*(asyncio.to_thread(process.start) for process in started))
    yield started
    for process in started:
        process.kill()


async def test_a_killed_process_costs_nobody_a_cue_and_its_viewers_are_counted_where_they_went(
    closed_house: House, webs: list[Process], shared_redis: RedisServer
) -> None:
    house, (stays, dies), shown = closed_house, webs, list[str]()
    here, there = (f"http://127.0.0.1:{process.port}" for process in webs)

    async def show(url: str) -> None:
        async with house.http.post(f"{url}/api/events/gala/cues", json={"products": ["tee"]}, headers=HOST) as answer:
            shown.append((await answer.json())["id"])

    async def go_on() -> None:
        for _ in range(AFTER):
            await show(here)

    async def move(watcher: Watcher) -> None:
        client = watcher.client
        assert client
        await eventually(lambda: not client.socket.connected)
        watcher.listen()
        await watcher.come(house, here)

    def counted() -> tuple[bytes, object]:
        """The processes that count viewers, and what they told."""
        assert watchers[0].client
        told = [data for name, data in watchers[0].client.heard if name == "viewers"]
        return shared_redis.ask("HLEN laufsteg:counter:viewers:gala"), told[-1:]

    watchers = [Watcher() for _ in range(VIEWERS)]
    for number, watcher in enumerate(watchers):
        await watcher.come(house, (here, there)[number % 2])
    for number in range(BEFORE):
        await show((here, there)[number % 2])
    await eventually(lambda: counted() == (b":2\r\n", [{"count": VIEWERS}]))
    going_on = asyncio.create_task(go_on())
    await asyncio.to_thread(dies.kill)
    for watcher in watchers[1::2]:
        await move(watcher)
    await going_on
    await eventually(lambda: all(watcher.listen() == BEFORE + AFTER for watcher in watchers))
    for watcher in watchers:
        assert watcher.timeline
        assert [cue.id for cue in watcher.timeline.state().cues] == shown
    await eventually(lambda: counted() == (b":1\r\n", [{"count": VIEWERS}]))
    assert stays.process.is_alive()
