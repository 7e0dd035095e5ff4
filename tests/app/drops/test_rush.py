"""Many more requests than units, through two web processes: exactly what there is, one each, all answered."""

import asyncio
import random
from collections import Counter

from app import keys
from app.drops import queries
from app.ledger.clock import now_ms
from tests.app.drops.conftest import Process, Shopper, Starter, furnish, make_drop

UNITS, SHOPPERS, REQUESTS = 20, 150, 6


async def _rush(processes: list[Process], drop: str, shoppers: list[Shopper]) -> Counter[tuple[int, str]]:
    requests = [shopper for shopper in shoppers for _ in range(REQUESTS)]
    random.Random(4).shuffle(requests)

    async def ask(number: int, shopper: Shopper) -> tuple[int, str]:
        # The same session through both processes, as an unlucky load balancer would have it.
        answer = await Shopper(processes[number % 2], dict(shopper.cookies)).hold(drop)
        return answer.status, answer.body.get("type", "")

    return Counter(await asyncio.gather(*(ask(number, shopper) for number, shopper in enumerate(requests))))


async def test_a_rush_sells_exactly_what_there_is_and_one_shopper_gains_nothing_by_many_requests(
    start: Starter,
) -> None:
    processes = [await start(), await start()]
    ledger = processes[0].app[keys.LEDGER]
    await furnish(ledger)
    shoppers = [Shopper(processes[0]) for _ in range(SHOPPERS)]
    await asyncio.gather(*(shopper.ask("GET", "/api/holds") for shopper in shoppers))
    drop = await make_drop(ledger, now_ms(), quantity=UNITS, per_customer=1)
    told = await _rush(processes, drop.id, shoppers)
    assert told.pop((201, "")) == UNITS
    assert told.keys() <= {(409, "sold-out"), (409, "limit-reached")}
    assert sum(told.values()) == SHOPPERS * REQUESTS - UNITS
    async with ledger.read() as conn:
        holds = await queries.granted(conn, drop.id)
        after = await queries.find(conn, drop.id)
    assert len({hold.shopper for hold in holds}) == len(holds) == UNITS
    assert after and (after.held, after.left) == (UNITS, 0)


async def test_who_asks_first_is_served_first_and_who_leaves_the_queue_holds_up_nobody(start: Starter) -> None:
    shop = await start()
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], now_ms(), quantity=30)
    door = shop.app[keys.HOLDS]._door(drop.id)
    begun, going, serve = asyncio.Event(), asyncio.Event(), door._serve

    async def held_up(asked):  # type: ignore[no-untyped-def]
        begun.set()
        await going.wait()
        return await serve(asked)

    door._serve = held_up
    shoppers = [Shopper(shop) for _ in range(60)]
    asking = []
    for number, shopper in enumerate(shoppers):
        asking.append(asyncio.create_task(shopper.hold(drop.id)))
        await begun.wait()  # the first is being served, the others queue behind it
        while len(door) < number:  # noqa: ASYNC110 - the queue says when
            await asyncio.sleep(0.001)
    # Two of those who would be served leave; whom they keep waiting is nobody.
    for leaving in (asking[3], asking[7]):
        leaving.cancel()
    await asyncio.gather(asking[3], asking[7], return_exceptions=True)
    going.set()
    stayed = [task for number, task in enumerate(asking) if number not in (3, 7)]
    answers = [answer.status for answer in await asyncio.gather(*stayed)]
    served = answers.index(409)
    assert answers == [201] * served + [409] * (58 - served)
    # Their requests may have been read before they left; units that were granted to them come back by expiring.
    assert served in (28, 29, 30)
