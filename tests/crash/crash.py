"""One whole crash test: buyers hammer a drop, everything is killed again and again, and the end is judged."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from app.config import Config, Mail, Stripe, Webhook
from app.gate.connection import Gate
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.migrate import migrate
from tests.app.drops.conftest import furnish, make_drop
from tests.app.payments.stripe_server import WEBHOOK_SECRET
from tests.crash.buyers import SECRET, TOKEN, Door, Witness, buy, give_back
from tests.crash.judge import Verdict, judge, settled, watch
from tests.crash.shop import Hurried, Process
from tests.crash.torment import Torment
from tests.crash.world import World, open_world
from tests.servers import Postgres, RedisServer, short_folder

BUYERS, HOSTS = 8, 2
# On SQLite exactly one process writes; elsewhere any number does.
ROLES = {"sqlite": ("single",), "postgresql": ("web", "web", "worker")}


@dataclass(frozen=True)
class Outcome:
    """What happened and what was found."""

    verdict: Verdict
    deaths: Counter[str]
    acknowledged: int
    refunded: int


async def crash(kind: str, redis_kind: str, *, kills: int, units: int, seed: int, patience_s: float = 4.0) -> Outcome:
    """Sell `units` through a shop on `kind` (sqlite, postgresql) and `redis_kind` (redis, valkey) under `kills`."""
    source = random.Random(seed)
    with short_folder() as folder:
        redis, postgres, database = RedisServer(folder, redis_kind), None, f"sqlite:///{folder}/ledger.db"
        if kind == "postgresql":
            postgres = await asyncio.to_thread(_postgres, folder / "pg")
            database = postgres.url("shop")
        await asyncio.to_thread(redis.start)
        async with open_world(source) as world:
            torment = Torment(_processes(kind, folder, database, redis.url, world), redis, postgres, source, patience_s)
            try:
                return await _run(torment, Config(database_url=database), world, kills, units)
            finally:
                await asyncio.to_thread(torment.stop)


def _postgres(folder: Path) -> Postgres:
    folder.mkdir()
    folder.chmod(0o755)
    server = Postgres(folder)
    server.create()
    server.start()
    server.run("CREATE DATABASE shop")
    return server


def _processes(kind: str, data: Path, database: str, redis: str, world: World) -> list[Process]:
    config = Config(
        data=data, secret=SECRET, host_token=TOKEN, database_url=database, redis_url=redis, address_limit=0,
        stripe=Stripe("sk_test_1", "pk_test_1", world.bank_url, WEBHOOK_SECRET),
        mail=Mail(world.mail_url, "shop@example.org"), webhook=Webhook(world.merchant_url, b"k" * 32),
    )  # fmt: skip
    clock = Hurried(now_ms())
    world.bank.clock_s = lambda: clock() // 1000
    processes = [Process(role, config, clock) for role in ROLES[kind]]
    world.bank.webhook_urls = [f"http://127.0.0.1:{port}/api/payments/stripe/webhook" for port in _doors(processes)]
    return processes


def _doors(processes: list[Process]) -> list[int]:
    return [process.port for process in processes if process.role != "worker"]


async def _run(torment: Torment, config: Config, world: World, kills: int, units: int) -> Outcome:
    ledger, gate, witness = Ledger.of(config), Gate(torment.redis.url), Witness()
    timeout = aiohttp.ClientTimeout(total=10)
    try:
        await migrate(ledger)
        await furnish(ledger)
        drop = await make_drop(ledger, now_ms(), quantity=units)
        await torment.start()
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            asyncio.TaskGroup() as everybody,
        ):
            door = Door(_doors(torment.processes), session, torment.source)
            hosts = [everybody.create_task(give_back(door, witness)) for _ in range(HOSTS)]
            watching = everybody.create_task(watch(ledger, witness))
            for _ in range(BUYERS):
                everybody.create_task(buy(door, world.bank, drop.id, witness))
            await torment.run(kills)
            witness.calm = True
            await torment.calm()
            stuck = await settled(ledger, drop.id)
            witness.done = True
            for host in hosts:
                host.cancel()
        verdict = await judge(ledger, gate, drop.id, witness, world)
        verdict.stuck += stuck
        verdict.off += watching.result()
        return Outcome(verdict, torment.deaths, len(witness.orders), len(witness.refunded))
    finally:
        await gate.close()
        await ledger.close()
