"""Payments through Stripe, against a Stripe-shaped server that repeats, declines, delays and loses answers."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.config import Stripe
from app.payments.stripe import RETRIES
from app.shop.attempt import ASKING_MS, CONFIRM_MS
from tests.app.payments.stripe_server import WEBHOOK_SECRET, StripeServer, signed
from tests.app.shopping import HOST, TEES, Browser, ManualClock, Shop, key, open_shop, order_of

OTHER = {"object": "payment_intent", "status": "succeeded", "metadata": {"invoice": "7"}}


@pytest.fixture
def stripe() -> StripeServer:
    return StripeServer()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def shop(
    migrated_file: Path, redis_url: str, tmp_path: Path, clock: ManualClock, stripe: StripeServer
) -> AsyncIterator[Shop]:
    path = shutil.copy(migrated_file, tmp_path / "ledger.db")
    async with stripe.serve() as url:
        account = Stripe("sk_test_1", "pk_test_1", url, WEBHOOK_SECRET)
        async with open_shop(f"sqlite:///{path}", redis_url, tmp_path / "data", clock, stripe=account) as opened:
            yield opened
            await opened.desk.close()


@pytest.fixture
async def browser(shop: Shop) -> Browser:
    return shop.browser()


def paid_with(token: str) -> dict[str, Any]:
    return {**order_of(("tee-m", 1)), "payment": {"method": "stripe", "token": f"ctoken_{token}"}}


async def webhook(browser: Browser, payload: bytes, signature: str) -> int:
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    path = "/api/payments/stripe/webhook"
    return (await browser.ask("POST", path, headers=headers, data=payload))[0]


def about(intent: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"type": f"payment_intent.{kind}", "data": {"object": intent}}


async def test_the_form_is_told_which_key_to_use(browser: Browser) -> None:
    told = await browser.get("/api/shop")
    assert told["payment_methods"] == ["sandbox", "stripe"]
    assert told["stripe"] == {"publishable_key": "pk_test_1"}


async def test_a_charge_is_made_once_and_becomes_an_order(shop: Shop, browser: Browser, stripe: StripeServer) -> None:
    headers, body = key(), paid_with("ok")
    first = await browser.checkout(body, headers=headers)
    assert first[0] == 201
    assert await browser.checkout(body, headers=headers) == first
    (intent,) = stripe.intents.values()
    assert (intent["amount"], intent["currency"]) == (2980, "eur")
    assert intent["metadata"]["order"] == first[1]["order"]


@pytest.mark.parametrize("token", ["declined", "made-up"])
async def test_a_refused_card_gives_the_units_back(
    shop: Shop, browser: Browser, stripe: StripeServer, token: str
) -> None:
    status, answer = await browser.checkout(paid_with(token))
    assert (status, answer["type"]) == (402, "payment-declined")
    assert await shop.left("tee-m") == TEES
    assert stripe.intents == {}


async def test_a_bank_confirms_by_webhook_however_often_and_in_any_order(
    shop: Shop, browser: Browser, stripe: StripeServer
) -> None:
    status, answer = await browser.checkout(paid_with("3ds"))
    assert (status, answer["action"]["url"]) == (202, "https://bank.example/confirm")
    (intent,) = stripe.intents.values()
    order = f"/api/orders/{answer['order']}"
    assert intent["next_action"]["redirect_to_url"]["return_url"].endswith(f"/orders/{answer['order']}")
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


async def test_a_slow_method_stays_pending_until_it_is_decided(
    browser: Browser, stripe: StripeServer, shop: Shop
) -> None:
    _, answer = await browser.checkout(paid_with("sepa"))
    assert answer["state"] == "pending"
    (intent,) = stripe.intents.values()
    intent |= {"status": "requires_payment_method", "last_payment_error": {"code": "insufficient_funds"}}
    await webhook(browser, *signed(about(intent, "payment_failed")))
    assert (await browser.get(f"/api/orders/{answer['order']}"))["state"] == "cancelled"
    assert await shop.left("tee-m") == TEES


async def test_an_answer_that_is_lost_after_the_charge_is_found_again(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    # Payments that another system made on the same account.
    stripe.intents = {f"pi_other{number}": {**OTHER, "id": f"pi_other{number}"} for number in range(3)}
    status, answer = await browser.checkout(paid_with("lost"))
    assert (status, answer["type"]) == (503, "payment-unavailable")
    clock.advance(ASKING_MS + 1)
    await shop.desk.upkeep.perform()
    assert [order["state"] for order in (await browser.get("/api/me"))["orders"]] == ["paid"]
    assert len(stripe.intents) == 3 + 1
    assert stripe.calls.count("lost") == 1 + RETRIES


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
