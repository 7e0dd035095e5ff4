"""Web processes with the drops' part of the shop, on a real ledger and a real Redis, on real time or the test's."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from app import keys
from app.catalogue.importer import import_listings
from app.catalogue.product import Listing, Titles, product_from
from app.config import Config
from app.customers.sessions import keep_session
from app.drops import handlers
from app.drops.begin import holds
from app.drops.duties import Expiry, mend
from app.drops.opening import advancing
from app.drops.planning import DropRequest, plan
from app.drops.queries import add
from app.drops.rules import Drop
from app.errors import problems
from app.express import ExpressRunner
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.resources import gate, ledger, media
from app.show import queries as show
from app.show.rundown import Rundown

TOKEN = "a-token-for-automation"
HOST = {"Authorization": f"Bearer {TOKEN}"}
SKU, VARIANT, STOCK = "silk-dress", "silk-dress-m", 500

_TEXTS = {"en": "Silk dress", "de": "Seidenkleid", "zh": "真丝连衣裙"}
PRODUCT: dict[str, object] = {
    "sku": SKU, "slot": "dress", "vat_percent": 19, "origin": "DE", "pictures": ["front.webp"], "title": _TEXTS,
    "price": {"amount": 19900, "currency": "EUR"}, "description": _TEXTS, "material": _TEXTS,
    "variants": [{"id": VARIANT, "size": "M", "stock": STOCK}],
}  # fmt: skip


class ManualClock:
    """Time that moves when the test says so."""

    def __init__(self, at_ms: int = 1_790_000_000_000) -> None:
        self.at_ms = at_ms

    def __call__(self) -> int:
        return self.at_ms

    def advance(self, by_ms: int) -> None:
        self.at_ms += by_ms


async def furnish(opened: Ledger) -> None:
    """One event and one product with one size."""
    async with opened.write() as conn:
        await import_listings(conn, [Listing(product_from(PRODUCT), ())], 0)
        await show.save_event(conn, Rundown(id="gala", title=Titles(**_TEXTS)), None, "stream-key", 0)


async def make_drop(opened: Ledger, at_ms: int, **numbers: Any) -> Drop:
    """A drop in the ledger, open at `at_ms` unless the numbers say otherwise."""
    asked = {"event": "gala", "sku": SKU, "variant": VARIANT, "quantity": 20, "opens_after_ms": 0, "draw_ms": 0}
    drop = plan(DropRequest(**{**asked, **numbers}), new_id("drp"), at_ms, at_ms)
    async with opened.write() as conn:
        assert await add(conn, drop)
    return drop


@dataclass
class Process:
    """One web process of the shop."""

    app: web.Application
    url: str
    session: aiohttp.ClientSession
    advance: Any = field(default_factory=advancing)
    expiry: Expiry = field(default_factory=Expiry)

    async def do_duties(self) -> None:
        await self.advance(self.app)
        await self.expiry.expire(self.app)
        await mend(self.app)

    async def ask(self, method: str, path: str, cookies: dict[str, str] | None = None, **options: Any) -> "Answer":
        headers = {**options.pop("headers", {})}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        async with self.session.request(method, self.url + path, headers=headers, **options) as response:
            given = {name: morsel.value for name, morsel in response.cookies.items()}
            body = await response.json(content_type=None) if response.content_length else None
            return Answer(response.status, body, dict(response.headers), given)


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str]
    cookies: dict[str, str]

    @property
    def slug(self) -> str:
        return str(self.body["type"])


@dataclass
class Shopper:
    """A visitor with a cookie of their own."""

    process: Process
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        answer = await self.process.ask(method, path, cookies=self.cookies, **options)
        self.cookies |= answer.cookies
        return answer

    async def hold(self, drop: str, quantity: int = 1, key: str | None = None) -> Answer:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.ask("POST", f"/api/drops/{drop}/holds", json={"quantity": quantity}, headers=headers)


Starter = Callable[..., Any]


def build(config: Config, clock: Any) -> web.Application:
    app = web.Application(middlewares=[problems])
    app[keys.CONFIG], app[keys.CLOCK] = config, clock
    app.cleanup_ctx.extend([ledger, gate, media, holds])
    app.on_response_prepare.append(keep_session)
    app.add_routes(
        [
            web.get("/api/drops", handlers.list_drops),
            web.post("/api/drops", handlers.post_drop),
            web.get("/api/drops/{id}", handlers.show_drop),
            web.delete("/api/drops/{id}", handlers.delete_drop),
            web.get("/api/drops/{id}/draw", handlers.show_draw),
            web.get("/api/drops/{id}/fairness", handlers.show_fairness),
            web.post("/api/drops/{id}/holds", handlers.post_hold),
            web.get("/api/holds", handlers.list_holds),
            web.delete("/api/holds/{id}", handlers.delete_hold),
        ]
    )
    return app


@pytest.fixture
async def start(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Starter]:
    """Start web processes on one ledger and one Redis."""
    running: list[tuple[web.AppRunner, aiohttp.ClientSession]] = []

    async def begin(clock: Any = now_ms, redis: str | None = None, **settings: Any) -> Process:
        config = Config(
            data=tmp_path, secret="s" * 32, host_token=TOKEN, database_url=database_url,
            redis_url=redis or redis_url, address_limit=0, **settings,
        )  # fmt: skip
        app = build(config, clock)
        runner = ExpressRunner(app, ["/api/drops/{id}/holds"], access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
        await site.start()
        port = runner.addresses[0][1]
        connector = aiohttp.TCPConnector(limit=200)
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        running.append((runner, session))
        return Process(app, f"http://127.0.0.1:{port}", session)

    yield begin
    for runner, session in running:
        await session.close()
        await runner.cleanup()
    await asyncio.sleep(0)


@pytest.fixture
async def shop(start: Starter) -> Process:
    """One web process with a furnished ledger, on real time."""
    process: Process = await start()
    await furnish(process.app[keys.LEDGER])
    return process
