"""Numbers and undo in a whole web process, on a real ledger and a real Redis."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import insert

from app import keys
from app.config import Config
from app.host.deeds import UNDO_MS
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.migrate import migrate
from app.prepare import prepare
from app.server import create_app
from app.shop.tables import attempts, orders
from overlays.messages import CueMessage
from tests.app.host.conftest import TOKEN, ManualClock
from tests.servers import short_folder

HOST = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class Shop:
    """A running web process and its clock."""

    client: TestClient[web.Request, web.Application]
    clock: ManualClock

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        async with self.client.request(method, path, json=body, headers={**HOST, **headers}) as answer:
            return answer.status, await answer.json(content_type=None) if answer.status != 204 else None

    async def cue(self, **members: Any) -> str:
        status, answer = await self.ask(
            "POST", "/api/events/gala/cues", {"products": ["tee"], "at_ms": self.clock.now_ms, **members}
        )
        assert status == 201, answer
        return str(answer["id"])

    async def drop(self, opens_after_ms: int = 8000) -> str:
        body = {"event": "gala", "sku": "tee", "variant": "tee-m", "quantity": 3, "opens_after_ms": opens_after_ms}
        status, answer = await self.ask("POST", "/api/drops", {**body, "draw_ms": 0, "reveal_at_ms": self.clock.now_ms})
        assert status == 201, answer
        return str(answer["id"])

    async def cues(self) -> dict[str, CueMessage]:
        feed = await self.client.app[keys.LIVE].feed("gala")
        await asyncio.sleep(0.3)
        return {cue.id: cue for cue in feed.timeline.state().cues}

    async def undo(self, **headers: str) -> tuple[int, Any]:
        return await self.ask("POST", "/api/host/events/gala/undo", {}, **headers)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    config = Config(data=folder, secret="s" * 32, demo=True)

    async def fill() -> None:
        ledger = Ledger.of(config)
        await migrate(ledger)
        await prepare(config, ledger)
        await ledger.close()

    asyncio.run(fill())
    return folder / "ledger.db"


@pytest.fixture
async def shop(prepared: Path, redis_url: str) -> AsyncIterator[Shop]:
    with short_folder() as data:
        shutil.copy(prepared, data / "ledger.db")
        (data / "run").mkdir()
        config = Config(data=data, secret="s" * 32, host_token=TOKEN, demo=True, redis_url=redis_url)
        app, clock = create_app(config), ManualClock(now_ms())
        app[keys.CLOCK] = clock.__call__
        async with TestClient(TestServer(app)) as client:
            yield Shop(client, clock)


async def test_a_cue_that_was_shown_by_mistake_is_retracted(shop: Shop) -> None:
    cue = await shop.cue()
    assert cue in await shop.cues()
    assert await shop.undo() == (200, {"undone": "shown", "id": cue})
    assert cue not in await shop.cues()
    status, problem = await shop.undo()
    assert (status, problem["type"]) == (409, "nothing-to-undo")


async def test_a_cue_that_was_ended_by_mistake_is_shown_for_what_was_left_of_it(shop: Shop) -> None:
    cue = await shop.cue(duration_ms=20_000, anchor={"x": 0.5, "y": 0.25})
    began = shop.clock.now_ms
    shop.clock.now_ms += 4_000
    await shop.ask("DELETE", f"/api/events/gala/cues/{cue}?at_ms={shop.clock.now_ms}")
    shop.clock.now_ms += 1_000
    assert (await shop.undo())[1]["undone"] == "ended"
    cues = await shop.cues()
    assert cues.pop(cue).duration_ms == 4_000
    (again,) = cues.values()
    assert (again.at_ms, again.duration_ms) == (began + 5_000, 15_000)
    assert again.anchor is not None
    assert (again.products, again.anchor.x) == (("tee",), 0.5)


async def test_only_the_last_five_seconds_can_be_taken_back(shop: Shop) -> None:
    cue = await shop.cue()
    shop.clock.now_ms += UNDO_MS + 1
    assert (await shop.undo())[1]["type"] == "nothing-to-undo"
    assert cue in await shop.cues()


async def test_a_drop_that_has_not_opened_is_withdrawn_and_its_units_return(shop: Shop) -> None:
    before = await _left(shop)
    drop = await shop.drop()
    assert await _left(shop) == before - 3
    assert await shop.undo() == (200, {"undone": "dropped", "id": drop})
    assert (await shop.ask("GET", f"/api/drops/{drop}"))[1]["state"] == "ended"
    assert await _left(shop) == before


async def test_a_drop_that_is_open_is_not_taken_back(shop: Shop) -> None:
    drop = await shop.drop(opens_after_ms=2000)
    shop.clock.now_ms += 2000
    assert (await shop.undo())[1]["type"] == "too-late"
    assert (await shop.ask("GET", f"/api/drops/{drop}"))[1]["state"] == "open"
    await shop.ask("DELETE", f"/api/drops/{drop}")
    assert (await shop.undo())[1]["type"] == "too-late"


async def test_each_host_takes_back_what_they_did_themselves(shop: Shop) -> None:
    account = {"name": "helena", "password": "a long password", "role": "host"}
    assert (await shop.ask("POST", "/api/host/accounts", account))[0] == 201
    async with shop.client.post("/api/host/session", json={"name": "helena", "password": "a long password"}) as answer:
        assert answer.status == 201
    cue = await shop.cue()
    async with shop.client.post("/api/host/events/gala/undo", json={}) as answer:
        assert answer.status == 409
    assert (await shop.undo())[1]["id"] == cue


async def test_strangers_undo_and_count_nothing(shop: Shop) -> None:
    for method, path in (("POST", "/api/host/events/gala/undo"), ("GET", "/api/host/events/gala/numbers")):
        async with shop.client.request(method, path, json={}) as answer:
            assert answer.status == 401


async def test_an_unknown_event_has_no_numbers(shop: Shop) -> None:
    assert (await shop.ask("GET", "/api/host/events/nothing/numbers"))[0] == 404
    assert (await shop.ask("POST", "/api/host/events/nothing/undo", {}))[0] == 409


async def test_the_numbers_count_orders_stock_and_viewers(shop: Shop) -> None:
    drop = await shop.drop()
    await _order(shop, "1", 4990, shop.clock.now_ms - 5_000)
    await _order(shop, "2", 10_000, shop.clock.now_ms - 90_000, refunded=1_000)
    status, numbers = await shop.ask("GET", "/api/host/events/gala/numbers")
    assert status == 200
    assert (numbers["event"], numbers["viewers"], numbers["mirrors"]) == ("gala", 0, 0)
    assert (numbers["orders"], numbers["orders_per_minute"]) == (2, 1)
    assert numbers["revenue"] == [{"amount": 13_990, "currency": "EUR"}]
    (figures,) = numbers["drops"]
    assert (figures["id"], figures["state"], figures["quantity"], figures["left"]) == (drop, "revealed", 3, 3)
    tee = next(product for product in numbers["products"] if product["sku"] == "tee")
    assert tee["left"] == sum(size["left"] for size in tee["variants"])
    assert numbers["ingest"]["live"] is False
    assert numbers["ingest"]["behind_ms"] is None


async def _left(shop: Shop) -> int:
    numbers = (await shop.ask("GET", "/api/host/events/gala/numbers"))[1]
    sizes = next(product for product in numbers["products"] if product["sku"] == "tee")["variants"]
    return int(next(size["left"] for size in sizes if size["id"] == "tee-m"))


async def _order(shop: Shop, number: str, amount: int, created_ms: int, refunded: int = 0) -> None:
    async with shop.client.app[keys.LEDGER].write() as conn:
        blank = {column.name: _blank(column) for column in attempts.columns if not column.nullable}
        await conn.execute(insert(attempts).values({**blank, "id": number, "key": number, "order_id": number}))
        blank = {column.name: _blank(column) for column in orders.columns if not column.nullable}
        figures = {"amount": amount, "refunded": refunded, "currency": "EUR", "created_ms": created_ms}
        await conn.execute(
            insert(orders).values({**blank, "id": number, "attempt": number, "state": "paid", **figures})
        )


def _blank(column: Any) -> Any:
    return 0 if column.type.python_type is int else "x"
