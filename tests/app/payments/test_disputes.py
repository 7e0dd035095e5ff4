"""A bank takes a payment back after the order was paid: cards' disputes and direct debits' returns."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.config import Webhook
from app.disputes.following import CHECK_MS
from app.shop.verify import verify
from tests.app.payments.paying import about, account, paid_with, webhook
from tests.app.payments.stripe_server import StripeServer, signed
from tests.app.shopping import HOST, TEES, Browser, ManualClock, Shop, key, open_shop


async def paid(browser: Browser, stripe: StripeServer, **more: Any) -> tuple[str, dict[str, Any]]:
    """A paid order and its payment."""
    status, answer = await browser.checkout({**paid_with("ok"), **more})
    assert status == 201, answer
    return f"/api/orders/{answer['order']}", list(stripe.intents.values())[-1]


async def tell(browser: Browser, event: dict[str, Any]) -> None:
    assert await webhook(browser, *signed(event)) == 204


async def ship(browser: Browser, order: str, state: str = "packed", **more: Any) -> tuple[int, Any]:
    return await browser.ask("POST", f"{order}/state", {"state": state, **more}, headers=HOST)


async def host_sees(browser: Browser, order: str) -> tuple[str, list[str]]:
    seen = await browser.get(order, headers=HOST)
    return seen["state"], [dispute["state"] for dispute in seen["disputes"]]


async def test_a_disputed_order_is_seen_by_the_host_and_not_shipped_by_accident(
    browser: Browser, stripe: StripeServer
) -> None:
    order, intent = await paid(browser, stripe)
    await tell(browser, stripe.dispute(intent, "needs_response", reason="product_not_received"))
    (told,) = (await browser.get(order, headers=HOST))["disputes"]
    assert (told["state"], told["amount"]["amount"], told["reason"]) == ("open", 2980, "product_not_received")
    assert told["due_at"] is not None
    (row,) = (await browser.get("/api/orders", headers=HOST))["orders"]
    assert (row["state"], row["dispute"]) == ("paid", "open")
    # Its customer knows of it already, and need not read what the bank says.
    assert (await browser.get(order))["disputes"] == []
    for state in ("packed", "shipped", "ready-for-pickup"):
        assert (await ship(browser, order, state))[1]["type"] == "order-disputed"
    await tell(browser, stripe.dispute(intent, "won"))
    assert await host_sees(browser, order) == ("paid", ["won"])
    assert (await ship(browser, order))[0] == 200


async def test_a_host_may_ship_a_disputed_order_on_purpose(browser: Browser, stripe: StripeServer) -> None:
    order, intent = await paid(browser, stripe)
    await tell(browser, stripe.dispute(intent, "needs_response"))
    assert (await ship(browser, order, despite_dispute=True))[1]["state"] == "packed"


@pytest.mark.parametrize("shipped", [False, True])
async def test_a_lost_dispute_is_counted_like_a_refund_that_nobody_has_to_pay(
    shop: Shop, browser: Browser, stripe: StripeServer, shipped: bool
) -> None:
    order, intent = await paid(browser, stripe)
    if shipped:
        await ship(browser, order, "shipped")
    await tell(browser, stripe.dispute(intent, "needs_response"))
    await tell(browser, stripe.dispute(intent, "lost"))
    assert await host_sees(browser, order) == ("refunded", ["lost"])
    seen = await browser.get(order)
    assert [(one["state"], one["amount"]["amount"]) for one in seen["refunds"]] == [("charged-back", 2980)]
    # What had not left the house can be sold again.
    assert await shop.left("tee-m") == (TEES - 1 if shipped else TEES)
    assert stripe.refunds == {}
    assert (await browser.ask("POST", f"{order}/refund", {}, headers={**HOST, **key()}))[0] == 409
    assert (await verify(shop.ledger))[0] == []


async def test_news_of_a_dispute_may_come_twice_late_and_in_any_order(
    shop: Shop, browser: Browser, stripe: StripeServer
) -> None:
    order, intent = await paid(browser, stripe)
    opened = stripe.dispute(intent, "needs_response")
    lost = stripe.dispute(intent, "lost")
    # Its state is asked for, not believed.
    codes = await asyncio.gather(*(webhook(browser, *signed(event)) for event in (lost, opened, lost, opened)))
    assert set(codes) == {204}
    assert await host_sees(browser, order) == ("refunded", ["lost"])
    assert (await browser.get(order))["refunded"]["amount"] == 2980
    assert await shop.left("tee-m") == TEES
    # While the bank looks at it again it keeps the money.
    await tell(browser, stripe.dispute(intent, "under_review"))
    assert await host_sees(browser, order) == ("refunded", ["lost"])
    assert (await verify(shop.ledger))[0] == []


async def test_a_direct_debit_that_its_bank_takes_back_weeks_later_is_lost_at_once(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    _, answer = await browser.checkout(paid_with("sepa"))
    order, (intent,) = f"/api/orders/{answer['order']}", stripe.intents.values()
    intent["status"] = "succeeded"
    # The news that it was paid is still on its way when its bank has it back already.
    clock.advance(30 * 86_400_000)
    await tell(browser, stripe.dispute(intent, "lost", reason="insufficient_funds", evidence_details={"due_by": None}))
    assert await host_sees(browser, order) == ("refunded", ["lost"])
    await tell(browser, about(intent, "succeeded"))
    assert (await ship(browser, order))[0] == 409
    assert await host_sees(browser, order) == ("refunded", ["lost"])
    assert await shop.left("tee-m") == TEES
    assert (await verify(shop.ledger))[0] == []


async def test_a_part_that_is_lost_leaves_the_rest_of_the_order(
    shop: Shop, browser: Browser, stripe: StripeServer
) -> None:
    order, intent = await paid(browser, stripe)
    await tell(browser, stripe.dispute(intent, "lost", amount=1000))
    assert await host_sees(browser, order) == ("part-refunded", ["lost"])
    assert (await ship(browser, order))[1]["type"] == "order-disputed"
    assert (await browser.ask("POST", f"{order}/refund", {}, headers={**HOST, **key()}))[1]["state"] == "refunded"
    assert [refund["amount"] for refund in stripe.refunds.values()] == [1980]
    assert await shop.left("tee-m") == TEES
    assert (await verify(shop.ledger))[0] == []


async def test_a_refund_that_waits_is_paid_by_the_bank_that_took_the_money(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    order, intent = await paid(browser, stripe)
    await tell(browser, stripe.dispute(intent, "needs_response"))
    stripe.refund_refusal = (400, "charge_disputed")
    await browser.ask("POST", f"{order}/cancel", headers={**HOST, **key()})
    assert [one["state"] for one in (await browser.get(order))["refunds"]] == ["asked"]
    await tell(browser, stripe.dispute(intent, "lost"))
    stripe.refund_refusal = None
    clock.advance(CHECK_MS)
    await shop.desk.upkeep.perform()
    seen = await browser.get(order, headers=HOST)
    assert (seen["state"], [one["state"] for one in seen["refunds"]]) == ("cancelled", ["charged-back"])
    assert stripe.refunds == {}
    assert (await verify(shop.ledger))[0] == []
    # The bank gives it back after all: it is still the customer's.
    for _ in range(2):
        await tell(browser, stripe.dispute(intent, "won"))
        await shop.desk.upkeep.perform()
    assert [refund["amount"] for refund in stripe.refunds.values()] == [2980]
    assert [one["state"] for one in (await browser.get(order))["refunds"]] == ["done"]
    assert (await verify(shop.ledger))[0] == []


@pytest.mark.parametrize("answer", [(400, "charge_disputed"), (500, "api_error")])
async def test_a_refund_of_more_than_the_bank_took_is_paid_for_its_rest(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock, answer: tuple[int, str]
) -> None:
    order, intent = await paid(browser, stripe)
    await tell(browser, stripe.dispute(intent, "needs_response", amount=1000))
    # Stripe remembers every answer, also one that tells nothing, and the amount that it was about.
    stripe.refund_refusal = answer
    await browser.ask("POST", f"{order}/refund", {}, headers={**HOST, **key()})
    stripe.refund_refusal = None
    await tell(browser, stripe.dispute(intent, "lost"))
    assert (await verify(shop.ledger))[0] == []
    for _ in range(2):
        await shop.desk.upkeep.perform()
        clock.advance(CHECK_MS)
    assert [refund["amount"] for refund in stripe.refunds.values()] == [1980]
    seen = await browser.get(order)
    assert (seen["state"], seen["refunded"]["amount"]) == ("refunded", 2980)
    assert {one["state"]: one["amount"]["amount"] for one in seen["refunds"]} == {"done": 1980, "charged-back": 1000}
    # What the bank gives back after all is the customer's, too.
    await tell(browser, stripe.dispute(intent, "won"))
    await shop.desk.upkeep.perform()
    assert [refund["amount"] for refund in stripe.refunds.values()] == [1980, 1000]
    assert [one["state"] for one in (await browser.get(order))["refunds"]] == ["done", "done"]
    assert (await verify(shop.ledger))[0] == []


async def test_what_the_bank_gives_back_after_all_is_the_shops_again_and_the_order_where_it_was(
    shop: Shop, browser: Browser, stripe: StripeServer
) -> None:
    order, intent = await paid(browser, stripe)
    await ship(browser, order, "shipped")
    for _ in range(2):
        await tell(browser, stripe.dispute(intent, "lost"))
        assert await host_sees(browser, order) == ("refunded", ["lost"])
        await tell(browser, stripe.dispute(intent, "won"))
        assert await host_sees(browser, order) == ("shipped", ["won"])
    seen = await browser.get(order)
    assert (seen["refunded"]["amount"], seen["refunds"], seen["lines"][0]["refunded"]) == (0, [], 0)
    await shop.desk.upkeep.perform()
    assert stripe.refunds == {}
    assert await shop.left("tee-m") == TEES - 1
    assert (await verify(shop.ledger))[0] == []


async def test_what_the_bank_gives_back_of_pieces_that_are_on_sale_again_is_the_customers(
    shop: Shop, browser: Browser, stripe: StripeServer
) -> None:
    order, intent = await paid(browser, stripe)
    await tell(browser, stripe.dispute(intent, "lost"))
    await tell(browser, stripe.dispute(intent, "won"))
    await shop.desk.upkeep.perform()
    assert await host_sees(browser, order) == ("refunded", ["won"])
    assert [refund["amount"] for refund in stripe.refunds.values()] == [2980]
    assert [one["state"] for one in (await browser.get(order))["refunds"]] == ["done"]
    assert await shop.left("tee-m") == TEES
    assert (await verify(shop.ledger))[0] == []


async def test_a_part_that_the_bank_gives_back_leaves_what_happened_meanwhile(
    shop: Shop, browser: Browser, stripe: StripeServer
) -> None:
    for cancelled, end in ((False, "paid"), (True, "cancelled")):
        order, intent = await paid(browser, stripe)
        await tell(browser, stripe.dispute(intent, "lost", amount=1000))
        if cancelled:
            await ship(browser, order, despite_dispute=True)
            await browser.ask("POST", f"{order}/cancel", headers={**HOST, **key()})
        await tell(browser, stripe.dispute(intent, "won", amount=1000))
        await shop.desk.upkeep.perform()
        assert await host_sees(browser, order) == (end, ["won"])
        assert (await verify(shop.ledger))[0] == []
    # All of the one that was called off.
    assert sum(refund["amount"] for refund in stripe.refunds.values()) == 2980


async def test_an_open_dispute_is_asked_about_when_nobody_tells(
    shop: Shop, browser: Browser, stripe: StripeServer, clock: ManualClock
) -> None:
    order, intent = await paid(browser, stripe)
    await tell(browser, stripe.dispute(intent, "warning_needs_response"))
    stripe.dispute(intent, "warning_closed")
    assert await shop.desk.disputes.perform() == 0
    clock.advance(CHECK_MS)
    stripe.broken = True
    assert await shop.desk.disputes.perform() == 1
    clock.advance(CHECK_MS)
    stripe.broken = False
    assert await shop.desk.disputes.perform() == 1
    assert await host_sees(browser, order) == ("paid", ["won"])
    clock.advance(CHECK_MS)
    assert await shop.desk.disputes.perform() == 0


async def test_the_merchants_systems_hear_of_it_once(
    emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock, stripe: StripeServer
) -> None:
    async with stripe.serve() as url:
        settings: dict[str, Any] = {
            "stripe": account(url),
            "webhook": Webhook("http://127.0.0.1:9/none", b"a key of twenty-four byte"),
        }
        async with open_shop(emptied_url, redis_url, tmp_path / "data", clock, **settings) as shop:
            browser = shop.browser()
            for ends in (["needs_response", "under_review", "lost"], ["needs_response", "won"], ["lost"]):
                _, intent = await paid(browser, stripe)
                for status in ends:
                    for _ in range(2):
                        await tell(browser, stripe.dispute(intent, status))
            heard = (await browser.get("/api/webhooks?limit=200", headers=HOST))["webhooks"]
            assert Counter(message["type"] for message in heard) == {
                "order.paid": 3, "order.disputed": 2, "order.dispute-lost": 2, "order.dispute-won": 1,
            }  # fmt: skip
            await shop.desk.close()


async def test_a_dispute_while_stripe_is_away_is_told_again(browser: Browser, stripe: StripeServer) -> None:
    order, intent = await paid(browser, stripe)
    event = stripe.dispute(intent, "lost")
    stripe.broken = True
    # Stripe repeats what was not answered with 2xx.
    assert await webhook(browser, *signed(event)) == 503
    stripe.broken = False
    await tell(browser, event)
    assert await host_sees(browser, order) == ("refunded", ["lost"])


async def test_disputes_of_other_systems_and_unknown_ones_are_nothing_to_us(
    browser: Browser, stripe: StripeServer
) -> None:
    stripe.others("other", 1, 0)
    stripe.intents["pi_other0"]["amount"] = 100
    await tell(browser, stripe.dispute(stripe.intents["pi_other0"], "lost"))
    await tell(browser, {"type": "charge.dispute.created", "data": {"object": {"id": "dp_unknown"}}})
    _, answer = await browser.checkout(paid_with("declined"))
    assert answer["type"] == "payment-declined"
    declined = next(intent for intent in stripe.intents.values() if intent["id"] != "pi_other0")
    await tell(browser, stripe.dispute(declined, "lost"))
    assert (await browser.get("/api/orders", headers=HOST))["orders"] == []
