"""Shoppers, thieves, the host, the bank and the clock act on the same orders at once, through two processes."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.payments.provider import Charge, Outcome, Standing, Told
from app.shop import queries
from app.shop.attempt import CHECK_MS, CONFIRM_MS, Attempt
from app.shop.verify import verify
from tests.app.shop.bank import Bank
from tests.app.shopping import HOST, Browser, ManualClock, Shop, key, open_shop, order_of

SHOPPERS, ROUNDS = 5, 3
MOODS = ("approved", "approved", "action", "pending", "processing")
COURSES = ((Standing.OPEN,), (Standing.OPEN, Standing.LOST), (Standing.LOST,), (Standing.LOST, Standing.WON))


class Slow(Bank):
    """A bank that takes a moment before it does something and before it says so."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    async def moment(self) -> None:
        await asyncio.sleep(self.chance.choice([0, 0, 0.001, 0.004]))

    async def start(self, charge: Charge) -> Outcome:
        await self.moment()
        outcome = await super().start(charge)
        await self.moment()
        return outcome

    async def cancel(self, charge: Charge) -> Outcome:
        await self.moment()
        return await super().cancel(charge)

    async def refund(self, charge: Charge, amount: int, key: str) -> None:
        await self.moment()
        await super().refund(charge, amount, key)
        await self.moment()

    async def dispute(self, id_: str) -> Told | None:
        told = await super().dispute(id_)
        await self.moment()
        return told


class Rush:
    """What everybody does, drawn from `chance`."""

    def __init__(self, shops: list[Shop], bank: Slow, chance: random.Random) -> None:
        self.shops, self.bank, self.chance = shops, bank, chance
        self.browsers = [shops[number % 2].browser() for number in range(SHOPPERS)]

    async def visit(self, browser: Browser, drop: str) -> None:
        """Hold, pay twice at once, with another body under the same key, too; somebody else tries the same hold."""
        body = {**order_of(("tee-m", self.chance.randint(1, 3))), "payment": {"method": "bank", "token": "t"}}
        _, answer = await browser.ask("POST", f"/api/drops/{drop}/holds", {"quantity": 1}, headers=key())
        email = f"{self.chance.random()}@example.org"
        body |= {"holds": [answer["hold"]] if "hold" in answer else [], "email": email}
        headers, thief = key(), self.shops[0].browser()
        self.bank.mood = self.chance.choice(MOODS)
        asked = [browser.checkout(body, headers=headers) for _ in range(2)]
        asked += [browser.checkout({**body, "email": "x@example.org"}, headers=headers)]
        if body["holds"]:
            stolen = thief.checkout(body)
            gone = browser.ask("DELETE", f"/api/holds/{answer['hold']}") if self.chance.random() < 0.4 else None
            asked += [stolen, *([gone] if gone else [])]
        answers = await asyncio.gather(*asked)
        assert all(status < 500 for status, _ in answers), answers
        for order in {told["order"] for status, told in answers if status in (201, 202)}:
            await self.trouble(browser, order)

    async def trouble(self, browser: Browser, order: str) -> None:
        """Some of everything that can happen to an order, at once."""
        async with self.shops[0].ledger.read() as conn:
            attempt = await queries.attempt_of_order(conn, order)
        assert attempt is not None
        piece = [{"line": 1, "quantity": 1}]
        acts: list[Callable[[], Awaitable[object]]] = [
            lambda: self.post(order, "refund", {"lines": piece}),
            lambda: self.post(order, "refund", {"lines": piece, "restock": False}),
            lambda: self.post(order, "refund", {}),
            lambda: self.post(order, "cancel", None),
            lambda: self.post(order, "state", {"state": "packed"}),
            lambda: self.post(order, "state", {"state": "shipped"}),
            lambda: browser.ask("POST", f"/api/orders/{order}/withdrawal", {"name": "A", "email": "a@example.org"}),
            lambda: self.disputed(attempt),
            lambda: self.decided(attempt),
            *(shop.desk.upkeep.perform for shop in self.shops),
        ]
        await asyncio.gather(*(act() for act in self.chance.sample(acts, self.chance.randint(3, 8))))

    async def post(self, order: str, what: str, body: Any) -> None:
        browser = self.chance.choice(self.browsers)
        status, answer = await browser.ask("POST", f"/api/orders/{order}/{what}", body, headers={**HOST, **key()})
        assert status < 500, answer

    async def disputed(self, attempt: Attempt) -> None:
        """Both processes hear each of a dispute's news at once."""
        left = self.bank.left(attempt.id)
        amount = left if self.chance.random() < 0.5 else left // 2
        for standing in self.chance.choice(COURSES) if left > 1 else ():
            self.bank.disputes[attempt.id] = Told(f"dp_{attempt.id}", attempt.id, standing, amount, "", None)
            follow = [shop.desk.disputes.follow("bank", f"dp_{attempt.id}") for shop in self.shops]
            await asyncio.gather(*follow)

    async def decided(self, attempt: Attempt) -> None:
        if self.bank.payments.get(attempt.id) in ("action", "pending", "processing"):
            self.bank.move(attempt.id, self.chance.choice(["approved", "declined"]), attempt.amount)
            await asyncio.gather(*(shop.desk.upkeep.resolve(attempt.id) for shop in self.shops))


# With these a refund once stayed open for ever: a lost dispute had paid another one that the bank had paid, too.
@pytest.mark.parametrize("seed", [23, 24])
async def test_units_and_money_add_up_whoever_is_first(
    emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock, seed: int
) -> None:
    chance = random.Random(seed)
    bank = Slow(chance)
    opened = [
        open_shop(emptied_url, redis_url, tmp_path / name, clock, providers={"bank": bank}) for name in ("one", "two")
    ]
    async with opened[0] as shop, opened[1] as other:
        rush = Rush([shop, other], bank, chance)
        drop = await shop.drop(quantity=9, per_customer=2)
        for turn in range(ROUNDS):
            # The host closes the drop while the last ones are paying.
            end = [shop.browser().ask("DELETE", f"/api/drops/{drop.id}", headers=HOST)] if turn == ROUNDS - 1 else []
            await asyncio.gather(*(rush.visit(browser, drop.id) for browser in rush.browsers), *end)
            assert (await verify(shop.ledger))[0] == []
            clock.advance(chance.choice([1000, CHECK_MS, CONFIRM_MS + CHECK_MS]))
            await asyncio.gather(shop.desk.upkeep.perform(), other.desk.upkeep.perform())
            assert (await verify(shop.ledger))[0] == []
        await quiet_down(shop, bank, clock)
        orders = (await rush.browsers[0].get("/api/orders?limit=200", headers=HOST))["orders"]
        kept = sum(one["total"]["amount"] - one["refunded"]["amount"] for one in orders)
        assert sum(map(bank.left, bank.charged)) == kept
        assert all(bank.left(attempt) >= 0 for attempt in bank.charged)
        assert (await verify(shop.ledger))[0] == []
        for one in orders:
            seen = await rush.browsers[0].get(f"/api/orders/{one['order']}", headers=HOST)
            assert "asked" not in [refund["state"] for refund in seen["refunds"]]


async def quiet_down(shop: Shop, bank: Bank, clock: ManualClock) -> None:
    """Days pass, and everybody has decided."""
    for attempt, state in bank.payments.items():
        if state == "processing":
            bank.payments[attempt] = "declined"
    for attempt, told in bank.disputes.items():
        if told.standing == Standing.OPEN:
            bank.disputes[attempt] = replace(told, standing=Standing.WON)
    for _ in range(4):
        clock.advance(CONFIRM_MS + 86_400_000)
        await shop.desk.disputes.perform()
        await shop.desk.upkeep.perform()
