"""Answers of Stripe that are late, lost or never come: nothing is charged twice, no unit is stuck."""

import pytest

from app.payments.stripe import PAGE, RETRIES, SKEW_S
from app.shop.attempt import ASKING_MS, CONFIRM_MS
from tests.app.payments.paying import paid_with
from tests.app.payments.stripe_server import StripeServer
from tests.app.shopping import TEES, Browser, ManualClock, Shop, key


async def test_an_answer_that_is_delayed_beyond_patience_is_found_by_its_key(
    shop: Shop, browser: Browser, stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.shop.checkout.PROVIDER_TIMEOUT_S", 0.3)
    headers, body = key(), paid_with("delayed")
    assert (await browser.checkout(body, headers=headers))[1]["type"] == "payment-unavailable"
    stripe.answer_now.set()
    assert (await browser.checkout(body, headers=headers))[0] == 201
    assert len(stripe.intents) == 1


async def test_a_payment_that_nobody_has_heard_of_keeps_its_units_until_its_time_is_over(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    stripe.broken = True
    headers, body = key(), paid_with("ok")
    assert (await browser.checkout(body, headers=headers))[0] == 503
    stripe.broken = False
    clock.advance(ASKING_MS + 1)
    await shop.desk.upkeep.perform()
    # The request may still be on its way to Stripe.
    assert await shop.left("tee-m") == TEES - 1
    clock.advance(CONFIRM_MS)
    await shop.desk.upkeep.perform()
    assert await shop.left("tee-m") == TEES
    assert stripe.intents == {}


async def test_an_answer_that_is_lost_after_the_charge_is_found_again(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    # Payments that another system made on the same account: many long ago, and many while nobody knew about ours.
    now_s = clock() // 1000
    stripe.clock_s = lambda: now_s
    stripe.others("old", 5 * PAGE, now_s - 2 * SKEW_S)
    status, answer = await browser.checkout(paid_with("lost"))
    assert (status, answer["type"]) == (503, "payment-unavailable")
    stripe.others("new", 2 * PAGE, now_s)
    clock.advance(ASKING_MS + 1)
    await shop.desk.upkeep.perform()
    assert [order["state"] for order in (await browser.get("/api/me"))["orders"]] == ["paid"]
    assert len(stripe.intents) == 5 * PAGE + 1 + 2 * PAGE
    assert stripe.calls.count("lost") == 1 + RETRIES
    assert stripe.calls.count("GET /v1/payment_intents") == 3


async def test_a_payment_that_is_not_there_is_looked_for_no_further_back_than_its_attempt(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    now_s = clock() // 1000
    stripe.others("old", 5 * PAGE, now_s - 2 * SKEW_S)
    stripe.broken = True
    assert (await browser.checkout(paid_with("ok")))[0] == 503
    stripe.broken, stripe.calls = False, []
    clock.advance(CONFIRM_MS + 1)
    await shop.desk.upkeep.perform()
    assert stripe.calls == ["GET /v1/payment_intents"]
    assert await shop.left("tee-m") == TEES


async def test_stripe_being_broken_loses_nothing(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    stripe.broken = True
    headers, body = key(), paid_with("ok")
    assert (await browser.checkout(body, headers=headers))[0] == 503
    assert await shop.left("tee-m") == TEES - 1
    stripe.broken = False
    assert (await browser.checkout(body, headers=headers))[0] == 201
    assert len(stripe.intents) == 1


async def test_an_unanswered_bank_page_is_cancelled_at_stripe_first(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    _, answer = await browser.checkout(paid_with("3ds"))
    clock.advance(CONFIRM_MS + ASKING_MS)
    stripe.broken = True
    await shop.desk.upkeep.perform()
    assert await shop.left("tee-m") == TEES - 1
    stripe.broken = False
    clock.advance(ASKING_MS)
    await shop.desk.upkeep.perform()
    assert [intent["status"] for intent in stripe.intents.values()] == ["canceled"]
    assert (await browser.get(f"/api/orders/{answer['order']}"))["reason"] == "expired"
    assert await shop.left("tee-m") == TEES
