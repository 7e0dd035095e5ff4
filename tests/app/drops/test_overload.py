import asyncio
from collections import Counter

import pytest

from app import keys
from app.drops import handlers, holds
from app.gate.limits import Limits, Rule
from app.ledger.clock import now_ms
from tests.app.drops.conftest import HOST, Process, Shopper, Starter, furnish, make_drop


async def test_too_many_at_the_door_are_turned_away_at_once_and_the_others_are_served(
    start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "QUEUE_MAX", 5)
    shop = await start()
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], now_ms(), quantity=300)
    answers = await asyncio.gather(*(Shopper(shop).hold(drop.id) for _ in range(200)))
    told = Counter((answer.status, answer.body.get("type")) for answer in answers)
    assert set(told) == {(201, None), (503, "busy")}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status == 503)
    seen = (await shop.ask("GET", f"/api/drops/{drop.id}")).body
    assert seen["held"] == told[201, None]


async def test_one_address_and_one_shopper_may_ask_so_often_and_no_more(
    shop: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(shop.app[keys.GATE], 1.0)
    monkeypatch.setattr(handlers, "HOLDS_BY_ADDRESS", Rule("a", most=6, every_s=600, by_address=True))
    monkeypatch.setattr(handlers, "HOLDS_BY_SHOPPER", Rule("s", most=2, every_s=600))
    monkeypatch.setattr(shop.app[keys.LIMITS], "_factor", limits._factor)
    drop = await make_drop(shop.app[keys.LEDGER], now_ms())
    ada = Shopper(shop)
    assert [(await ada.hold(drop.id)).status for _ in range(3)] == [201, 409, 429]
    assert [(await Shopper(shop).hold(drop.id)).status for _ in range(4)] == [201, 201, 201, 429]


async def test_a_drop_that_its_host_ends_during_the_draw_says_so(shop: Process) -> None:
    drop = await make_drop(shop.app[keys.LEDGER], now_ms(), draw_ms=400)
    asking = [asyncio.create_task(Shopper(shop).hold(drop.id)) for _ in range(3)]
    await asyncio.sleep(0.15)
    assert (await shop.ask("DELETE", f"/api/drops/{drop.id}", headers=HOST)).status == 200
    for answer in await asyncio.gather(*asking):
        assert (answer.slug, answer.body["detail"]) == ("sold-out", "This drop has ended.")
    assert (await shop.ask("GET", f"/api/drops/{drop.id}/draw")).status == 409
