"""Payments through Stripe, against a Stripe-shaped server that repeats, declines, delays and loses answers."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import stripe as stripe_sdk

from app.backoff import pause_ms
from app.config import Stripe
from app.payments.stripe import PAGE, RETRIES, SKEW_S
from app.shop.attempt import ASKING_MS, CONFIRM_MS
from app.shop.handlers import STRIPE_SCRIPT
from app.shop.order_handlers import ASK_AGAIN_MS
from tests.app.payments.stripe_server import WEBHOOK_SECRET, StripeServer, signed
from tests.app.shopping import HOST, TEES, Browser, ManualClock, Shop, key, open_shop, order_of


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


async def test_the_form_is_told_which_key_and_script_to_use(browser: Browser, stripe: StripeServer) -> None:
    told = await browser.get("/api/shop")
    assert told["payment_methods"] == ["sandbox", "stripe"]
    assert told["stripe"]["publishable_key"] == "pk_test_1"
    assert told["stripe"]["script"] == f"{stripe.url}{STRIPE_SCRIPT}"
    # The script fits the library's version of the interface.
    assert stripe_sdk.api_version.rpartition(".")[2] in STRIPE_SCRIPT


@pytest.mark.parametrize(
    ("key", "base", "origin"),
    [
        ("sk_test_1", "http://127.0.0.1:7/v", "http://127.0.0.1:7"),
        ("sk_test_1", None, "https://js.stripe.com"),
        ("sk_test_1", "https://stripe.example", "https://js.stripe.com"),
        ("sk_live_1", "http://127.0.0.1:7", "https://js.stripe.com"),
    ],
)
def test_only_a_stand_in_here_replaces_stripes_script(key: str, base: str | None, origin: str) -> None:
    assert Stripe(key, "pk", base, "whsec").script_origin == origin


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
    # A refused payment is closed: nobody can pay it later on.
    assert [intent["status"] for intent in stripe.intents.values()] == (["canceled"] if token == "declined" else [])


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


@pytest.mark.parametrize("wallet", ["paypal", "klarna", "alipay"])
async def test_a_wallet_has_a_page_of_its_own_that_comes_back_to_the_order(
    browser: Browser, stripe: StripeServer, clock: ManualClock, wallet: str
) -> None:
    status, answer = await browser.checkout(paid_with(wallet))
    (intent,) = stripe.intents.values()
    action = {"type": "redirect", "url": f"{stripe.url}/wallet/{intent['id']}"}
    assert (status, answer["state"], answer["action"]) == (202, "action-required", action)
    await stripe.confirm(intent)
    clock.advance(ASK_AGAIN_MS)
    # No webhook has come: who is back from the bank has the provider asked.
    order = f"/api/orders/{answer['order']}"
    assert (await browser.ask("POST", f"{order}/payment"))[0] == 204
    assert (await browser.get(order))["state"] == "paid"


async def test_wechat_shows_its_code_in_stripes_own_script(browser: Browser, stripe: StripeServer) -> None:
    answer = (await browser.checkout(paid_with("wechat")))[1]
    assert (answer["action"]["type"], answer["state"]) == ("stripe", "action-required")


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
    (refund,) = stripe.refunds.values()
    assert (refund["payment_intent"], refund["amount"]) == (intent["id"], 2980)


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


async def test_a_drops_share_is_counted_by_the_payers_card_whatever_the_mail_address(
    shop: Shop, stripe: StripeServer
) -> None:
    drop = await shop.drop(quantity=9, per_customer=1)

    async def buy(payer: str, email: str) -> tuple[int, Any]:
        browser = shop.browser()
        hold = await shop.hold(browser, drop)
        return await browser.checkout({**paid_with(payer), "lines": [], "holds": [hold], "email": email})

    assert (await buy("declined.card1", "ada@example.org"))[0] == 402
    assert (await buy("ok.card1", "ada@example.org"))[0] == 201
    assert (await buy("ok.card1", "grace@example.org"))[1]["type"] == "limit-reached"
    assert (await buy("ok.card2", "ada@example.org"))[1]["type"] == "limit-reached"
    assert (await buy("ok.card2", "grace@example.org"))[0] == 201


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
