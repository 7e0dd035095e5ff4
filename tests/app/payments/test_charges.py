"""Charges through Stripe: made once, with cards and wallets, by payers whom it knows again."""

from typing import Any

import pytest
import stripe as stripe_sdk

from app.config import Stripe
from app.shop.handlers import STRIPE_SCRIPT
from app.shop.order_handlers import ASK_AGAIN_MS
from tests.app.payments.paying import paid_with
from tests.app.payments.stripe_server import StripeServer
from tests.app.shopping import TEES, Browser, ManualClock, Shop, key


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


@pytest.mark.parametrize("token", [None, "..", "ctoken_ok/../x"])
async def test_what_is_no_token_reaches_no_address_of_the_provider_and_the_piece_stays_held(
    shop: Shop, browser: Browser, stripe: StripeServer, token: str | None
) -> None:
    drop = await shop.drop()
    held = await shop.hold(browser, drop)
    body = {**paid_with("ok"), "lines": [], "holds": [held]}
    status, answer = await browser.checkout({**body, "payment": {"method": "stripe", "token": token}})
    assert (status, answer["type"], stripe.calls) == (422, "unprocessable", [])
    assert (await browser.checkout(body))[0] == 201


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
