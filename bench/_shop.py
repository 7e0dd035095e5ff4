"""The shop that buyers meet in a benchmark: durable servers, a furnished ledger, web processes that do the duties."""

import asyncio
import ctypes
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvloop
from aiohttp import web

from app.catalogue import queries as catalogue
from app.catalogue.folder import DEMO_FOLDER
from app.catalogue.importer import import_catalogue
from app.catalogue.product import Titles
from app.config import Config
from app.drops.planning import DropRequest, plan
from app.drops.queries import add
from app.drops.rules import Drop
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.ledger.migrate import migrate
from app.server import collect_rarely, create_app, runner_of
from app.show.queries import save_event
from app.show.rundown import Rundown
from tests.servers import Postgres, RedisServer, short_folder

SECRET = "s" * 32
_LIBC = ctypes.CDLL(None)


def report(name: str, value: float, unit: str, **detail: object) -> None:
    """One figure."""
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "detail": detail}), flush=True)


@dataclass(frozen=True)
class Servers:
    """A Redis and a PostgreSQL that run, and a folder for a SQLite."""

    folder: Path
    redis: RedisServer
    postgres: Postgres

    def config(self, kind: str) -> Config:
        """A shop on a ledger of this kind, `sqlite` or `postgresql`, that limits nobody by address."""
        url = self.postgres.url("shop") if kind == "postgresql" else f"sqlite:///{self.folder}/ledger.db"
        return Config(
            data=self.folder / kind, secret=SECRET, database_url=url, redis_url=self.redis.url, address_limit=0,
            demo=True,
        )  # fmt: skip

    def pids(self, kind: str) -> tuple[int, ...]:
        """The servers that work for such a shop."""
        used = (self.redis, self.postgres) if kind == "postgresql" else (self.redis,)
        return tuple(server.process.pid for server in used if server.process)


@contextmanager
def servers() -> Iterator[Servers]:
    """Redis, and PostgreSQL with fsync and an empty database `shop`."""
    with short_folder() as folder:
        (folder / "pg").mkdir()
        (folder / "pg").chmod(0o755)
        postgres, redis = Postgres(folder / "pg", durable=True), RedisServer(folder)
        try:
            postgres.create()
            postgres.start()
            redis.start()
            postgres.run("CREATE DATABASE shop")
            yield Servers(folder, redis, postgres)
        finally:
            redis.kill()
            postgres.stop()


async def furnish(config: Config) -> None:
    """A ledger with the demo's products and one event."""
    ledger = Ledger.of(config)
    await migrate(ledger)
    await import_catalogue(ledger, DEMO_FOLDER)
    async with ledger.write() as conn:
        titles = Titles(en="Gala", de="Gala", zh="Gala")
        await save_event(conn, Rundown(id="gala", title=titles), None, "a-stream-key", now_ms())
    await ledger.close()


async def open_drop(config: Config, quantity: int, *, draw_ms: int = 0) -> Drop:
    """A drop of so many units, one a customer, that opens now."""
    ledger = Ledger.of(config)
    async with ledger.write() as conn:
        variant = (await catalogue.shelves(conn))[0].variants[0]
        await catalogue.adjust(conn, variant.id, quantity)
        asked = DropRequest("gala", variant.sku, variant.id, quantity, opens_after_ms=0, draw_ms=draw_ms)
        drop = plan(asked, new_id("drp"), now_ms(), now_ms())
        assert await add(conn, drop)
    await ledger.close()
    return drop


async def _bare(request: web.Request) -> web.Response:
    body = await request.json()
    return web.json_response(
        {"hold": "hld_" + str(body["quantity"]), "expires_at": "2026-01-01T00:00:00.000Z"}, status=201
    )


def _serve(config: Config | None, port: "multiprocessing.Queue[int]", rarely: bool) -> None:
    async def run() -> None:
        if config is None:
            app = web.Application()
            app.router.add_post("/bare", _bare)
            runner = web.AppRunner(app, access_log=None)
        else:
            runner = runner_of(create_app(config, duties=True))
        await runner.setup()
        if config is not None or rarely:
            collect_rarely()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        port.put(int(runner.addresses[0][1]))
        await asyncio.Event().wait()

    uvloop.run(run())


@dataclass(frozen=True)
class Process:
    """A running web process."""

    port: int
    pid: int


@contextmanager
def serving(config: Config | None, processes: int = 1, *, rarely: bool = False) -> Iterator[list[Process]]:
    """Web processes of the shop, or (None) of a bare handler: POST /bare takes and answers what a hold does.

    `rarely`: the bare one collects garbage as rarely as the shop does, instead of as Python does by itself.
    """
    context = multiprocessing.get_context("spawn")
    ports: multiprocessing.Queue[int] = context.Queue()
    running = []
    try:
        for _ in range(processes):
            process = context.Process(target=_serve, args=(config, ports, rarely), daemon=True)
            process.start()
            running.append((process, ports.get(timeout=60)))
        yield [Process(port, process.pid or 0) for process, port in running]
    finally:
        for process, _ in running:
            process.terminate()
            process.join()


def cpu_s(*pids: int) -> float:
    """CPU seconds of these processes and their children so far, to the nanosecond: a scheduler's tick of ten
    milliseconds is as long as hundreds of requests. Children that have ended, as PostgreSQL's that vacuum do, count
    to such a tick, and on other systems than Linux everything does. Raises OSError when one of `pids` is not there."""
    total = 0.0
    for pid in pids:
        parent = psutil.Process(pid)
        total += _clocked(pid) + _ended(parent)
        for child in parent.children(recursive=True):
            with suppress(OSError, psutil.NoSuchProcess):  # it ends right now
                total += _clocked(child.pid) + _ended(child)
    return total


def _ended(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.children_user + times.children_system)


def _clocked(pid: int) -> float:
    if sys.platform != "linux":
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    # clock_getcpuclockid(3) returns what went wrong instead of setting errno.
    clock = ctypes.c_int()
    if number := _LIBC.clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise OSError(number, os.strerror(number))
    return time.clock_gettime(clock.value)
