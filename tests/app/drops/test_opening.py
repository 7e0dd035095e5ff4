import asyncio
from collections import Counter
from typing import Any

import msgspec

from app import keys
from app.drops.draw.rules import order, seed_hash
from app.drops.rules import DRAW_GRACE_MS
from app.ledger.clock import now_ms
from app.show import queries as show
from tests.app.drops.conftest import HOST, SKU, VARIANT, ManualClock, Process, Shopper, Starter, furnish, make_drop
from tests.viewers import eventually

ASKED = {"event": "gala", "sku": SKU, "variant": VARIANT, "quantity": 5, "per_customer": 1}


async def told(process: Process) -> list[dict[str, Any]]:
    """Every announcement of the event, in order."""
    async with process.app[keys.LEDGER].read() as conn:
        rows = await show.announced_after(conn, "gala", 0)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    return [msgspec.json.decode(row.body) for row in rows]


async def test_a_drop_is_told_state_by_state_and_its_secret_not_before_the_reveal(start: Starter) -> None:
    clock = ManualClock()
    shop = await start(clock)
    await furnish(shop.app[keys.LEDGER])
    body = {**ASKED, "quantity": 1, "reveal_at_ms": clock() + 5000, "opens_after_ms": 2000, "draw_ms": 0}
    made = await shop.ask("POST", "/api/drops", json=body, headers=HOST)
    assert made.status == 201
    drop = made.body["id"]
    seen = await shop.ask("GET", f"/api/drops/{drop}")
    assert seen.body["state"] == "announced" and SKU not in repr(seen.body) + repr(await told(shop))
    assert SKU not in repr((await shop.ask("GET", "/api/drops?event=gala")).body)
    assert (await shop.ask("GET", f"/api/drops/{drop}", headers=HOST)).body["sku"] == SKU

    clock.advance(5000)
    await shop.do_duties()
    early = await Shopper(shop).hold(drop)
    assert (early.status, early.slug, early.body["opens_at_ms"]) == (425, "not-open", clock() + 2000)
    clock.advance(2000)
    await shop.do_duties()
    await shop.do_duties()
    ada = Shopper(shop)
    hold = (await ada.hold(drop)).body["hold"]
    await shop.do_duties()
    await ada.ask("DELETE", f"/api/holds/{hold}")
    await shop.do_duties()
    await shop.ask("DELETE", f"/api/drops/{drop}", headers=HOST)
    await shop.do_duties()
    messages = await told(shop)
    assert [message["state"] for message in messages] == [
        "announced", "revealed", "open", "sold-out", "open", "ended",
    ]  # fmt: skip
    assert all(message["sku"] == SKU for message in messages[1:])
    assert len({message["seed_hash"] for message in messages}) == 1


async def test_a_drop_that_closes_by_itself_ends_and_returns_what_is_left(start: Starter) -> None:
    clock = ManualClock()
    shop = await start(clock)
    await furnish(shop.app[keys.LEDGER])
    body = {**ASKED, "opens_after_ms": 0, "draw_ms": 0, "closes_at": "2026-09-21T15:00:00Z"}
    drop = (await shop.ask("POST", "/api/drops", json=body, headers=HOST)).body["id"]
    assert (await Shopper(shop).hold(drop)).status == 201
    clock.at_ms = 1_790_002_800_000
    assert (await Shopper(shop).hold(drop)).slug == "sold-out"
    await shop.do_duties()
    seen = (await shop.ask("GET", f"/api/drops/{drop}")).body
    assert (seen["state"], seen["left"]) == ("ended", 0)


async def test_everybody_who_asks_in_the_window_is_drawn_and_answered_once_a_customer(start: Starter) -> None:
    clock = ManualClock(now_ms())
    processes = [await start(clock), await start(clock)]
    await furnish(processes[0].app[keys.LEDGER])
    drop = await make_drop(processes[0].app[keys.LEDGER], clock(), quantity=5, draw_ms=1500)
    cookies = (await Shopper(processes[0]).ask("GET", "/api/holds")).cookies
    greedy = [Shopper(processes[i % 2], dict(cookies)) for i in range(30)]
    others = [Shopper(processes[i % 2]) for i in range(40)]
    tasks = [asyncio.create_task(shopper.hold(drop.id)) for shopper in greedy + others]
    doors = [process.app[keys.HOLDS] for process in processes]
    await eventually(lambda: sum(len(door._asking) for door in doors) == len(tasks))
    for door in doors:
        await door._entered.close()  # every entry is kept
    clock.advance(1500 + DRAW_GRACE_MS)
    answers = await asyncio.gather(*tasks)
    holds = {answer.body["hold"] for answer in answers if answer.status == 201}
    assert len(holds) == 5
    assert {answer.slug for answer in answers if answer.status != 201} == {"sold-out"}
    assert len({answer.status for answer in answers[:30]}) == 1

    draw = (await processes[1].ask("GET", f"/api/drops/{drop.id}/draw")).body
    assert len(draw["entries"]) == 41 and seed_hash(draw["seed"]) == draw["seed_hash"]
    recomputed = order(draw["seed"], [entry["id"] for entry in draw["entries"]])[:5]
    assert set(recomputed) == holds == {entry["id"] for entry in draw["entries"] if entry["won"]}
    last = (await told(processes[0]))[-1]
    assert (last["state"], last["seed"]) == ("sold-out", draw["seed"])
    assert (await Shopper(processes[0]).hold(drop.id)).slug == "sold-out"


async def test_who_comes_after_the_window_is_served_after_the_draw_in_the_order_of_arrival(start: Starter) -> None:
    shop = await start()
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], now_ms(), quantity=3, draw_ms=300)
    drawn = [asyncio.create_task(Shopper(shop).hold(drop.id)) for _ in range(2)]
    await asyncio.sleep(0.35)
    late = [asyncio.create_task(Shopper(shop).hold(drop.id)) for _ in range(4)]
    assert {answer.status for answer in await asyncio.gather(*drawn)} == {201}
    assert Counter(answer.status for answer in await asyncio.gather(*late)) == {201: 1, 409: 3}


async def test_a_draw_whose_process_died_is_held_by_another_one(start: Starter) -> None:
    clock = ManualClock()
    first, second = await start(clock), await start(clock)
    await furnish(first.app[keys.LEDGER])
    drop = await make_drop(first.app[keys.LEDGER], clock(), quantity=1, draw_ms=1000)
    shopper = Shopper(first)
    await shopper.ask("GET", "/api/holds")
    asking = asyncio.create_task(shopper.hold(drop.id))
    await asyncio.sleep(0.2)
    asking.cancel()
    clock.advance(1000 + DRAW_GRACE_MS)
    await second.do_duties()
    mine = (await Shopper(second, shopper.cookies).ask("GET", "/api/holds")).body["holds"]
    assert len(mine) == 1
    assert (await Shopper(second).hold(drop.id)).slug == "sold-out"


async def test_a_drop_is_made_once_a_key_and_refused_when_it_cannot_be(shop: Process) -> None:
    key = {**HOST, "Idempotency-Key": "row-7"}
    first = await shop.ask("POST", "/api/drops", json=ASKED, headers=key)
    assert first.status == 201
    assert (await shop.ask("POST", "/api/drops", json=ASKED, headers=key)).body == first.body
    other = await shop.ask("POST", "/api/drops", json={**ASKED, "quantity": 6}, headers=key)
    assert other.status == 422
    for change, status in (
        ({"quantity": 100_000}, 409), ({"variant": "other"}, 422), ({"sku": "other"}, 422), ({"event": "other"}, 404),
        ({"quantity": 0}, 422), ({"draw_ms": 60_000}, 422), ({"surprise": 1}, 422),
    ):  # fmt: skip
        assert (await shop.ask("POST", "/api/drops", json={**ASKED, **change}, headers=HOST)).status == status, change
    assert (await shop.ask("POST", "/api/drops", json=ASKED)).status == 401
    assert (await shop.ask("GET", "/api/drops/drp_none")).status == 404
