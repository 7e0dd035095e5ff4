"""Buying what a drop's hold keeps: whole, in time, once, and no more than one customer's share."""

import asyncio
from collections.abc import Iterable

import pytest

from app.drops import keeping
from app.drops import queries as drops
from app.drops.keeping import Held
from app.drops.rules import HOLD_MAX_MS, HOLD_MS, Drop
from app.ledger.statement import Work
from tests.app.shopping import ManualClock, Shop, order_of


async def counts(shop: Shop, drop: Drop) -> dict[str, int]:
    async with shop.ledger.read() as conn:
        found = await drops.find(conn, drop.id)
    assert found is not None
    return {"held": found.held, "reserved": found.reserved, "sold": found.sold, "left": found.left}


async def test_a_hold_is_bought_at_the_drops_counters_and_not_from_the_shelf(shop: Shop) -> None:
    browser, drop = shop.browser(), await shop.drop(quantity=3)
    shelf = await shop.left("jacket-m")
    hold = await shop.hold(browser, drop)
    me = await browser.get("/api/me")
    assert [(one["hold"], one["state"], one["variant"]) for one in me["holds"]] == [(hold, "held", "jacket-m")]
    _, quote = await browser.ask("POST", "/api/checkout/quote", {"holds": [hold]})
    assert (quote["ready"], quote["total"]["amount"], quote["expires_at"]) == (
        True,
        18900,
        me["holds"][0]["expires_at"],
    )
    status, answer = await browser.checkout(order_of(holds=[hold]))
    assert status == 201
    order = await browser.get(f"/api/orders/{answer['order']}")
    assert [(line["variant"], line["quantity"]) for line in order["lines"]] == [("jacket-m", 1)]
    assert await counts(shop, drop) == {"held": 0, "reserved": 0, "sold": 1, "left": 2}
    assert await shop.left("jacket-m") == shelf
    assert (await browser.get("/api/me"))["holds"] == []


async def test_a_declined_payment_leaves_the_hold_to_its_owner(shop: Shop) -> None:
    browser, drop = shop.browser(), await shop.drop()
    hold = await shop.hold(browser, drop)
    status, _ = await browser.checkout(order_of(holds=[hold], behaviour="decline"))
    assert status == 402
    assert (await counts(shop, drop))["held"] == 1
    assert (await browser.checkout(order_of(holds=[hold])))[0] == 201


async def test_a_payment_that_is_declined_late_leaves_the_unit_to_the_next_one_at_once(
    shop: Shop, clock: ManualClock
) -> None:
    browser, drop = shop.browser(), await shop.drop(quantity=1)
    hold = await shop.hold(browser, drop)
    _, answer = await browser.checkout(order_of(holds=[hold], behaviour="challenge"))
    clock.advance(HOLD_MAX_MS)
    page = answer["action"]["url"].removeprefix("/")
    assert (await browser.ask("POST", f"/api/{page}", {"decision": "deny"}))[1]["state"] == "declined"
    assert await counts(shop, drop) == {"held": 0, "reserved": 0, "sold": 0, "left": 1}
    await shop.hold(shop.browser(), drop)


async def test_a_hold_that_is_being_paid_does_not_expire(shop: Shop, clock: ManualClock) -> None:
    browser, drop = shop.browser(), await shop.drop()
    hold = await shop.hold(browser, drop)
    _, answer = await browser.checkout(order_of(holds=[hold], behaviour="challenge"))
    clock.advance(HOLD_MS + 1000)
    async with shop.ledger.write() as conn:
        assert await drops.expire(conn, clock()) == []
    assert (await browser.get("/api/me"))["holds"][0]["state"] == "reserved"
    await browser.ask("POST", "/api" + answer["action"]["url"], {"decision": "confirm"})
    assert (await counts(shop, drop))["sold"] == 1


async def test_holds_that_are_over_foreign_or_unknown_are_named(shop: Shop, clock: ManualClock) -> None:
    browser, other, drop = shop.browser(), shop.browser(), await shop.drop()
    mine, foreign = await shop.hold(browser, drop), await shop.hold(other, drop)
    for hold in (foreign, "hld_unknown"):
        status, answer = await browser.checkout(order_of(holds=[hold]))
        assert (status, answer["type"], answer["holds"]) == (410, "hold-expired", [hold])
    clock.advance(HOLD_MS + 1)
    status, answer = await browser.checkout(order_of(holds=[mine]))
    assert (status, answer["holds"]) == (410, [mine])
    assert (await counts(shop, drop))["sold"] == 0


async def test_a_hold_that_was_just_kept_is_not_looked_up_to_be_paid(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, drop = shop.browser(), await shop.drop()
    hold = await shop.hold(browser, drop)
    looked_up: list[str] = []
    look = keeping.look_at_held

    def noted(ids: Iterable[str]) -> Work[dict[str, Held]]:
        looked_up.extend(ids := list(ids))
        return look(ids)

    monkeypatch.setattr(keeping, "look_at_held", noted)
    assert (await browser.checkout(order_of(holds=[hold], behaviour="decline")))[0] == 402
    assert looked_up == []
    assert (await browser.checkout(order_of(holds=[hold])))[0] == 201
    assert looked_up == [hold]


async def test_a_hold_that_has_changed_since_it_was_kept_is_sold_as_the_ledger_says(
    shop: Shop, clock: ManualClock
) -> None:
    browser, drop = shop.browser(), await shop.drop(per_customer=4)
    gone, expired = await shop.hold(browser, drop), await shop.hold(browser, drop)
    longer, another = await shop.hold(browser, drop), await shop.hold(browser, drop)
    # By other processes.
    async with shop.ledger.write() as conn:
        await drops.release(conn, [gone])
        await drops.reserve(conn, [longer], None, clock())
        clock.advance(HOLD_MS - 1)
        (more,) = await drops.hold_again(conn, [longer], clock())
    for hold in (gone, another):
        expected = (410, [gone]) if hold == gone else (201, None)
        status, answer = await browser.checkout(order_of(holds=[hold]))
        assert (status, answer.get("holds")) == expected
    clock.advance(2)
    async with shop.ledger.write() as conn:
        assert [hold.id for hold in await drops.expire(conn, clock())] == [expired]
    status, answer = await browser.checkout(order_of(holds=[expired]))
    assert (status, answer["holds"]) == (410, [expired])
    assert more.expires_ms > clock()
    assert (await browser.checkout(order_of(holds=[longer])))[0] == 201
    assert await counts(shop, drop) == {"held": 0, "reserved": 0, "sold": 2, "left": 3}


async def test_a_hold_named_twice_is_bought_once(shop: Shop) -> None:
    browser, drop = shop.browser(), await shop.drop()
    hold = await shop.hold(browser, drop)
    status, answer = await browser.checkout(order_of(holds=[hold, hold]))
    assert (status, answer["total"]["amount"]) == (201, 18900)


async def test_one_hold_in_two_checkouts_at_once_is_sold_once(shop: Shop) -> None:
    browser, drop = shop.browser(), await shop.drop()
    hold = await shop.hold(browser, drop)
    answers = await asyncio.gather(*(browser.checkout(order_of(holds=[hold])) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [201, 410, 410, 410]
    assert await counts(shop, drop) == {"held": 0, "reserved": 0, "sold": 1, "left": 4}


async def test_one_address_has_one_share_however_many_browsers_it_uses(shop: Shop) -> None:
    drop = await shop.drop(per_customer=1)
    first, second, third = shop.browser(), shop.browser(), shop.browser()
    holds = [await shop.hold(browser, drop) for browser in (first, second, third)]
    assert (await first.checkout(order_of(holds=[holds[0]])))[0] == 201
    status, answer = await second.checkout(order_of(holds=[holds[1]], email="ADA+again@example.org"))
    assert (status, answer["type"]) == (409, "limit-reached")
    assert (await third.checkout(order_of(holds=[holds[2]], email="grace@example.org")))[0] == 201
    # Refused, not lost: the hold is still its owner's.
    assert await counts(shop, drop) == {"held": 1, "reserved": 0, "sold": 2, "left": 2}


async def test_a_declined_payment_gives_the_share_back(shop: Shop) -> None:
    browser, drop = shop.browser(), await shop.drop(per_customer=1)
    hold = await shop.hold(browser, drop)
    for _ in range(3):
        assert (await browser.checkout(order_of(holds=[hold], behaviour="decline")))[0] == 402
    assert (await browser.checkout(order_of(holds=[hold])))[0] == 201


async def test_twins_of_one_address_share_one_share_at_the_same_instant(shop: Shop) -> None:
    drop = await shop.drop(per_customer=1)
    browsers = [shop.browser() for _ in range(4)]
    holds = [await shop.hold(browser, drop) for browser in browsers]
    answers = await asyncio.gather(
        *(browser.checkout(order_of(holds=[hold])) for browser, hold in zip(browsers, holds, strict=True))
    )
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
