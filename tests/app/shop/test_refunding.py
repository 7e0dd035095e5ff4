"""Refunds that wait for their provider while banks decide."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from app.backoff import pause_ms
from app.payments.provider import Charge, ProviderDown, Standing, Told
from app.shop import queries
from app.shop.attempt import CHECK_MS
from app.shop.verify import verify
from tests.app.shop.bank import Bank
from tests.app.shopping import HOST, ManualClock, key, open_shop, order_of


class Busy(Bank):
    """A bank that does something else right after it has paid a refund, or breaks down before it has said so."""

    then: Callable[[], Awaitable[None]] | None = None

    async def refund(self, charge: Charge, amount: int, key: str) -> None:
        await super().refund(charge, amount, key)
        then, self.then = self.then, None
        if then is not None:
            await then()


async def test_a_refund_that_a_dispute_splits_while_others_are_paid_is_asked_for_its_rest(
    emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    bank = Busy()
    async with open_shop(emptied_url, redis_url, tmp_path / "data", clock, providers={"bank": bank}) as shop:
        browser = shop.browser()
        wanted = {**order_of(("tee-m", 1)), "payment": {"method": "bank", "token": "t"}}
        orders = [(await browser.checkout(wanted))[1]["order"] for _ in range(2)]
        bank.away = True
        for order in orders:
            await browser.ask("POST", f"/api/orders/{order}/refund", {}, headers={**HOST, **key()})
            clock.advance(1)
        bank.away = False
        async with shop.ledger.read() as conn:
            attempt = await queries.attempt_of_order(conn, orders[1])
        assert attempt is not None

        async def lose() -> None:
            bank.disputes[attempt.id] = Told("dp", attempt.id, Standing.LOST, 1000, "general", None)
            await shop.desk.disputes.follow("bank", f"dp_{attempt.id}")

        bank.then = lose
        clock.advance(CHECK_MS)
        assert await shop.desk.upkeep.perform() == 2
        assert bank.returned == dict.fromkeys(bank.charged, attempt.amount) | {attempt.id: attempt.amount - 1000}
        seen = await browser.get(f"/api/orders/{orders[1]}")
        assert {one["state"]: one["amount"]["amount"] for one in seen["refunds"]} == {
            "done": attempt.amount - 1000, "charged-back": 1000,
        }  # fmt: skip
        assert (await verify(shop.ledger))[0] == []


@pytest.mark.parametrize("refused", [False, True], ids=["asked once", "refused before"])
async def test_of_several_refunds_a_bank_pays_those_that_were_not_paid_unheard(
    emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock, refused: bool
) -> None:
    bank = Busy()
    async with open_shop(emptied_url, redis_url, tmp_path / "data", clock, providers={"bank": bank}) as shop:
        browser = shop.browser()
        wanted = {**order_of(("tee-m", 2)), "payment": {"method": "bank", "token": "t"}}
        order = (await browser.checkout(wanted))[1]["order"]
        (payment,) = bank.charged

        async def break_down() -> None:
            bank.away = True
            raise ProviderDown("the answer is lost")

        async def refund(body: dict[str, Any]) -> None:
            status, _ = await browser.ask("POST", f"/api/orders/{order}/refund", body, headers={**HOST, **key()})
            assert status == 200
            clock.advance(1)

        bank.refuses, bank.then = refused, break_down
        await refund({"lines": [{"line": 1, "quantity": 1}]})
        if refused:
            bank.refuses = False
            clock.advance(pause_ms(1))
            await shop.desk.upkeep.perform()
        assert bank.away
        await refund({})
        bank.away = False
        left = bank.left(payment)
        assert 0 < left < bank.charged[payment]
        bank.disputes[payment] = Told(f"dp_{payment}", payment, Standing.LOST, left, "general", None)
        await shop.desk.disputes.follow("bank", f"dp_{payment}")
        seen = await browser.get(f"/api/orders/{order}")
        assert [(one["state"], one["amount"]["amount"]) for one in seen["refunds"]] == [
            ("done", bank.returned[payment]), ("charged-back", left),
        ]  # fmt: skip
        assert (await verify(shop.ledger))[0] == []
