"""A payment that succeeds after its order was given up and its pieces are gone: all of it goes back, once."""

from typing import Any
from urllib.parse import quote

import pytest

from app.backoff import pause_ms
from app.shop.attempt import CHECK_MS, CONFIRM_MS
from app.shop.verify import verify
from tests.app.payments.paying import about, paid_with, webhook
from tests.app.payments.stripe_server import StripeServer, signed
from tests.app.shopping import HOST, Browser, ManualClock, Shop, order_of


@pytest.fixture
async def late(shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock) -> dict[str, Any]:
    """The payment; its money is not on its way back yet."""
    wanted = {**order_of(("jacket-xl", 3)), "payment": paid_with("3ds")["payment"]}
    status, answer = await browser.checkout(wanted)
    assert status == 202, answer
    (intent,) = stripe.intents.values()
    clock.advance(CONFIRM_MS + CHECK_MS)
    await shop.desk.upkeep.perform()
    assert intent["status"] == "canceled"
    wanted = {**order_of(("jacket-xl", 1)), "payment": paid_with("ok")["payment"]}
    assert (await shop.browser().checkout(wanted))[0] == 201
    intent["status"] = "succeeded"
    return intent


async def tell(browser: Browser, event: dict[str, Any]) -> None:
    assert await webhook(browser, *signed(event)) == 204


async def late_rows(browser: Browser, text: str = "") -> list[dict[str, Any]]:
    found = await browser.get(f"/api/orders?state=late&q={quote(text)}", headers=HOST)
    assert found["next"] is None
    return list(found["orders"])


def paid_back(stripe: StripeServer) -> list[int]:
    return [refund["amount"] for refund in stripe.refunds.values() if refund["status"] == "succeeded"]


async def test_the_host_finds_it_by_whatever_its_customer_names(
    browser: Browser, stripe: StripeServer, late: dict[str, Any]
) -> None:
    assert await late_rows(browser) == []
    await tell(browser, about(late, "succeeded"))
    (row,) = await late_rows(browser)
    assert (row["order"], row["state"], row["steps"]) == (late["metadata"]["order"], "late", [])
    assert row["total"] == row["refunded"] == {"amount": late["amount"], "currency": "EUR"}
    for text in (row["order"], row["number"].lower(), row["email"].upper(), row["name"][2:5]):
        assert await late_rows(browser, text) == [row]
    assert await late_rows(browser, "somebody else") == []
    # It is no order, and nobody but the host reads of it.
    assert row["order"] not in [one["order"] for one in (await browser.get("/api/orders", headers=HOST))["orders"]]
    assert (await browser.ask("GET", "/api/orders?state=late"))[0] == 401
    await tell(browser, stripe.dispute(late, "needs_response"))
    assert [one["dispute"] for one in await late_rows(browser)] == ["open"]


@pytest.mark.parametrize("refusal", [(400, "insufficient_funds"), "failed"])
async def test_a_refused_refund_is_asked_for_anew_and_one_that_comes_back_is_paid_again(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock, late: dict[str, Any], refusal: Any
) -> None:
    # Stripe remembers a refusal under its key.
    stripe.refund_refusal = refusal
    for _ in range(2):
        await tell(browser, about(late, "succeeded"))
        await shop.desk.upkeep.perform()
    stripe.refund_refusal = None
    clock.advance(pause_ms(1))
    await shop.desk.upkeep.perform()
    assert paid_back(stripe) == [late["amount"]]
    # Days later the customer's bank sends it back.
    event = {"type": "refund.failed", "data": {"object": list(stripe.refunds.values())[-1]}}
    for _ in range(2):
        await tell(browser, event)
    clock.advance(pause_ms(2))
    await shop.desk.upkeep.perform()
    assert paid_back(stripe) == [late["amount"]] * 2
    assert (await verify(shop.ledger))[0] == []


@pytest.mark.parametrize("known", [False, True])
async def test_what_a_bank_took_of_it_is_not_asked_for_again_until_it_gives_that_back(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock, late: dict[str, Any], known: bool
) -> None:
    if known:
        await tell(browser, about(late, "succeeded"))
        await tell(browser, stripe.dispute(late, "needs_response", amount=1000))
        stripe.refund_refusal = (400, "charge_disputed")
        await shop.desk.upkeep.perform()
        stripe.refund_refusal = None
    await tell(browser, stripe.dispute(late, "lost", amount=1000))
    clock.advance(CHECK_MS)
    await shop.desk.upkeep.perform()
    assert paid_back(stripe) == [late["amount"] - 1000]
    for _ in range(2):
        await tell(browser, stripe.dispute(late, "won"))
        await shop.desk.upkeep.perform()
    assert paid_back(stripe) == [late["amount"] - 1000, 1000]
    assert (await verify(shop.ledger))[0] == []


async def test_what_a_bank_took_whole_is_not_paid_a_second_time(
    shop: Shop, browser: Browser, stripe: StripeServer, late: dict[str, Any]
) -> None:
    await tell(browser, about(late, "succeeded"))
    await tell(browser, stripe.dispute(late, "lost"))
    await shop.desk.upkeep.perform()
    assert stripe.refunds == {}
    seen = await browser.get(f"/api/orders/{late['metadata']['order']}")
    assert [(one["state"], one["amount"]["amount"]) for one in seen["refunds"]] == [("charged-back", late["amount"])]
    assert (await verify(shop.ledger))[0] == []
