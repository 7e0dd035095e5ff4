import asyncio
from collections import Counter

import pytest
from sqlalchemy import update

from app import keys
from app.catalogue.queries import variants_on_sale
from app.drops import queries
from app.drops.duties import LATE_MS, THOROUGH_MS
from app.drops.tables import holds
from app.gate.holds import Ask, decide
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from tests.app.drops.conftest import (
    HOST,
    SKU,
    STOCK,
    VARIANT,
    ManualClock,
    Process,
    Shopper,
    Starter,
    furnish,
    make_drop,
)
from tests.servers import RedisServer


async def counts(process: Process, drop: str) -> dict[str, int]:
    body = (await process.ask("GET", f"/api/drops/{drop}", headers=HOST)).body
    assert body["held"] + body["reserved"] + body["sold"] + body["left"] == body["quantity"]
    return {name: body[name] for name in ("held", "reserved", "sold", "left")}


async def test_a_thousand_shoppers_at_once_get_exactly_the_twenty_units(start: Starter) -> None:
    processes = [await start(), await start()]
    await furnish(processes[0].app[keys.LEDGER])
    drop = await make_drop(processes[0].app[keys.LEDGER], now_ms())
    shoppers = [Shopper(processes[i % 2]) for i in range(1000)]
    answers = await asyncio.gather(*(shopper.hold(drop.id) for shopper in shoppers))
    assert Counter(answer.status for answer in answers) == {201: 20, 409: 980}
    assert {answer.slug for answer in answers if answer.status == 409} == {"sold-out"}
    assert len({answer.body["hold"] for answer in answers if answer.status == 201}) == 20
    assert await counts(processes[0], drop.id) == {"held": 20, "reserved": 0, "sold": 0, "left": 0}


async def test_one_shopper_with_a_hundred_requests_gains_nothing_and_hears_of_the_own_hold(start: Starter) -> None:
    processes = [await start(), await start()]
    await furnish(processes[0].app[keys.LEDGER])
    drop = await make_drop(processes[0].app[keys.LEDGER], now_ms(), per_customer=2)
    cookies = (await Shopper(processes[0]).ask("GET", "/api/holds")).cookies
    same = [Shopper(processes[i % 2], dict(cookies)) for i in range(100)]
    answers = await asyncio.gather(*(shopper.hold(drop.id) for shopper in same))
    assert Counter(answer.status for answer in answers) == {201: 2, 409: 98}
    refused = await same[0].hold(drop.id)
    assert refused.slug == "limit-reached"
    held = {entry["hold"] for entry in refused.body["holds"]}
    assert held == {answer.body["hold"] for answer in answers if answer.status == 201}
    mine = (await same[0].ask("GET", "/api/holds")).body["holds"]
    assert {entry["hold"] for entry in mine} == held
    assert mine[0]["sku"] == SKU and mine[0]["state"] == "held"


async def test_a_hold_given_back_can_be_had_by_the_next_one(shop: Process) -> None:
    drop = await make_drop(shop.app[keys.LEDGER], now_ms(), quantity=1)
    ada, grace = Shopper(shop), Shopper(shop)
    hold = (await ada.hold(drop.id)).body["hold"]
    assert (await grace.hold(drop.id)).slug == "sold-out"
    assert (await grace.ask("DELETE", f"/api/holds/{hold}")).status == 404
    assert (await ada.ask("DELETE", f"/api/holds/{hold}")).status == 204
    assert (await ada.ask("DELETE", f"/api/holds/{hold}")).status == 204
    assert (await grace.hold(drop.id)).status == 201
    assert (await ada.ask("GET", "/api/holds")).body["holds"] == []


async def test_a_hold_expires_and_its_unit_comes_back(start: Starter) -> None:
    clock = ManualClock()
    shop = await start(clock)
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], clock(), quantity=1)
    assert (await Shopper(shop).hold(drop.id)).status == 201
    clock.advance(299_999)
    await shop.do_duties()
    assert (await Shopper(shop).hold(drop.id)).slug == "sold-out"
    clock.advance(1)
    await shop.do_duties()
    assert (await Shopper(shop).hold(drop.id)).status == 201


@pytest.mark.parametrize(
    ("late_ms", "passing_ms", "held"),
    [(LATE_MS, 0, 0), (LATE_MS + 1, THOROUGH_MS - 1, 1), (LATE_MS + 1, THOROUGH_MS, 0), (THOROUGH_MS, -1, 0)],
    ids=["soon", "not looked at everything yet", "looked at everything", "clock put back"],
)
async def test_a_hold_whose_clock_went_after_ours_expires_as_well(
    start: Starter, late_ms: int, passing_ms: int, held: int
) -> None:
    clock = ManualClock()
    shop = await start(clock)
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], clock(), quantity=1)
    await shop.do_duties()
    assert (await Shopper(shop).hold(drop.id)).status == 201
    async with shop.app[keys.LEDGER].write() as conn:
        await conn.execute(update(holds).values(expires_ms=clock() - late_ms))
    clock.advance(passing_ms)
    await shop.do_duties()
    assert (await counts(shop, drop.id))["held"] == held


async def test_the_same_key_gets_the_same_answer_and_another_body_is_refused(start: Starter) -> None:
    processes = [await start(), await start()]
    await furnish(processes[0].app[keys.LEDGER])
    drop = await make_drop(processes[0].app[keys.LEDGER], now_ms(), per_customer=3)
    shopper = Shopper(processes[0])
    first = await shopper.hold(drop.id, 2, key="k1")
    elsewhere = Shopper(processes[1], dict(shopper.cookies))
    assert (await elsewhere.hold(drop.id, 2, key="k1")).body == first.body
    for other in (1, 4):  # within the limit and beyond it
        assert (await elsewhere.hold(drop.id, other, key="k1")).slug == "idempotency-key-reused"
    refused = await shopper.hold(drop.id, 3, key="k2")
    assert refused.slug == "limit-reached"
    await shopper.ask("DELETE", f"/api/holds/{first.body['hold']}")
    assert (await shopper.hold(drop.id, 3, key="k2")).slug == "limit-reached"
    assert (await shopper.hold(drop.id, 2, key="k1")).body == first.body
    assert (await counts(processes[0], drop.id))["held"] == 0
    # Somebody else's key is another key.
    assert (await Shopper(processes[0]).hold(drop.id, 2, key="k1")).body != first.body
    await processes[0].ask("DELETE", f"/api/drops/{drop.id}", headers=HOST)
    assert (await shopper.hold(drop.id, 2, key="k1")).body == first.body
    assert (await shopper.hold(drop.id, 2, key="k3")).slug == "sold-out"


async def test_the_same_key_while_the_first_is_in_flight_is_in_progress_or_the_same(shop: Process) -> None:
    drop = await make_drop(shop.app[keys.LEDGER], now_ms(), per_customer=5)
    cookies = (await Shopper(shop).ask("GET", "/api/holds")).cookies
    answers = await asyncio.gather(*(Shopper(shop, dict(cookies)).hold(drop.id, key="k") for _ in range(30)))
    assert {answer.status for answer in answers} <= {201, 409}
    assert {answer.slug for answer in answers if answer.status == 409} <= {"in-progress"}
    assert len({answer.body["hold"] for answer in answers if answer.status == 201}) == 1
    assert (await counts(shop, drop.id))["held"] == 1


async def test_redis_gone_pauses_holds_and_back_empty_it_sells_exactly_what_is_left(
    start: Starter, own_redis: RedisServer
) -> None:
    shop = await start(redis=own_redis.url)
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], now_ms())
    first = [await Shopper(shop).hold(drop.id) for _ in range(5)]
    assert {answer.status for answer in first} == {201}
    own_redis.kill()
    paused = await Shopper(shop).hold(drop.id)
    assert (paused.status, paused.slug) == (503, "busy")
    assert "try again" in paused.body["detail"] and "Retry-After" in paused.headers
    own_redis.start()
    answers = await asyncio.gather(*(Shopper(shop).hold(drop.id) for _ in range(100)))
    assert Counter(answer.status for answer in answers) == {201: 15, 409: 85}
    assert (await counts(shop, drop.id))["left"] == 0


async def test_redis_killed_again_and_again_while_shoppers_ask_oversells_nothing(
    start: Starter, own_redis: RedisServer
) -> None:
    processes = [await start(redis=own_redis.url), await start(redis=own_redis.url)]
    await furnish(processes[0].app[keys.LEDGER])
    drop = await make_drop(processes[0].app[keys.LEDGER], now_ms(), quantity=100)
    kept: list[str] = []
    done = asyncio.Event()

    async def buyer(number: int) -> None:
        while not done.is_set():
            answer = await Shopper(processes[number % 2]).hold(drop.id)
            assert answer.status in (201, 409, 503), answer
            if answer.status == 201:
                kept.append(answer.body["hold"])
            await asyncio.sleep(0.01)

    buyers = [asyncio.create_task(buyer(number)) for number in range(8)]
    for _ in range(5):
        await asyncio.sleep(0.15)
        await asyncio.to_thread(own_redis.lose_everything)
    await asyncio.sleep(0.5)
    done.set()
    await asyncio.gather(*buyers)
    async with processes[0].app[keys.LEDGER].read() as conn:
        held = {hold.id for hold in await queries.taking(conn, drop.id)}
    assert len(kept) == len(set(kept)) and set(kept) <= held
    assert len(held) <= 100
    assert (await counts(processes[0], drop.id))["held"] == len(held)


async def test_a_gate_restored_from_an_old_snapshot_is_not_believed(start: Starter, own_redis: RedisServer) -> None:
    shop = await start(redis=own_redis.url)
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], now_ms(), quantity=3)
    assert (await Shopper(shop).hold(drop.id)).status == 201
    own_redis.ask("SAVE")
    assert (await Shopper(shop).hold(drop.id)).status == 201
    assert (await Shopper(shop).hold(drop.id)).status == 201
    own_redis.kill()
    own_redis.start()
    assert b"1" in own_redis.ask(f"EXISTS laufsteg:gate:{drop.id}")
    assert (await Shopper(shop).hold(drop.id)).slug == "sold-out"


async def test_a_unit_that_a_crash_left_in_the_gate_comes_back(start: Starter) -> None:
    clock = ManualClock()
    shop = await start(clock)
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], clock(), quantity=2)
    assert (await Shopper(shop).hold(drop.id)).status == 201
    crashed = Ask("hld_crashed", "t", "shp_gone", 1, clock(), False)
    assert await decide(shop.app[keys.GATE], drop.id, [crashed])
    assert (await Shopper(shop).hold(drop.id)).slug == "sold-out"
    await shop.do_duties()
    assert (await Shopper(shop).hold(drop.id)).slug == "sold-out"
    clock.advance(6_000)
    await shop.do_duties()
    assert (await Shopper(shop).hold(drop.id)).status == 201


async def test_a_drop_ended_by_the_host_takes_no_more_and_returns_its_units(shop: Process) -> None:
    ledger = shop.app[keys.LEDGER]
    drop = await make_drop(ledger, now_ms(), quantity=10)
    held = (await Shopper(shop).hold(drop.id)).body["hold"]
    assert await on_shelf(ledger) == STOCK - 10
    assert (await shop.ask("DELETE", f"/api/drops/{drop.id}")).status == 401
    ended = await shop.ask("DELETE", f"/api/drops/{drop.id}", headers=HOST)
    assert (ended.status, ended.body["state"], ended.body["left"]) == (200, "ended", 0)
    assert await on_shelf(ledger) == STOCK - 1
    assert (await Shopper(shop).hold(drop.id)).slug == "sold-out"
    async with ledger.write() as conn:
        await queries.release(conn, [held])
    assert await on_shelf(ledger) == STOCK


async def on_shelf(ledger: Ledger) -> int:
    async with ledger.read() as conn:
        return (await variants_on_sale(conn, [VARIANT]))[VARIANT][0].left


async def test_a_body_that_makes_no_sense_is_refused(shop: Process) -> None:
    drop = await make_drop(shop.app[keys.LEDGER], now_ms())
    path = f"/api/drops/{drop.id}/holds"
    for body, status in (({"quantity": 0}, 422), ({"quantity": "1"}, 422), ({"quantity": 1, "x": 1}, 422), ([], 422)):
        assert (await shop.ask("POST", path, json=body)).status == status
    broken = await shop.ask("POST", path, data=b"{", headers={"Content-Type": "application/json"})
    assert broken.status == 400
    assert (await shop.ask("POST", "/api/drops/drp_unknown/holds", json={"quantity": 1})).status == 404
    assert (await shop.ask("POST", path, json={}, headers={"Idempotency-Key": "k" * 300})).status == 422
    over = await Shopper(shop).hold(drop.id, quantity=2)
    assert over.slug == "limit-reached"
