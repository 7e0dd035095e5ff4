"""After the sale: who sees an order, refunds, steps, withdrawal, lists."""

import asyncio
import csv
import io
from typing import Any

from app.shop.order import DAY_MS
from tests.app.shopping import HOST, TEES, Browser, ManualClock, Shop, key, order_of


async def refund(browser: Browser, order: str, body: object, headers: dict[str, str] | None = None) -> tuple[int, dict]:  # type: ignore[type-arg]
    return await browser.ask("POST", f"/api/orders/{order}/refund", body, headers={**HOST, **(headers or key())})


async def test_an_order_is_seen_by_its_own_shopper_and_the_host_only(shop: Shop, browser: Browser) -> None:
    order = await browser.buy(("tee-m", 1))
    host, stranger = shop.browser(), shop.browser()
    assert (await host.get(f"/api/orders/{order}", headers=HOST))["order"] == order
    foreign = await stranger.ask("GET", f"/api/orders/{order}")
    unknown = await stranger.ask("GET", "/api/orders/ord_AAAAAAAAAAAAAAAAAAAAAA")
    assert foreign == unknown
    assert foreign[0] == 404
    for path in (f"/api/orders/{order}%00", "/api/orders/..%2f..%2fetc", "/api/orders/" + "x" * 3000):
        assert (await stranger.ask("GET", path))[0] == 404
    wrong = {"Authorization": "Bearer wrong-token-wrong-token"}
    assert (await stranger.ask("GET", f"/api/orders/{order}", headers=wrong))[0] == 404


async def test_a_receipt_is_a_sheet_with_both_parties_every_line_and_each_rates_tax(
    shop: Shop, browser: Browser
) -> None:
    address = {"name": "<b>Ada</b>", "line1": "Weg 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
    order = await browser.buy(("tee-m", 2), ("hat-s", 1), address=address, language="de")
    await refund(browser, order, {"lines": [{"line": 1, "quantity": 1}]})
    path = f"/orders/{order}/receipt"
    text = await browser.get(path)
    found = await browser.get(f"/api/orders/{order}")
    number, material = found["number"], found["lines"][0]["material"]
    for word in (
        f"Rechnung {number}", "&lt;b&gt;Ada&lt;/b&gt;", material, "19\u00a0%", "24,90\u00a0€", "49,80\u00a0€",
        # Nineteen parts of 119 of 89.70 are VAT; shipping is free from there.
        "89,70\u00a0€", "75,38\u00a0€", "14,32\u00a0€", "-24,90\u00a0€",
        "Laufsteg Demo GmbH", "Umsatzsteuer-Identifikationsnummer",
    ):  # fmt: skip
        assert word in text, (word, text)
    assert "<b>Ada" not in text and "<script" not in text
    assert f"Rechnung {number}" in await shop.browser().get(path, headers=HOST)
    assert (await shop.browser().ask("GET", path))[0] == 404
    _, waiting = await browser.checkout(order_of(("tee-m", 1), behaviour="challenge"))
    assert (await browser.ask("GET", f"/orders/{waiting['order']}/receipt"))[0] == 404


async def test_an_order_keeps_what_was_sold_when_the_catalogue_changes(shop: Shop, browser: Browser) -> None:
    order = await browser.buy(("tee-m", 1), language="zh")
    line = (await browser.get(f"/api/orders/{order}"))["lines"][0]
    assert (line["title"], line["vat_percent"], line["material"]) == (
        "日落海浪T恤",
        19,
        "100% 有机棉（平纹针织，220克/平方米）",
    )
    async with shop.ledger.write() as conn:
        await conn.exec_driver_sql("UPDATE products SET document = '{}' WHERE sku = 'tee'")
    assert (await browser.get(f"/api/orders/{order}"))["lines"][0] == line


async def test_a_whole_refund_gives_the_money_and_the_units_back_once(shop: Shop, browser: Browser) -> None:
    order, headers = await browser.buy(("tee-m", 2)), key()
    for _ in range(3):
        status, answer = await refund(browser, order, {}, headers)
        assert (status, answer["state"], answer["refunded"]) == (200, "refunded", answer["total"])
    assert await shop.left("tee-m") == TEES
    assert (await refund(browser, order, {}))[0] == 409
    mails = (await browser.get("/api/outbox", headers=HOST))["mails"]
    assert len([mail for mail in mails if "29.80" in mail["text"] or "54.70" in mail["text"]]) == 2


async def test_lines_are_refunded_in_parts_and_never_beyond(shop: Shop, browser: Browser) -> None:
    order = await browser.buy(("tee-m", 3), ("hat-s", 1))
    status, answer = await refund(browser, order, {"lines": [{"line": 1, "quantity": 2}], "restock": False})
    assert (status, answer["state"], answer["refunded"]["amount"]) == (200, "part-refunded", 2 * 2490)
    assert answer["lines"][0]["refunded"] == 2
    assert await shop.left("tee-m") == TEES - 3
    assert (await refund(browser, order, {"lines": [{"line": 1, "quantity": 2}]}))[0] == 409
    assert (await refund(browser, order, {"lines": [{"line": 9, "quantity": 1}]}))[0] == 422
    assert (await refund(browser, order, {"lines": [{"line": 1, "quantity": 0}]}))[0] == 422
    status, answer = await refund(browser, order, {})
    assert (answer["state"], answer["refunded"]) == ("refunded", answer["total"])


async def test_the_shipping_is_refunded_once(browser: Browser) -> None:
    order = await browser.buy(("tee-m", 2))
    status, answer = await refund(browser, order, {"lines": [], "shipping": True})
    assert (status, answer["refunded"]["amount"]) == (200, 490)
    for lines in ([], [{"line": 1, "quantity": 1}]):
        assert (await refund(browser, order, {"lines": lines, "shipping": True}))[0] == 409
    status, answer = await refund(browser, order, {"lines": [{"line": 1, "quantity": 2}]})
    assert (answer["state"], answer["refunded"]) == ("refunded", answer["total"])


async def test_refunds_at_the_same_instant_do_not_add_up_beyond_the_total(browser: Browser) -> None:
    order = await browser.buy(("tee-m", 3))
    one = {"lines": [{"line": 1, "quantity": 2}]}
    answers = await asyncio.gather(*(refund(browser, order, one) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409]


async def test_a_refund_needs_the_host_and_a_key(browser: Browser) -> None:
    order = await browser.buy(("tee-m", 1))
    path = f"/api/orders/{order}/refund"
    assert (await browser.ask("POST", path, {}, headers=key()))[0] == 401
    assert (await browser.ask("POST", path, {}, headers=HOST))[0] == 400
    assert (await refund(browser, "ord_unknown", {}))[0] == 404
    headers = key()
    assert (await refund(browser, order, {"lines": [{"line": 1, "quantity": 1}]}, headers))[0] == 200
    assert (await refund(browser, order, {}, headers))[1]["type"] == "idempotency-key-reused"


async def test_a_refunded_hold_is_the_drops_again(shop: Shop, browser: Browser) -> None:
    drop = await shop.drop(quantity=1)
    hold = await shop.hold(browser, drop)
    order = (await browser.checkout(order_of(holds=[hold])))[1]["order"]
    assert (await refund(browser, order, {}))[0] == 200
    assert (await browser.get(f"/api/drops/{drop.id}"))["left"] == 1


async def test_an_order_goes_its_way_step_by_step_and_not_back(browser: Browser) -> None:
    order = await browser.buy(("tee-m", 1))
    path = f"/api/orders/{order}/state"
    for state, status in [("packed", 200), ("packed", 200), ("shipped", 200), ("packed", 409), ("delivered", 200)]:
        assert (await browser.ask("POST", path, {"state": state}, headers=HOST))[0] == status, state
    assert (await browser.ask("POST", path, {"state": "refunded"}, headers=HOST))[0] == 400
    assert (await browser.ask("POST", path, {"state": "returned"}))[0] == 401


async def test_the_host_is_told_where_an_order_can_go_next(browser: Browser) -> None:
    order = await browser.buy(("tee-m", 1))

    async def steps() -> list[str]:
        (row,) = (await browser.get("/api/orders", headers=HOST))["orders"]
        return list(row["steps"])

    assert await steps() == ["packed", "shipped", "ready-for-pickup", "cancelled", "refunded"]
    for state, after in [
        ("ready-for-pickup", ["delivered", "refunded", "returned"]),
        ("delivered", ["refunded", "returned"]),
    ]:
        await browser.ask("POST", f"/api/orders/{order}/state", {"state": state}, headers=HOST)
        assert await steps() == after
    await refund(browser, order, {})
    assert await steps() == []


async def test_a_customer_withdraws_on_the_site_and_gets_a_confirmation(
    shop: Shop, browser: Browser, clock: ManualClock
) -> None:
    order = await browser.buy(("tee-m", 1), language="de")
    path, body = f"/api/orders/{order}/withdrawal", {"name": "Ada Muster", "email": "ada@example.org"}
    assert (await shop.browser().ask("POST", path, body))[0] == 404
    for _ in range(2):
        status, answer = await browser.ask("POST", path, body)
        assert (status, answer["withdrawal"]["declared_at"]) == (200, "2026-09-21T14:13:20.000Z")
    mails = (await browser.get("/api/outbox", headers=HOST))["mails"]
    assert [mail["subject"].split()[1] for mail in mails if "Widerruf" in mail["subject"]] == ["Widerruf"]
    late = await browser.buy(("tee-m", 1))
    clock.advance(29 * DAY_MS)
    assert (await browser.ask("POST", f"/api/orders/{late}/withdrawal", body))[0] == 409


async def test_whoever_has_the_receipt_withdraws_without_the_browser_that_bought(shop: Shop, browser: Browser) -> None:
    order = await browser.buy(("tee-m", 1))
    number = (await browser.get(f"/api/orders/{order}"))["number"]
    stranger = shop.browser()
    body = {"name": "Ada Muster", "number": number, "email": "ada@example.org"}
    for wrong in ({"number": "AAAA-BBBB-CCCC"}, {"email": "grace@example.org"}, {"number": "ÄÖÜ-ÄÖÜ-ÄÖÜ-ÄÖÜ"}):
        assert (await stranger.ask("POST", "/api/withdrawals", {**body, **wrong}))[0] == 404
    # As people type it.
    typed = {**body, "number": number.lower().replace("-", " "), "email": "Ada@Example.org"}
    for said in (typed, body):
        status, answer = await stranger.ask("POST", "/api/withdrawals", said)
        assert (status, answer) == (200, {"number": number, "declared_at": "2026-09-21T14:13:20.000Z"})
    assert (await browser.get(f"/api/orders/{order}"))["withdrawal"]["declared_at"] == answer["declared_at"]
    mails = (await browser.get("/api/outbox", headers=HOST))["mails"]
    assert len([mail for mail in mails if "withdrawal from order" in mail["subject"]]) == 1


async def cancel(browser: Browser, order: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    return await browser.ask("POST", f"/api/orders/{order}/cancel", headers={**HOST, **(headers or key())})


async def test_an_order_that_has_not_left_is_called_off_and_its_money_and_units_go_back(
    shop: Shop, browser: Browser
) -> None:
    order, headers = await browser.buy(("tee-m", 2)), key()
    await browser.ask("POST", f"/api/orders/{order}/state", {"state": "packed"}, headers=HOST)
    for _ in range(2):
        status, answer = await cancel(browser, order, headers)
        assert (status, answer["state"], answer["refunded"]) == (200, "cancelled", answer["total"])
    assert await shop.left("tee-m") == TEES
    assert (await cancel(browser, order))[0] == 409
    shipped = await browser.buy(("tee-m", 1))
    await browser.ask("POST", f"/api/orders/{shipped}/state", {"state": "shipped"}, headers=HOST)
    assert (await cancel(browser, shipped))[1]["type"] == "conflict"
    assert await shop.left("tee-m") == TEES - 1
    assert (await browser.ask("POST", f"/api/orders/{shipped}/cancel", headers=key()))[0] == 401
    assert (await cancel(browser, "ord_unknown"))[0] == 404


async def test_an_order_that_waits_for_its_payment_is_called_off_at_the_provider_first(
    shop: Shop, browser: Browser
) -> None:
    _, placed = await browser.checkout(order_of(("tee-m", 1), behaviour="challenge"))
    assert await shop.left("tee-m") == TEES - 1
    status, answer = await cancel(browser, placed["order"])
    assert (status, answer["state"], answer["reason"]) == (200, "cancelled", "cancelled")
    assert await shop.left("tee-m") == TEES
    # The bank's page has nothing to confirm any more.
    bank = placed["action"]["url"].replace("/payments", "/api/payments")
    await browser.ask("POST", bank, {"decision": "confirm"})
    assert (await browser.get(f"/api/orders/{placed['order']}"))["state"] == "cancelled"


async def test_the_host_lists_searches_and_pages_orders(shop: Shop, clock: ManualClock) -> None:
    bought = []
    for name in ("Ada", "Grace", "Mei_"):
        clock.advance(1000)
        address = {"name": name, "line1": "Weg 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
        bought.append(await shop.browser().buy(("tee-m", 1), email=f"{name.strip('_')}@example.org", address=address))
    host = shop.browser()

    async def listed(query: str) -> list[str]:
        return [one["order"] for one in (await host.get(f"/api/orders{query}", headers=HOST))["orders"]]

    assert await listed("") == bought[::-1]
    assert await listed("?q=GRACE@") == [bought[1]]
    assert await listed("?q=mei_") == [bought[2]]
    assert await listed("?q=%25") == []
    assert await listed("?state=refunded") == []
    first = await host.get("/api/orders?limit=2", headers=HOST)
    assert await listed(f"?limit=2&before={first['next']}") == [bought[0]]
    for query in ("?limit=0", "?limit=x", "?limit=201", "?before=yesterday"):
        assert (await host.ask("GET", f"/api/orders{query}", headers=HOST))[0] == 400
    assert (await host.ask("GET", "/api/orders"))[0] == 401


async def test_the_csv_has_a_row_for_each_line_and_no_formulas(shop: Shop, browser: Browser) -> None:
    address = {"name": "=cmd()", "line1": "Weg 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
    await browser.buy(("tee-m", 2), ("hat-s", 1), address=address)
    rows = list(csv.DictReader(io.StringIO(await browser.get("/api/orders.csv", headers=HOST))))
    assert [(row["variant"], row["quantity"], row["unit_amount"]) for row in rows] == [
        ("tee-m", "2", "2490"),
        ("hat-s", "1", "3990"),
    ]
    assert rows[0]["name"] == "'=cmd()"
    assert (await browser.ask("GET", "/api/orders.csv"))[0] == 401
