"""Granted holds go on to be paid, through two web processes in a rush: exactly what there is is sold."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient

from app.drops import queries
from app.shop.verify import verify
from tests.app.shopping import HOST, Browser, ManualClock, Shop, key, open_shop, order_of

UNITS, SHOPPERS, ASKED = 8, 40, 3


async def _shopper(number: int, shops: list[Shop], drop: str, told: Counter[Any]) -> list[str]:
    """Ask again and again, at both processes under one cookie, and pay what is granted; the orders."""
    jar = aiohttp.CookieJar(unsafe=True)
    browsers = [Browser(TestClient(shop.server, cookie_jar=jar)) for shop in shops]
    for shop, browser in zip(shops, browsers, strict=True):
        shop.browsers.append(browser)
    await browsers[0].get("/api/me")
    bought = []
    for turn in range(ASKED):
        here, there = browsers[(number + turn) % 2], browsers[(number + turn + 1) % 2]
        status, answer = await here.ask("POST", f"/api/drops/{drop}/holds", {"quantity": 1}, headers=key())
        told[status, answer.get("type")] += 1
        if status != 201:
            continue
        # Every third card is declined first.
        for behaviour in ("decline", "approve") if number % 3 == 0 else ("approve",):
            body, headers = order_of(holds=[answer["hold"]], behaviour=behaviour, email=f"s{number}@example.org"), key()
            first = await there.checkout(body, headers=headers)
            assert await here.checkout(body, headers=headers) == first
        assert first[0] == 201
        bought.append(first[1]["order"])
    return bought


async def test_a_rush_sells_exactly_what_there_is_to_as_many_customers(
    shop: Shop, emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    async with open_shop(emptied_url, redis_url, tmp_path / "other", clock) as other:
        drop, told = await shop.drop(quantity=UNITS), Counter[Any]()
        asking = (_shopper(number, [shop, other], drop.id, told) for number in range(SHOPPERS))
        bought = [order for orders in await asyncio.gather(*asking) for order in orders]
        assert told.pop((201, None)) == len(bought) == len(set(bought)) == UNITS
        assert told.keys() <= {(409, "sold-out"), (409, "limit-reached")}
        assert sum(told.values()) == SHOPPERS * ASKED - UNITS
        orders = (await shop.browser().get("/api/orders", headers=HOST))["orders"]
        assert sorted(order["order"] for order in orders) == sorted(bought)
        assert len({order["email"] for order in orders}) == UNITS
        async with shop.ledger.read() as conn:
            after = await queries.find(conn, drop.id)
        assert after and (after.sold, after.left) == (UNITS, 0)
        assert (await verify(shop.ledger))[0] == []
