"""Killing the shop's processes, Redis and PostgreSQL, at random and at every arrow of a sale; each comes back."""

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import faults
from tests.crash.shop import Process
from tests.servers import Postgres, RedisServer

# A point is passed up to so many times before the process dies there.
PASSAGES = 3
# How many deaths in ten are a process's own; the others are Redis's and PostgreSQL's.
OWN_DEATHS = 7


@dataclass
class Torment:
    """Everything that can be killed; `deaths` counts how.

    A life that should end at a point which nobody passes is ended from outside after `patience_s`.
    """

    processes: list[Process]
    redis: RedisServer
    postgres: Postgres | None
    source: random.Random
    patience_s: float
    deaths: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._faults = {process.port: self._lives(process.role) for process in self.processes}

    async def start(self) -> None:
        """Everybody's first life."""
        for process in self.processes:
            await asyncio.to_thread(process.start)

    async def run(self, kills: int) -> None:
        """Kill so often."""
        servers = [self._empty_redis, self._old_redis, *([self._postgres] if self.postgres else [])]
        await asyncio.to_thread(self._snapshot)
        while self.deaths.total() < kills:
            await asyncio.sleep(self.source.uniform(0.05, 0.5))
            if self.source.randrange(10) < OWN_DEATHS:
                await self._end(self.source.choice(self.processes))
            else:
                await asyncio.to_thread(self.source.choice(servers))
            if not self.source.randrange(8):
                await asyncio.to_thread(self._snapshot)

    async def calm(self) -> None:
        """A last life for everybody, without an end."""
        for process in self.processes:
            await asyncio.to_thread(process.kill)
            await asyncio.to_thread(process.start)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
        self.redis.kill()
        if self.postgres is not None:
            self.postgres.stop()

    def _lives(self, role: str) -> Iterator[str | None]:
        """What ends each life: every point in turn, in an order of chance, and between them a kill at any instant."""
        points = {"web": faults.WEB, "worker": faults.WORKER, "single": tuple(faults.POINTS)}[role]
        while True:
            for point in self.source.sample(points, len(points)):
                yield from (point, point, None)

    async def _end(self, process: Process) -> None:
        armed = process.fault
        if armed is not None and await asyncio.to_thread(process.dies, self.patience_s):
            self.deaths[armed] += 1
        else:
            await asyncio.to_thread(process.kill)
            self.deaths[process.role] += 1
        await asyncio.to_thread(process.start, next(self._faults[process.port]), self.source.randint(1, PASSAGES))

    def _empty_redis(self) -> None:
        self.redis.lose_everything()
        self.deaths["redis, empty"] += 1

    def _old_redis(self) -> None:
        self.redis.kill()
        if self._kept.exists():
            shutil.copy(self._kept, self.redis.folder / "dump.rdb")
        self.redis.start()
        self.deaths["redis, old snapshot"] += 1

    def _snapshot(self) -> None:
        if b"OK" in self.redis.ask("SAVE"):
            shutil.copy(self.redis.folder / "dump.rdb", self._kept)

    @property
    def _kept(self) -> Path:
        return self.redis.folder / "old.rdb"

    def _postgres(self) -> None:
        assert self.postgres is not None
        self.postgres.kill()
        self.postgres.start()
        self.deaths["postgresql"] += 1
