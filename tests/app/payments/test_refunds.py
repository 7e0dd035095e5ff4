"""Refunds through Stripe: paid once, tried again when refused, paid anew when a bank sends them back."""

from typing import Any

import pytest

from app.backoff import pause_ms
from app.shop.attempt import ASKING_MS
from tests.app.payments.paying import paid_with, webhook
from tests.app.payments.stripe_server import StripeServer, signed
from tests.app.shopping import HOST, Browser, ManualClock, Shop, key


async def test_a_refund_reaches_stripe_once_even_when_it_was_away(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    _, answer = await browser.checkout(paid_with("ok"))
    path, headers = f"/api/orders/{answer['order']}/refund", {**HOST, **key()}
    stripe.broken = True
    assert (await browser.ask("POST", path, {}, headers=headers))[1]["state"] == "refunded"
    stripe.broken = False
    for _ in range(2):
        clock.advance(ASKING_MS)
        await shop.desk.upkeep.perform()
        assert (await browser.ask("POST", path, {}, headers=headers))[0] == 200
    assert [refund["amount"] for refund in stripe.refunds.values()] == [2980]


@pytest.mark.parametrize("refusal", [(400, "insufficient_funds"), "failed"])
async def test_a_refused_refund_is_told_and_tried_again_as_a_new_one(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock, refusal: Any
) -> None:
    _, answer = await browser.checkout(paid_with("ok"))
    order, stripe.refund_refusal = answer["order"], refusal
    lines = {"lines": [{"line": 1, "quantity": 1}]}
    path = f"/api/orders/{order}/refund"
    (told,) = (await browser.ask("POST", path, lines, headers={**HOST, **key()}))[1]["refunds"]
    assert told["state"] == "asked" and told["error"]
    # The customer does not read why.
    assert (await browser.get(f"/api/orders/{order}"))["refunds"][0]["error"] is None
    await shop.desk.upkeep.perform()
    stripe.refund_refusal = None
    clock.advance(pause_ms(1))
    await shop.desk.upkeep.perform()
    (told,) = (await browser.get(f"/api/orders/{order}", headers=HOST))["refunds"]
    assert (told["state"], told["error"]) == ("done", None)
    paid = [refund["amount"] for refund in stripe.refunds.values() if refund["status"] == "succeeded"]
    assert paid == [2490]
    # Days later the customer's bank sends it back: it is paid anew, once.
    event = {"type": "refund.failed", "data": {"object": list(stripe.refunds.values())[-1]}}
    for _ in range(2):
        assert await webhook(browser, *signed(event)) == 204
    clock.advance(pause_ms(2))
    await shop.desk.upkeep.perform()
    assert [refund["status"] for refund in stripe.refunds.values()].count("succeeded") == 2


async def test_a_refund_that_was_given_by_hand_is_done(shop: Shop, browser: Browser, stripe: StripeServer) -> None:
    _, answer = await browser.checkout(paid_with("ok"))
    stripe.refund_refusal = (400, "charge_already_refunded")
    path = f"/api/orders/{answer['order']}/refund"
    assert (await browser.ask("POST", path, {}, headers={**HOST, **key()}))[1]["refunds"][0]["state"] == "done"
