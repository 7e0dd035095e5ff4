"""Stripe's events: repeated, late, in any order, or forged."""

import asyncio
import time

import pytest

from app.shop.attempt import ASKING_MS, CONFIRM_MS
from tests.app.payments.paying import about, paid_with, webhook
from tests.app.payments.stripe_server import StripeServer, signed
from tests.app.shopping import HOST, TEES, Browser, ManualClock, Shop


async def test_a_bank_confirms_by_webhook_however_often_and_in_any_order(
    shop: Shop, browser: Browser, stripe: StripeServer
) -> None:
    status, answer = await browser.checkout(paid_with("3ds"))
    (intent,) = stripe.intents.values()
    order = f"/api/orders/{answer['order']}"
    # 3-D Secure is asked by Stripe's own script, in the checkout document.
    step = {"type": "stripe", "url": f"/checkout?order={answer['order']}", "client_secret": intent["client_secret"]}
    assert (status, answer["action"]) == (202, step)
    assert (await browser.get(order))["action"] == step
    assert intent["return_url"].endswith(f"/orders/{answer['order']}")
    # An event that is older than what Stripe knows changes nothing.
    assert await webhook(browser, *signed(about(intent, "payment_failed"))) == 204
    assert (await browser.get(order))["state"] == "action-required"
    intent["status"] = "succeeded"
    codes = await asyncio.gather(*(webhook(browser, *signed(about(intent, "succeeded"))) for _ in range(3)))
    assert set(codes) == {204}
    assert await webhook(browser, *signed(about(intent, "created"))) == 204
    assert (await browser.get(order))["state"] == "paid"
    assert await shop.left("tee-m") == TEES - 1
    assert len((await browser.get("/api/outbox", headers=HOST))["mails"]) == 1


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_direct_debit_is_processed_for_days_and_never_expires(
    browser: Browser, stripe: StripeServer, shop: Shop, clock: ManualClock, arrives: bool
) -> None:
    status, answer = await browser.checkout(paid_with("sepa"))
    assert (status, answer["state"]) == (202, "processing")
    order = f"/api/orders/{answer['order']}"
    for _ in range(3):
        clock.advance(86_400_000)
        await shop.desk.upkeep.perform()
        seen = await browser.get(order)
        assert (seen["state"], seen["expires_at"]) == ("processing", None)
    assert await shop.left("tee-m") == TEES - 1
    (intent,) = stripe.intents.values()
    if arrives:
        intent["status"] = "succeeded"
    else:
        intent |= {"status": "requires_payment_method", "last_payment_error": {"code": "insufficient_funds"}}
    await webhook(browser, *signed(about(intent, "any")))
    assert (await browser.get(order))["state"] == ("paid" if arrives else "cancelled")
    assert await shop.left("tee-m") == (TEES - 1 if arrives else TEES)
    mails = (await browser.get("/api/outbox", headers=HOST))["mails"]
    # The order's arrival is acknowledged at once; how it ended is told, too.
    assert len(mails) == 2
    assert [("not paid" in mail["subject"]) for mail in mails].count(True) == (0 if arrives else 1)


async def test_a_charge_after_the_attempt_was_given_up_becomes_the_order_or_goes_back(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    for sold_out in (False, True):
        _, answer = await browser.checkout(paid_with("3ds"))
        intent = list(stripe.intents.values())[-1]
        clock.advance(CONFIRM_MS + ASKING_MS)
        await shop.desk.upkeep.perform()
        assert intent["status"] == "canceled"
        if sold_out:
            free = await shop.left("tee-m")
            await browser.ask("POST", "/api/variants/tee-m/stock", {"by": -free}, headers=HOST)
        intent["status"] = "succeeded"
        assert await webhook(browser, *signed(about(intent, "succeeded"))) == 204
        state = (await browser.get(f"/api/orders/{answer['order']}"))["state"]
        assert state == ("cancelled" if sold_out else "paid")
    await shop.desk.upkeep.perform()
    (refund,) = stripe.refunds.values()
    assert (refund["payment_intent"], refund["amount"]) == (intent["id"], 2980)


async def test_a_webhook_that_stripe_did_not_sign_is_refused(browser: Browser, stripe: StripeServer) -> None:
    _, answer = await browser.checkout(paid_with("3ds"))
    (intent,) = stripe.intents.values()
    intent["status"] = "succeeded"
    payload, signature = signed(about(intent, "succeeded"))
    forged = [
        (payload, ""),
        (payload, "t=1,v1=00"),
        (payload + b" ", signature),
        signed(about(intent, "succeeded"), secret="whsec_other"),
        signed(about(intent, "succeeded"), at_s=int(time.time()) - 3600),
        (b"", signature),
        (b"\xff", signature),
    ]
    assert [await webhook(browser, *one) for one in forged] == [400] * len(forged)
    assert (await browser.get(f"/api/orders/{answer['order']}"))["state"] == "action-required"
    for harmless in ({"type": "charge.updated", "data": {"object": {}}}, about({"metadata": {}}, "succeeded")):
        assert await webhook(browser, *signed(harmless)) == 204
    assert await webhook(browser, *signed(about({"metadata": {"attempt": "att_unknown"}}, "succeeded"))) == 204
