"""Snapshot + events = truth, whatever happens: viewers come, are cut off and return to any process, processes are
killed, publications are lost, repeated and reordered, Redis dies and comes back empty - and all know the same show.
"""

import dataclasses
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app import keys
from app.ledger.ids import new_id
from app.show import queries
from app.show.log import Announcement, announce, publish
from overlays.messages import numbered
from overlays.timeline import State, Step, Timeline
from tests.app.show.conftest import House, Process
from tests.app.show.watcher import Watcher
from tests.servers import RedisServer
from tests.viewers import eventually

STEPS = 60
PROCESSES = 2
# Fewer drops that are over than a snapshot keeps.
DROPS = 6


def connection(process: Process, eio_sid: str) -> Any:
    """The server's end of a connection."""
    return process.app[keys.DOOR].server.eio.sockets[eio_sid].queue._transport


def cut(process: Process) -> None:
    """Every connection of `process` ends without a word, as when it is killed."""
    for eio_sid in list(process.app[keys.DOOR].server.eio.sockets):
        connection(process, eio_sid).abort()


class Night:
    """A show to which everything happens by chance."""

    def __init__(self, house: House, redis: RedisServer, chance: random.Random) -> None:
        self.house, self.redis, self.chance = house, redis, chance
        self.watchers: list[Watcher] = []
        self.cues: list[str] = []
        self.drops = [f"drp_{number}" for number in range(DROPS)]
        self.unpublished: list[Announcement] = []

    def things(self) -> dict[Callable[[], Awaitable[None]], int]:
        """What may happen, and how often."""
        return {
            self.cue: 12, self.cue_end: 6, self.drop: 6, self.late: 4, self.join: 3, self.lose: 5, self.kill: 2,
            self.redis_dies: 1, self.redis_is_emptied: 1,
        }  # fmt: skip

    async def say(self, kind: str, message: dict[str, Any]) -> None:
        """Announce; most are published at once, some later or never, some twice."""
        async with self.house.ledger.write() as conn:
            made = await announce(conn, "gala", kind, message)
        times = self.chance.choice((0, 1, 1, 1, 2))
        for _ in range(times):
            await publish(self.chance.choice(self.house.processes).app, made)
        if not times:
            self.unpublished.append(made)

    async def cue(self) -> None:
        at_ms = self.house.camera.now_ms + self.chance.randrange(60_000)
        self.cues.append(new_id("cue"))
        await self.say(
            "cue", {"id": self.cues[-1], "kind": "product", "products": ["tee"], "at_ms": at_ms, "duration_ms": 9000}
        )

    async def cue_end(self) -> None:
        if self.cues:
            at_ms = self.chance.choice((None, self.house.camera.now_ms + self.chance.randrange(60_000)))
            await self.say("cue_end", {"id": self.chance.choice(self.cues), "at_ms": at_ms})

    async def drop(self) -> None:
        state = self.chance.choice(("announced", "open", "sold-out", "ended"))
        await self.say("drop", {"id": self.chance.choice(self.drops), "state": state})

    async def late(self) -> None:
        self.chance.shuffle(self.unpublished)
        while self.unpublished:
            await publish(self.house.app, self.unpublished.pop())

    async def join(self) -> None:
        self.watchers.append(Watcher())
        await self.watchers[-1].come(self.house, self.chance.choice(self.house.processes).url)

    async def lose(self) -> None:
        """One viewer's connection ends without a word."""
        if self.watchers:
            watcher = self.chance.choice(self.watchers)
            assert watcher.client
            sid = watcher.client.socket.get_sid("/live")
            for process in self.house.processes:
                manager = process.app[keys.DOOR].server.manager
                if manager.is_connected(sid, "/live"):
                    connection(process, manager.eio_sid_from_sid(sid, "/live")).abort()
            await self.come_back(watcher)

    async def kill(self) -> None:
        """One process is gone; another one starts, and its viewers go where they like."""
        process = self.chance.choice(self.house.processes)
        cut(process)
        await self.house.open()
        self.house.processes.remove(process)
        await process.stop()
        for watcher in self.watchers:
            assert watcher.client
            if watcher.client.socket.connection_url == process.url:
                await self.come_back(watcher)

    async def come_back(self, watcher: Watcher) -> None:
        client = watcher.client
        assert client
        await eventually(lambda: not client.socket.connected)
        watcher.listen()
        await watcher.come(self.house, self.chance.choice(self.house.processes).url)

    async def redis_dies(self) -> None:
        self.redis.kill()
        await self.cue()
        self.redis.start()

    async def redis_is_emptied(self) -> None:
        await self.house.app[keys.GATE].commands.flushall()


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_happens_every_viewer_ends_with_the_ledgers_show(
    closed_house: House, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("app.show.live.LEDGER_S", 0.1)  # lost publications are found sooner
    house = closed_house
    house.config = dataclasses.replace(house.config, redis_url=own_redis.url)
    for _ in range(PROCESSES):
        await house.open()
    chance = random.Random(seed)
    night = Night(house, own_redis, chance)
    await night.join()
    things = night.things()
    for happens in chance.choices(list(things), list(things.values()), k=STEPS):
        await happens()
        for watcher in night.watchers:
            watcher.listen()
    await night.redis_dies()
    await night.kill()
    await night.join()

    async with house.ledger.read() as conn:
        rows = await queries.announced_after(conn, "gala", 0)
    truth = Timeline()
    assert truth.apply_all(numbered(row.kind, row.body) for row in rows) is Step.APPLIED
    await eventually(lambda: all(watcher.listen() == truth.seq for watcher in night.watchers))
    for watcher in night.watchers:
        assert watcher.timeline
        assert by_id(watcher.timeline.state()) == by_id(truth.state())


def by_id(state: State) -> dict[str, Any]:
    return {cue.id: cue for cue in state.cues} | {drop.id: drop for drop in state.drops}
