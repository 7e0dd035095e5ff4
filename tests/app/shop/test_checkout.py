"""Placing an order: what is answered, what is reserved, sold and given back."""

import asyncio
from typing import Any

import pytest

from app.shop.attempt import CONFIRM_MS
from tests.app.shopping import ADDRESS, TEES, Browser, ManualClock, Shop, key, order_of


async def test_an_approved_payment_becomes_an_order_with_its_total_shipping_and_vat(
    shop: Shop, browser: Browser
) -> None:
    status, answer = await browser.checkout(order_of(("tee-m", 2), ("hat-s", 1)))
    assert status == 201
    assert answer["state"] == "paid"
    assert answer["total"] == {"amount": 2 * 2490 + 3990, "currency": "EUR"}
    order = await browser.get(f"/api/orders/{answer['order']}")
    assert order["shipping"]["amount"] == 0  # above the threshold
    assert order["vat"] == [
        {
            "percent": 19,
            "net": {"amount": 7538, "currency": "EUR"},
            "vat": {"amount": 1432, "currency": "EUR"},
            "gross": {"amount": 8970, "currency": "EUR"},
        }
    ]
    assert [(line["variant"], line["quantity"]) for line in order["lines"]] == [("tee-m", 2), ("hat-s", 1)]
    assert await shop.left("tee-m") == TEES - 2


async def test_a_quote_says_what_the_order_will_cost_and_reserves_nothing(shop: Shop, browser: Browser) -> None:
    body = {"lines": [{"variant": "tee-m", "quantity": 1}], "country": "AT"}
    status, quote = await browser.ask("POST", "/api/checkout/quote", body)
    assert (status, quote["ready"]) == (200, True)
    assert (quote["subtotal"]["amount"], quote["shipping"]["amount"], quote["total"]["amount"]) == (2490, 690, 3180)
    assert quote["lines"][0]["left"] == TEES
    _, answer = await browser.checkout(order_of(("tee-m", 1), address={**ADDRESS, "country": "AT"}))
    assert answer["total"] == quote["total"]


async def test_a_quote_names_what_cannot_be_ordered(browser: Browser) -> None:
    body = {
        "lines": [
            {"variant": "qipao-xs", "quantity": 1},
            {"variant": "no-such", "quantity": 1},
            {"variant": "tee-m", "quantity": 1},
        ],
        "holds": ["hld_unknown"],
    }
    _, quote = await browser.ask("POST", "/api/checkout/quote", body)
    assert [line["problem"] for line in quote["lines"]] == ["hold-expired", "sold-out", "unknown", None]
    assert (quote["ready"], quote["subtotal"]["amount"]) == (False, 2490)


async def test_an_export_is_free_of_vat(browser: Browser) -> None:
    body = {"lines": [{"variant": "coat-m", "quantity": 1}], "country": "CN"}
    _, quote = await browser.ask("POST", "/api/checkout/quote", body)
    assert quote["export"] is True
    assert quote["vat"][0]["percent"] == 0
    assert quote["vat"][0]["vat"]["amount"] == 0


async def test_a_declined_payment_gives_everything_back(shop: Shop, browser: Browser) -> None:
    status, answer = await browser.checkout(order_of(("tee-m", 2), behaviour="decline"))
    assert (status, answer["type"]) == (402, "payment-declined")
    assert await shop.left("tee-m") == TEES
    assert (await browser.get("/api/me"))["orders"] == []


async def test_more_than_is_left_is_refused_and_nothing_is_kept(shop: Shop, browser: Browser) -> None:
    status, answer = await browser.checkout(order_of(("tee-m", 1), ("jacket-xl", 4)))
    assert (status, answer["type"]) == (409, "sold-out")
    assert answer["lines"] == [{"variant": "jacket-xl", "left": 3}]
    assert await shop.left("tee-m") == TEES


async def test_the_last_unit_goes_to_one_of_many_who_ask_at_once(shop: Shop) -> None:
    await shop.browser().buy(("jacket-xl", 2))
    answers = await asyncio.gather(*(shop.browser().checkout(order_of(("jacket-xl", 1))) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [201] + [409] * 7
    assert await shop.left("jacket-xl") == 0


async def test_orders_that_lock_the_same_sizes_in_any_order_all_succeed(shop: Shop) -> None:
    there, back = order_of(("tee-m", 1), ("coat-m", 1)), order_of(("coat-m", 1), ("tee-m", 1))
    bodies = [there, back] * 6
    answers = await asyncio.gather(*(shop.browser().checkout(body) for body in bodies))
    assert {status for status, _ in answers} == {201}


async def test_a_bank_that_asks_is_answered_on_its_page(shop: Shop, browser: Browser) -> None:
    status, answer = await browser.checkout(order_of(("tee-m", 1), behaviour="challenge"))
    assert (status, answer["state"]) == (202, "action-required")
    page = answer["action"]["url"]
    assert (await browser.get(f"/api/orders/{answer['order']}"))["action"]["url"] == page
    assert await shop.left("tee-m") == TEES - 1
    assert "29.80" in await browser.get(page)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _ = await browser.ask("POST", page, headers=form, data=b"decision=confirm")
    assert status == 303
    assert (await browser.get(f"/api/orders/{answer['order']}"))["state"] == "paid"
    # The page leads back to the order when there is nothing left to decide.
    status, _ = await browser.ask("GET", page)
    assert status == 303


async def test_a_denied_payment_cancels_the_order(shop: Shop, browser: Browser) -> None:
    _, answer = await browser.checkout(order_of(("tee-m", 1), behaviour="challenge"))
    status, _ = await browser.ask("POST", "/api" + answer["action"]["url"], {"decision": "deny"})
    assert status == 200
    order = await browser.get(f"/api/orders/{answer['order']}")
    assert (order["state"], order["reason"], order["action"]) == ("cancelled", "declined", None)
    assert await shop.left("tee-m") == TEES


async def test_a_bank_page_that_nobody_answers_ends_at_its_deadline(
    shop: Shop, browser: Browser, clock: ManualClock
) -> None:
    _, answer = await browser.checkout(order_of(("tee-m", 1), behaviour="challenge"))
    clock.advance(CONFIRM_MS - 1)
    await shop.desk.upkeep.perform()
    assert (await browser.get(f"/api/orders/{answer['order']}"))["state"] == "action-required"
    clock.advance(CONFIRM_MS)
    await shop.desk.upkeep.perform()
    order = await browser.get(f"/api/orders/{answer['order']}")
    assert (order["state"], order["reason"]) == ("cancelled", "expired")
    assert await shop.left("tee-m") == TEES


async def test_somebody_elses_bank_page_does_not_exist(shop: Shop, browser: Browser) -> None:
    _, answer = await browser.checkout(order_of(("tee-m", 1), behaviour="challenge"))
    page = answer["action"]["url"]
    assert (await shop.browser().ask("GET", page))[0] == 404
    assert (await shop.browser().ask("POST", "/api" + page, {"decision": "confirm"}))[0] == 404
    assert (await browser.ask("GET", "/payments/sandbox/att_unknown"))[0] == 404


async def test_the_bank_page_leads_nowhere_else(browser: Browser) -> None:
    _, answer = await browser.checkout(order_of(("tee-m", 1), behaviour="challenge"))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for target in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""):
        async with browser.client.post(
            answer["action"]["url"],
            params={"return": target}, headers=form, data=b"decision=deny", allow_redirects=False,
        ) as response:  # fmt: skip
            assert response.headers["Location"] == f"/orders/{answer['order']}"


async def test_the_shopper_is_remembered_for_the_next_order(browser: Browser) -> None:
    assert (await browser.get("/api/me"))["email"] is None
    order = await browser.buy(("tee-m", 1), language="de")
    me = await browser.get("/api/me")
    assert me["email"] == "ada@example.org"
    assert me["address"]["city"] == "Berlin"
    assert [one["order"] for one in me["orders"]] == [order]
    assert me["language"] == "de"


WRONG_MEMBERS: list[tuple[dict[str, Any], str]] = [
    ({"email": "nobody"}, "e-mail"),
    ({"email": "a@b"}, "e-mail"),
    ({"email": "a b@example.org"}, "e-mail"),
    ({"email": 7}, "email"),
    ({"address": {**ADDRESS, "country": "XX"}}, "XX"),
    ({"address": {**ADDRESS, "name": "   "}}, "name"),
    ({"address": {**ADDRESS, "city": "Ber\u0000lin"}}, "U+0000"),
    ({"address": {**ADDRESS, "postal_code": ""}}, "postal_code"),
    ({"address": {**ADDRESS, "planet": "Earth"}}, "planet"),
    ({"lines": []}, "nothing to order"),
    ({"lines": [{"variant": "tee-m", "quantity": 0}]}, "quantity"),
    ({"lines": [{"variant": "tee-m", "quantity": 21}]}, "quantity"),
    ({"lines": [{"variant": "tee-m", "quantity": 1.5}]}, "quantity"),
    ({"lines": [{"variant": "no-such", "quantity": 1}]}, "no-such"),
    ({"lines": [{"variant": "tee-m", "quantity": 1}] * 41}, "lines"),
    ({"lines": {"variant": "tee-m"}}, "lines"),
    ({"payment": {"method": "cash"}}, "method"),
    ({"payment": {"method": "sandbox", "behaviour": "explode"}}, "behaviour"),
    ({"payment": None}, "payment"),
    ({"gift": True}, "gift"),
    ({"language": "tlh"}, "tlh"),
]


async def test_a_wrong_member_is_named_and_nothing_happens(shop: Shop, browser: Browser) -> None:
    for change, word in WRONG_MEMBERS:
        status, answer = await browser.checkout({**order_of(("tee-m", 1)), **change})
        assert (status, answer["type"]) == (422, "unprocessable"), change
        assert word in answer["detail"], (change, answer)
    assert await shop.left("tee-m") == TEES


NO_ORDERS = [
    (b"{", "application/json", 400),
    (b"\xff\xfe", "application/json", 400),
    (b"[" * 10_000, "application/json", 400),
    (b"", "application/json", 400),
    (b"null", "application/json", 422),
    (b"{}", "application/json", 422),
    (b"{}", "text/plain", 415),
    (b"a=1", "application/x-www-form-urlencoded", 415),
    (b'{"x": "' + b"a" * 70_000 + b'"}', "application/json", 413),
]


async def test_a_body_that_is_no_order_is_refused(browser: Browser) -> None:
    for body, content_type, status in NO_ORDERS:
        headers = {**key(), "Content-Type": content_type}
        found, answer = await browser.ask("POST", "/api/checkout", headers=headers, data=body)
        assert (found, bool(answer["detail"])) == (status, True), body[:20]


async def test_a_card_number_is_refused_and_repeated_nowhere(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    number = "4242 4242 4242 4242"
    for body in (
        order_of(("tee-m", 1), address={**ADDRESS, "line2": number}),
        {**order_of(("tee-m", 1)), "payment": {"method": "sandbox", "token": number.replace(" ", "")}},
        {**order_of(("tee-m", 1)), "card": {"number": 4242424242424242}},
    ):
        status, answer = await browser.checkout(body)
        assert (status, answer["type"]) == (422, "card-number")
        assert "4242" not in str(answer)
    assert "4242" not in caplog.text
