"""A drop that everybody wants: 20,000 requests of 2,000 shoppers for 100 units, through two web processes; JSON lines.

Run: python -m bench.rush [REQUESTS]

On PostgreSQL with fsync, the draw first, then first come first served. The bench fails unless exactly the units are
granted, nobody has two, everybody is answered, and the draw recomputes from its published seed.
"""

import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

import aiohttp
import msgspec

from app.catalogue import queries as catalogue
from app.config import Config
from app.customers.cookie import Cookies, Session
from app.drops import queries
from app.drops.fairness import deviations
from app.drops.planning import DropRequest, plan
from app.drops.rules import Drop
from app.drops.views import Draw
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from bench._buyers import HOLD, Line
from bench.drops import SECRET, prepare, report, serve
from tests.servers import Postgres, RedisServer, short_folder

UNITS, SHOPPERS, LINES = 100, 2_000, 1_000
DRAW_MS = 2_000


async def _open_drop(config: Config) -> Drop:
    ledger = Ledger.of(config)
    async with ledger.write() as conn:
        variant = (await catalogue.shelves(conn))[0].variants[0]
        await catalogue.adjust(conn, variant.id, UNITS)
        asked = DropRequest("gala", variant.sku, variant.id, UNITS, 1, opens_after_ms=0, draw_ms=DRAW_MS)
        drop = plan(asked, new_id("drp"), now_ms(), now_ms())
        assert await queries.add(conn, drop)
    await ledger.close()
    return drop


async def _rush(ports: list[int], drop: Drop, requests: int) -> tuple[Counter[int], list[float]]:
    cookies, statuses, delays_ms = Cookies(SECRET), Counter[int](), list[float]()
    shoppers = [cookies.write(Session(new_id("shp"), now_ms())) for _ in range(SHOPPERS)]
    waiting = iter(range(requests))

    async def ask(number: int) -> None:
        line = Line(*await asyncio.open_connection("127.0.0.1", ports[number % 2]))
        for turn in waiting:
            began = time.perf_counter()
            status, _ = await line.post(f"/api/drops/{drop.id}/holds", HOLD, shoppers[turn % SHOPPERS])
            delays_ms.append((time.perf_counter() - began) * 1000)
            statuses[status] += 1
        line.writer.close()

    await asyncio.gather(*(ask(number) for number in range(LINES)))
    return statuses, delays_ms


async def _judge(config: Config, drop: Drop, port: int) -> list[str]:
    """What went wrong, if anything."""
    ledger = Ledger.of(config)
    async with ledger.read() as conn:
        holds, after = await queries.granted(conn, drop.id), await queries.find(conn, drop.id)
    await ledger.close()
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/api/drops/{drop.id}/draw") as answer,
    ):
        found = deviations(msgspec.json.decode(await answer.read(), type=Draw))
    if sum(hold.quantity for hold in holds) != UNITS or after is None or after.left:
        found.append(f"{len(holds)} of {UNITS} units were granted")
    if len({hold.shopper for hold in holds}) != len(holds):
        found.append("somebody has two")
    return found


def main() -> None:
    """Two web processes, one of which does the duties."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    context = multiprocessing.get_context("spawn")
    with short_folder() as folder:
        (folder / "pg").mkdir()
        postgres, redis = Postgres(folder / "pg", durable=True), RedisServer(folder)
        (folder / "pg").chmod(0o755)
        postgres.create()
        postgres.start()
        redis.start()
        running = []
        try:
            postgres.run("CREATE DATABASE shop")
            config = Config(
                data=Path(folder) / "data", secret=SECRET, database_url=postgres.url("shop"), redis_url=redis.url,
                address_limit=0, demo=True,
            )  # fmt: skip
            asyncio.run(prepare(config))
            ports: multiprocessing.Queue[int] = context.Queue()
            running = [context.Process(target=serve, args=(config, ports), daemon=True) for _ in range(2)]
            for process in running:
                process.start()
            open_at = [ports.get(timeout=60) for _ in running]
            drop = asyncio.run(_open_drop(config))
            began = time.perf_counter()
            statuses, delays_ms = asyncio.run(_rush(open_at, drop, requests))
            took = time.perf_counter() - began
            wrong = asyncio.run(_judge(config, drop, open_at[0]))
        finally:
            for process in running:
                process.terminate()
                process.join()
            redis.kill()
            postgres.stop()
    told = {str(status): number for status, number in sorted(statuses.items())}
    p99 = statistics.quantiles(delays_ms, n=100)[98]
    detail = {"units": UNITS, "shoppers": SHOPPERS, "wall_s": round(took, 2), "p99_ms": round(p99), "answers": told}
    report("rush_answered", statuses.total(), "requests", **detail)
    report("rush_wrong", len(wrong), "findings", found=wrong)
    if wrong or statuses.total() != requests or statuses.keys() - {201, 409, 429, 503}:
        sys.exit(json.dumps({"wrong": wrong, "answers": told}))


if __name__ == "__main__":
    main()
