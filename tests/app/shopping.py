"""A web process with the shop's part of the routing table: real ledger, real Redis, time in the test's hand."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web_runner import BaseRunner

from app import keys
from app.catalogue.files import load_catalogue
from app.catalogue.folder import DEMO_FOLDER
from app.catalogue.importer import import_listings
from app.catalogue.product import Listing, Titles
from app.conduct import conduct
from app.config import Config
from app.customers.sessions import keep_session
from app.drops.begin import holds
from app.drops.planning import DropRequest, plan
from app.drops.queries import add
from app.drops.rules import Drop
from app.express import ExpressRunner
from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.metrics import METRICS, Metrics
from app.payments.provider import Provider
from app.resources import gate, ledger
from app.routes import EXPRESS, add_routes
from app.shop.desk import Desk, open_desk
from app.show import queries as show
from app.show.rundown import Rundown

TOKEN = "a-token-for-automation"
HOST = {"Authorization": f"Bearer {TOKEN}"}
SECRET = "s" * 32
ADDRESS = {"name": "Ada Muster", "line1": "Weg 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
# A few are enough, and every test imports them.
LISTINGS: list[Listing] = [
    listing
    for listing in load_catalogue(DEMO_FOLDER)
    if listing.product.sku in ("tee", "hat", "jacket", "coat", "qipao")
]
# How many units of tee-m the demo has.
TEES = 80

_keys = itertools.count()


class ManualClock:
    """Time that moves when the test says so."""

    def __init__(self, at_ms: int = 1_790_000_000_000) -> None:
        self.at_ms = at_ms

    def __call__(self) -> int:
        return self.at_ms

    def advance(self, by_ms: int) -> None:
        self.at_ms += by_ms


def key() -> dict[str, str]:
    """A new Idempotency-Key."""
    return {"Idempotency-Key": f"key-{next(_keys)}"}


def order_of(*lines: tuple[str, int], behaviour: str = "approve", **more: Any) -> dict[str, Any]:
    """A checkout's body for sizes and quantities."""
    return {
        "lines": [{"variant": variant, "quantity": quantity} for variant, quantity in lines],
        "payment": {"method": "sandbox", "behaviour": behaviour},
        "email": "ada@example.org",
        "address": ADDRESS,
        **more,
    }


@dataclass
class Browser:
    """One shopper's browser: cookies of its own."""

    client: TestClient[web.Request, web.Application]

    async def ask(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **options: Any
    ) -> tuple[int, Any]:
        """Status and decoded answer (text where it is no JSON)."""
        if body is not None:
            options["data"] = msgspec.json.encode(body)
            headers = {"Content-Type": "application/json", **(headers or {})}
        async with self.client.request(method, path, headers=headers, allow_redirects=False, **options) as answer:
            content = await answer.read()
            if "json" in answer.content_type:
                return answer.status, msgspec.json.decode(content)
            return answer.status, content.decode(errors="replace")

    async def get(self, path: str, **options: Any) -> Any:
        """The answer of a GET that has to succeed."""
        status, answer = await self.ask("GET", path, **options)
        assert status == 200, (status, answer)
        return answer

    async def checkout(self, body: dict[str, Any], *, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """POST /api/checkout under a new key, unless the headers have one."""
        return await self.ask("POST", "/api/checkout", body, headers=headers or key())

    async def buy(self, *lines: tuple[str, int], **more: Any) -> str:
        """The id of an order that has to succeed."""
        status, answer = await self.checkout(order_of(*lines, **more))
        assert status == 201, (status, answer)
        return str(answer["order"])


@dataclass
class Shop:
    """One web process."""

    app: web.Application
    server: TestServer
    clock: ManualClock
    browsers: list[Browser] = field(default_factory=list)

    @property
    def ledger(self) -> Ledger:
        return self.app[keys.LEDGER]

    @property
    def desk(self) -> Desk:
        return self.app[keys.DESK]

    def browser(self) -> Browser:
        """A new shopper."""
        self.browsers.append(Browser(TestClient(self.server)))
        return self.browsers[-1]

    async def left(self, variant: str) -> int:
        """What the shelf has of a size."""
        product = await self.browser().get(f"/api/products/{variant.rsplit('-', 1)[0]}")
        return int(next(one["left"] for one in product["variants"] if one["id"] == variant))

    async def drop(self, variant: str = "jacket-m", **numbers: Any) -> Drop:
        """A drop that is open now unless the numbers say otherwise."""
        sku = variant.rsplit("-", 1)[0]
        asked = {"event": "gala", "sku": sku, "variant": variant, "quantity": 5, "per_customer": 1}
        request = DropRequest(**{**asked, "opens_after_ms": 0, "draw_ms": 0, **numbers})
        drop = plan(request, new_id("drp"), self.clock(), self.clock())
        async with self.ledger.write() as conn:
            rundown = Rundown(id="gala", title=Titles(en="Gala", de="Gala", zh="盛典"))
            await show.save_event(conn, rundown, None, "stream-key", 0)
            assert await add(conn, drop)
        return drop

    async def hold(self, browser: Browser, drop: Drop, quantity: int = 1) -> str:
        """A shopper's hold of a drop, by id."""
        path = f"/api/drops/{drop.id}/holds"
        status, answer = await browser.ask("POST", path, {"quantity": quantity}, headers=key())
        assert status == 201, (status, answer)
        return str(answer["hold"])


class _Server(TestServer):
    async def _make_runner(self, **settings: Any) -> BaseRunner:
        return ExpressRunner(self.app, EXPRESS, access_log=None, **settings)


@asynccontextmanager
async def open_shop(
    database_url: str,
    redis_url: str,
    data: Path,
    clock: ManualClock,
    *,
    providers: dict[str, Provider] | None = None,
    **settings: Any,
) -> AsyncIterator[Shop]:
    """A running process; several may share a database and a Redis."""
    served = {"database_url": database_url, "redis_url": redis_url, "data": data, "demo": True}
    config = Config(secret=SECRET, host_token=TOKEN, **{**served, **settings})
    app = web.Application(middlewares=[conduct])
    app[METRICS] = Metrics()
    app[keys.CONFIG] = config
    told: Clock = clock
    app[keys.CLOCK] = told

    async def desk(app: web.Application) -> AsyncIterator[None]:
        app[keys.DESK] = open_desk(config, app[keys.LEDGER], app[keys.GATE], app[keys.HOLDS].recent, clock, providers)
        yield

    async def stocked(app: web.Application) -> AsyncIterator[None]:
        async with app[keys.LEDGER].write() as conn:
            await import_listings(conn, LISTINGS, clock())
        yield

    app.cleanup_ctx.extend([ledger, stocked, gate, holds, desk])
    app.on_response_prepare.append(keep_session)
    add_routes(app)
    server = _Server(app)
    await server.start_server()
    shop = Shop(app, server, clock)
    try:
        yield shop
    finally:
        for browser in shop.browsers:
            await browser.client.session.close()
        await server.close()
