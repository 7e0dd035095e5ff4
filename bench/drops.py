"""Holds and purchases a CPU second, beside a bare aiohttp POST handler; JSON lines. The load client is not counted.

Run: python -m bench.drops [REQUESTS [sqlite|postgresql]]

Server CPU is every process of ours, Redis and the database. Every request is another shopper's and is granted, so
every answer waits for a durable ledger row: SQLite with synchronous=FULL, PostgreSQL with fsync and
synchronous_commit=on. A purchase is a hold, then a checkout that answers with a paid order.
"""

import asyncio
import json
import multiprocessing
import random
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.ledger.migrate import migrate
from app.server import collect_rarely, create_app
from app.show.queries import save_event
from app.show.rundown import Rundown
from bench._buyers import Crowd, Visit, holding, purchasing
from tests.servers import Postgres, RedisServer, short_folder

SECRET = "s" * 32
CONNECTIONS = 256
STOCK = 90_000
# Vendure 3.7 on PostgreSQL, its seven-call checkout, sixteen buyers on two cores, its load client counted in: 2.0 to
# 2.2 orders a core second. A published figure of this project, measured apart: it needs Node and minutes.
VENDURE = 2.2
# Where a hold's delay is taken: below it queues hardly grow, above it they do without end.
SHARE_OF_CAPACITY = 0.8


async def _bare(request: web.Request) -> web.Response:
    body = await request.json()
    return web.json_response(
        {"hold": "hld_" + str(body["quantity"]), "expires_at": "2026-01-01T00:00:00.000Z"}, status=201
    )


def serve(config: Config | None, port: "multiprocessing.Queue[int]") -> None:
    """One web process of the shop, or (None) the bare handler."""

    async def run() -> None:
        if config is None:
            app = web.Application()
            app.router.add_post("/bare", _bare)
        else:
            app = create_app(config, duties=True)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        if config is not None:
            collect_rarely()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        port.put(int(runner.addresses[0][1]))
        await asyncio.Event().wait()

    uvloop.run(run())


def cpu_s(*pids: int) -> float:
    """CPU seconds of these processes and their children so far."""
    total = 0.0
    for pid in pids:
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def report(name: str, value: float, unit: str, **detail: object) -> None:
    """One figure."""
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "detail": detail}), flush=True)


async def prepare(config: Config) -> None:
    """A ledger with the demo's products and one event."""
    ledger = Ledger.of(config)
    await migrate(ledger)
    await import_catalogue(ledger, DEMO_FOLDER)
    async with ledger.write() as conn:
        titles = Titles(en="Gala", de="Gala", zh="Gala")
        await save_event(conn, Rundown(id="gala", title=titles), None, "a-stream-key", now_ms())
    await ledger.close()


async def _open_drop(config: Config) -> str:
    """A drop that is open and lasts for every request; the path of its holds."""
    ledger = Ledger.of(config)
    async with ledger.write() as conn:
        shelf = (await catalogue.shelves(conn))[0]
        variant = shelf.variants[0]
        await catalogue.adjust(conn, variant.id, STOCK)
        asked = DropRequest("gala", variant.sku, variant.id, STOCK, opens_after_ms=0, draw_ms=0)
        drop = plan(asked, new_id("drp"), now_ms(), now_ms())
        assert await add(conn, drop)
    await ledger.close()
    return f"/api/drops/{drop.id}/holds"


@dataclass(frozen=True)
class Served:
    """A running server: its port and every process that counts as it."""

    port: int
    pids: tuple[int, ...]

    def crowd(self) -> Crowd:
        """Nobody has come yet."""
        return Crowd(self.port, SECRET, CONNECTIONS)

    def rush(self, name: str, visit: Visit, visits: int) -> tuple[float, float]:
        """Visits a CPU second and a second; the former is reported."""
        asyncio.run(self.crowd().rush(visit, min(visits, 500)))
        crowd, before = self.crowd(), cpu_s(*self.pids)
        took = asyncio.run(crowd.rush(visit, visits))
        used = cpu_s(*self.pids) - before
        assert set(crowd.statuses) == {201}, crowd.statuses
        report(name, visits / used, "visits/CPU s", visits=visits, connections=CONNECTIONS, wall_s=round(took, 2))
        return visits / used, visits / took

    def stream(self, name: str, visit: Visit, visits: int, a_second: float) -> None:
        """Report the p99 of a visit's delay at this rate."""
        crowd = self.crowd()
        asyncio.run(crowd.stream(visit, visits, a_second, random.Random(4)))
        assert set(crowd.statuses) == {201}, crowd.statuses
        p99 = statistics.quantiles(crowd.delays_ms, n=100)[98]
        median = statistics.median(crowd.delays_ms)
        report(name, p99, "ms", a_second=round(a_second), median_ms=round(median, 1), share=SHARE_OF_CAPACITY)


@contextmanager
def serving(config: Config | None, *others: int) -> Iterator[Served]:
    """One server process, with `others` that work for it."""
    context = multiprocessing.get_context("spawn")
    ports: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=serve, args=(config, ports), daemon=True)
    process.start()
    try:
        yield Served(ports.get(timeout=60), (process.pid or 0, *others))
    finally:
        process.terminate()
        process.join()


def main() -> None:
    """Bare, SQLite, PostgreSQL, bare: the machine's mood before and after is in the ratio."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    only = sys.argv[2:]
    with short_folder() as folder:
        (folder / "pg").mkdir()
        postgres, redis = Postgres(folder / "pg", durable=True), RedisServer(folder)
        (folder / "pg").chmod(0o755)
        postgres.create()
        postgres.start()
        redis.start()
        try:
            postgres.run("CREATE DATABASE shop")
            assert postgres.process and redis.process
            urls = {"sqlite": f"sqlite:///{folder}/ledger.db", "postgresql": postgres.url("shop")}
            for kind, url in urls.items():
                if only and kind not in only:
                    continue
                with serving(None) as server:
                    bare, _ = server.rush(f"bare_post_beside_{kind}", holding("/bare"), requests)
                config = Config(
                    data=Path(folder) / kind, secret=SECRET, database_url=url, redis_url=redis.url, address_limit=0,
                    demo=True,
                )  # fmt: skip
                asyncio.run(prepare(config))
                path = asyncio.run(_open_drop(config))
                others = (redis.process.pid, *((postgres.process.pid,) if kind == "postgresql" else ()))
                with serving(config, *others) as server:
                    holds, capacity = server.rush(f"holds_{kind}", holding(path), requests)
                    report(f"holds_{kind}_of_bare", holds / bare, "ratio", target=0.6)
                    bought, _ = server.rush(f"purchases_{kind}", purchasing(path), requests // 3)
                    report(f"purchases_{kind}_of_bare", bought / bare, "ratio", target=0.25)
                    report(f"purchases_{kind}_of_vendure", bought / VENDURE, "times", target=300, vendure=VENDURE)
                    rate = SHARE_OF_CAPACITY * capacity
                    server.stream(f"holds_{kind}_p99_at_80_percent", holding(path), requests, rate)
        finally:
            redis.kill()
            postgres.stop()


if __name__ == "__main__":
    main()
