"""Holds a CPU second, beside a bare aiohttp POST handler; JSON lines. The load client's CPU is not counted.

Run: python -m bench.drops [REQUESTS]

Server CPU is every process of ours, Redis and the database. Every request is another shopper's and is granted, so
every answer waits for a durable ledger row: SQLite with synchronous=FULL, PostgreSQL with synchronous_commit=on.
"""

import asyncio
import json
import multiprocessing
import secrets
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop
from aiohttp import web

from app.catalogue import queries as catalogue
from app.catalogue.folder import DEMO_FOLDER
from app.catalogue.importer import import_catalogue
from app.catalogue.product import Titles
from app.config import Config
from app.customers.cookie import NAME, Cookies, Session
from app.drops.planning import DropRequest, plan
from app.drops.queries import add
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.ledger.migrate import migrate
from app.server import collect_rarely, create_app
from app.show.queries import save_event
from app.show.rundown import Rundown
from tests.servers import Postgres, RedisServer, short_folder

SECRET = "s" * 32
CONNECTIONS = 256
STOCK = 90_000


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


@dataclass
class Load:
    """A keep-alive client that speaks just enough HTTP; every request has a shopper of its own."""

    port: int
    path: str
    statuses: Counter[int] = field(default_factory=Counter)
    delays_ms: list[float] = field(default_factory=list)

    async def run(self, requests: int, connections: int = CONNECTIONS) -> None:
        """Send `requests` over `connections`, each waiting for its answer before the next."""
        waiting = iter(range(requests))
        cookies = Cookies(SECRET)
        body = b'{"quantity":1}'

        async def visit() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            for _ in waiting:
                cookie = cookies.write(Session(new_id("shp"), now_ms()))
                head = (
                    f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    f"Cookie: {NAME}={cookie}\r\nIdempotency-Key: {secrets.token_hex(8)}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n"
                )
                began = time.perf_counter()
                writer.write(head.encode() + body)
                answer = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in answer.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                )
                await reader.readexactly(length)
                self.delays_ms.append((time.perf_counter() - began) * 1000)
                self.statuses[int(answer[9:12])] += 1
            writer.close()

        await asyncio.gather(*(visit() for _ in range(connections)))


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


async def _prepare(config: Config) -> None:
    ledger = Ledger.of(config)
    await migrate(ledger)
    await import_catalogue(ledger, DEMO_FOLDER)
    async with ledger.write() as conn:
        titles = Titles(en="Gala", de="Gala", zh="Gala")
        await save_event(conn, Rundown(id="gala", title=titles), None, "a-stream-key", now_ms())
    await ledger.close()


async def _open_drop(config: Config) -> str:
    ledger = Ledger.of(config)
    async with ledger.write() as conn:
        shelf = (await catalogue.shelves(conn))[0]
        variant = shelf.variants[0]
        await catalogue.adjust(conn, variant.id, STOCK)
        asked = DropRequest("gala", variant.sku, variant.id, STOCK, opens_after_ms=0, draw_ms=0)
        drop = plan(asked, new_id("drp"), now_ms(), now_ms())
        assert await add(conn, drop)
    await ledger.close()
    return drop.id


def measure(name: str, requests: int, config: Config | None, others: tuple[int, ...]) -> float:
    """Requests a CPU second of the server's processes."""
    context = multiprocessing.get_context("spawn")
    ports: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=serve, args=(config, ports), daemon=True)
    process.start()
    try:
        port = ports.get(timeout=60)
        path = "/bare" if config is None else f"/api/drops/{asyncio.run(_open_drop(config))}/holds"
        asyncio.run(Load(port, path).run(500))
        load, pids = Load(port, path), (process.pid or 0, *others)
        before, began = cpu_s(*pids), time.perf_counter()
        asyncio.run(load.run(requests))
        used, took = cpu_s(*pids) - before, time.perf_counter() - began
    finally:
        process.terminate()
        process.join()
    assert set(load.statuses) == {201}, load.statuses
    p99 = statistics.quantiles(load.delays_ms, n=100)[98]
    report(name, requests / used, "requests/CPU s", requests=requests, wall_s=round(took, 2), p99_ms=round(p99, 1))
    return requests / used


def main() -> None:
    """Interleaved: bare, SQLite, PostgreSQL."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with short_folder() as folder:
        (folder / "pg").mkdir()
        postgres, redis = Postgres(folder / "pg"), RedisServer(folder)
        (folder / "pg").chmod(0o755)
        postgres.create()
        postgres.start()
        redis.start()
        try:
            postgres.run("CREATE DATABASE shop")
            assert postgres.process and redis.process
            urls = {"sqlite": f"sqlite:///{folder}/ledger.db", "postgresql": postgres.url("shop")}
            bare = measure("bare_post", requests, None, ())
            for kind, url in urls.items():
                data = Path(folder) / kind
                config = Config(
                    data=data, secret=SECRET, database_url=url, redis_url=redis.url, address_limit=0, demo=True
                )
                asyncio.run(_prepare(config))
                others = (redis.process.pid, *((postgres.process.pid,) if kind == "postgresql" else ()))
                holds = measure(f"holds_{kind}", requests, config, others)
                report(f"holds_{kind}_of_bare", holds / bare, "ratio")
        finally:
            redis.kill()
            postgres.stop()


if __name__ == "__main__":
    main()
