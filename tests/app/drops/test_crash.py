"""Buyers hold and pay through HTTP while the web process, Redis and PostgreSQL are killed; their log is the witness."""

import asyncio
import multiprocessing
import os
import random
import secrets
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from app.config import Config
from app.customers.cookie import NAME, Cookies, Session
from app.drops import queries
from app.drops.verify import verify
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.ledger.migrate import migrate
from app.server import run
from app.shop import checkout
from tests.app.drops.conftest import furnish, make_drop
from tests.running_shop import free_port
from tests.servers import Postgres, RedisServer, short_folder

SECRET = "s" * 32
QUANTITY = int(os.environ.get("CRASH_UNITS", "60"))
BUYERS = 8
# Each kill is followed by a restart of the web process now and then, which takes a second or two.
KILLS = int(os.environ.get("CRASH_KILLS", "6"))
ADDRESS = {"name": "Ada L", "line1": "Allee 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}


def serve(config: Config, log: str) -> None:
    """One web process of the shop, with the worker's duties."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    # A payment whose process died is looked after sooner than a shop has to.
    vars(checkout)["ASKING_MS"] = 3_000
    run(config, duties=True)


@dataclass
class Web:
    """One web process of the shop on a port that it keeps over its deaths."""

    data: Path
    database: str
    redis: str
    port: int = field(default_factory=free_port)
    process: Any = None

    def start(self) -> None:
        config = Config(
            data=self.data,
            secret=SECRET,
            database_url=self.database,
            redis_url=self.redis,
            port=self.port,
            address_limit=0,
        )  # fmt: skip
        # Forked from a clean server that has imported everything once: deaths are what is tested here, not imports.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["app.server"])
        self.process = context.Process(target=serve, args=(config, f"{self.data}/web.log"), daemon=True)
        self.process.start()

    def wait(self) -> None:
        """Return when it answers again, so that every death interrupts something."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.data / "web.log").read_text()[-2000:])

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None


@dataclass
class Witness:
    """What buyers were told: holds and orders that were acknowledged."""

    holds: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    gone: bool = False


async def post(session: aiohttp.ClientSession, url: str, key: str, cookie: str, body: Any) -> tuple[int, Any]:
    """One request, repeated under its key until the shop answers it."""
    headers = {"Idempotency-Key": key, "Cookie": f"{NAME}={cookie}"}
    while True:
        try:
            async with session.post(url, json=body, headers=headers) as response:
                answer = await response.json(content_type=None)
                again = response.status >= 500 or answer.get("type") == "in-progress"
                if not again:
                    return response.status, answer
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            pass
        await asyncio.sleep(0.05)


async def buy(web: Web, drop: str, witness: Witness, session: aiohttp.ClientSession) -> None:
    """One shopper after the other takes a unit and pays it, until nothing is left."""
    cookies = Cookies(SECRET)
    base = f"http://127.0.0.1:{web.port}/api"
    while not witness.gone:
        cookie = cookies.write(Session(new_id("shp"), now_ms()))
        status, answer = await post(
            session, f"{base}/drops/{drop}/holds", secrets.token_hex(8), cookie, {"quantity": 1}
        )
        if status == 409:
            await asyncio.sleep(0.1)
            continue
        assert status == 201, answer
        witness.holds.append(answer["hold"])
        order = {
            "holds": [answer["hold"]], "lines": [], "email": f"{secrets.token_hex(6)}@example.com", "address": ADDRESS,
            "payment": {"method": "sandbox", "behaviour": "approve"},
        }  # fmt: skip
        status, answer = await post(session, f"{base}/checkout", secrets.token_hex(8), cookie, order)
        assert status in (201, 402, 410), answer
        if status == 201:
            witness.orders.append(answer["order"])


async def torment(web: Web, redis: RedisServer, postgres: Postgres | None) -> None:
    """Kill something, let it come back, and again."""
    source, kills = random.Random(1), 0
    await asyncio.to_thread(web.wait)
    while kills < KILLS:
        await asyncio.sleep(source.uniform(0.3, 0.9))
        victim = (web, redis, postgres or redis)[kills % 3]
        await asyncio.to_thread(victim.kill)
        await asyncio.sleep(source.uniform(0.0, 0.2))
        await asyncio.to_thread(victim.start)
        await asyncio.to_thread(web.wait)
        kills += 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_no_unit_is_sold_twice_and_no_acknowledged_order_lost_whatever_dies(kind: str) -> None:
    with short_folder() as folder:
        redis, postgres, database = RedisServer(folder), None, f"sqlite:///{folder}/ledger.db"
        if kind == "postgresql":
            (folder / "pg").mkdir()
            postgres = Postgres(folder / "pg")
            await asyncio.to_thread(postgres.create)
            await asyncio.to_thread(postgres.start)
            postgres.run("CREATE DATABASE shop")
            database = postgres.url("shop")
        await asyncio.to_thread(redis.start)
        web = Web(folder, database, redis.url)
        ledger = Ledger.of(Config(database_url=database))
        try:
            await migrate(ledger)
            await furnish(ledger)
            drop = await make_drop(ledger, now_ms(), quantity=QUANTITY)
            await ledger.close()
            await asyncio.to_thread(web.start)
            witness, timeout = Witness(), aiohttp.ClientTimeout(total=10)
            session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
            async with session, asyncio.TaskGroup() as buyers:
                for _ in range(BUYERS):
                    buyers.create_task(buy(web, drop.id, witness, session))
                await torment(web, redis, postgres)
                await calm(ledger, drop.id, witness)
                witness.gone = True
            await judge(ledger, drop.id, witness)
        finally:
            await ledger.close()
            web.kill()
            redis.kill()
            if postgres:
                postgres.stop()


async def calm(ledger: Ledger, drop_id: str, witness: Witness) -> None:
    """Wait until every unit is sold: only then nothing is stuck."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        async with ledger.read() as conn:
            drop = await queries.find(conn, drop_id)
        assert drop
        if drop.sold == QUANTITY:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"units are stuck: {drop}, {len(witness.orders)} orders acknowledged")


async def judge(ledger: Ledger, drop_id: str, witness: Witness) -> None:
    async with ledger.read() as conn:
        orders = set(await conn.scalars(text("SELECT id FROM orders")))
        sold = {hold.id for hold in await queries.taking(conn, drop_id)}
    assert len(witness.orders) == len(set(witness.orders))
    assert set(witness.orders) <= orders
    assert len(orders) == len(sold) == QUANTITY
    found, _ = await verify(ledger)
    assert found == []
