"""Who is shopping: the signed cookie, and what is known, handed over and forgotten."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat import queries as chat
from app.customers import queries
from app.customers.cookie import DAY_MS, LIFE_MS, NAME, RENEW_MS, Cookies, Session
from app.ledger.ids import new_id
from tests.app.shopping import HOST, SECRET, Browser, ManualClock, Shop, key, open_shop, order_of

NOW = 1_790_000_000_000
SHOPPER = new_id("shp")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def shop(emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Shop]:
    async with open_shop(emptied_url, redis_url, tmp_path / "data", clock) as opened:
        yield opened


def cookie_of(browser: Browser) -> str | None:
    found = browser.client.session.cookie_jar.filter_cookies(browser.client.make_url("/"))
    return found[NAME].value if NAME in found else None


def test_a_cookie_is_read_back() -> None:
    cookies = Cookies(SECRET)
    written = cookies.write(Session(SHOPPER, NOW))
    assert cookies.read(written, NOW) == Session(SHOPPER, NOW)


@given(st.text(max_size=250))
def test_what_was_not_signed_here_is_nobodys(text: str) -> None:
    assert Cookies(SECRET).read(text, NOW) is None


def test_forged_foreign_old_and_future_cookies_are_nobodys() -> None:
    cookies = Cookies(SECRET)
    good = cookies.write(Session(SHOPPER, NOW))
    other = new_id("shp")
    assert cookies.read(good.replace(SHOPPER, other), NOW) is None
    assert cookies.read(good[:-1] + ("A" if good[-1] != "A" else "B"), NOW) is None
    assert Cookies("t" * 32).read(good, NOW) is None
    assert cookies.read(cookies.write(Session("host", NOW)), NOW) is None
    assert cookies.read(good, NOW + LIFE_MS - 1) is not None
    assert cookies.read(good, NOW + LIFE_MS) is None
    assert cookies.read(good, NOW - DAY_MS) is None
    assert cookies.read(None, NOW) is None


async def test_any_answer_sets_the_cookie_once_and_renews_it_after_a_day(shop: Shop, clock: ManualClock) -> None:
    browser = shop.browser()
    async with browser.client.get("/api/products") as answer:
        header = answer.headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
    assert "Secure" not in header
    first = cookie_of(browser)
    for path in ("/api/me", "/api/products/nothing"):
        async with browser.client.get(path) as answer:
            assert "Set-Cookie" not in answer.headers
    clock.advance(RENEW_MS)
    async with browser.client.get("/api/me") as answer:
        assert NAME in answer.headers["Set-Cookie"]
    renewed = cookie_of(browser)
    assert first is not None
    assert renewed is not None
    assert renewed != first
    assert renewed.split(".")[0] == first.split(".")[0]


async def test_a_refusal_sets_the_cookie_too_and_shared_files_never_do(shop: Shop) -> None:
    async with shop.browser().client.get("/api/products/nothing") as answer:
        assert (answer.status, NAME in answer.headers.get("Set-Cookie", "")) == (404, True)
    picture = (await shop.browser().get("/api/products/tee"))["pictures"][0]
    for path in (picture, "/healthz"):
        async with shop.browser().client.get(path) as answer:
            assert (answer.status, answer.headers.get("Set-Cookie")) == (200, None)


async def test_behind_https_the_cookie_is_secure(migrated_file: Path, redis_url: str, tmp_path: Path) -> None:
    path = shutil.copy(migrated_file, tmp_path / "ledger.db")
    async with (
        open_shop(f"sqlite:///{path}", redis_url, tmp_path, ManualClock(), public_url="https://shop.example") as shop,
        shop.browser().client.get("/api/me") as answer,
    ):
        assert "Secure" in answer.headers["Set-Cookie"]


async def say(shop: Shop, browser: Browser, text: str) -> None:
    await browser.get("/api/me")
    who = (cookie_of(browser) or "").split(".")[0]
    await shop.drop()  # which needs the event
    async with shop.ledger.write() as conn:
        await chat.add(conn, [chat.Line(new_id("say"), "gala", who, "Ada", text, NOW)])


async def test_a_page_view_costs_no_row(shop: Shop) -> None:
    browser = shop.browser()
    for path in ("/api/me", "/api/products", "/api/shop"):
        await browser.get(path)
    async with shop.ledger.read() as conn:
        assert (await conn.exec_driver_sql("SELECT count(*) FROM shoppers")).scalar() == 0


async def test_a_forged_cookie_is_a_new_shopper_who_sees_nothing(shop: Shop) -> None:
    browser = shop.browser()
    order = await browser.buy(("tee-m", 1))
    cookie = cookie_of(browser)
    assert cookie is not None
    for forged in (cookie[:-2] + "xx", cookie.split(".")[0], "", "x" * 5000, "shp_" + "A" * 22 + ".1.x"):
        headers = {"Cookie": f"{NAME}={forged}"}
        assert (await shop.browser().ask("GET", f"/api/orders/{order}", headers=headers))[0] == 404
        assert (await shop.browser().get("/api/me", headers=headers))["orders"] == []


async def test_a_shopper_gets_everything_that_is_stored(shop: Shop) -> None:
    browser = shop.browser()
    order = await browser.buy(("tee-m", 1))
    await browser.checkout(order_of(("hat-s", 1), behaviour="decline", email="other@example.org"))
    await say(shop, browser, "Lovely!")
    told = await browser.get("/api/me/export")
    assert [(one["order"], one["content"]["email"]) for one in told["orders"]] == [(order, "ada@example.org")]
    assert len(told["mails"]) == 1
    assert [(one["state"], one["content"]["email"]) for one in told["payments"]] == [("declined", "other@example.org")]
    assert [one["text"] for one in told["said"]] == ["Lovely!"]
    assert (await shop.browser().get("/api/me/export"))["orders"] == []


async def test_a_forgotten_shopper_is_a_new_one_and_the_books_stay(shop: Shop) -> None:
    browser = shop.browser()
    order = await browser.buy(("tee-m", 1))
    old = cookie_of(browser)
    assert (await browser.ask("DELETE", "/api/me"))[0] == 204
    assert cookie_of(browser) not in (None, old)
    assert (await browser.get("/api/me"))["email"] is None
    # The cookie of before is worth nothing: neither the order nor a name comes back with it.
    headers = {"Cookie": f"{NAME}={old}"}
    assert (await shop.browser().ask("GET", f"/api/orders/{order}", headers=headers))[0] == 404
    assert (await shop.browser().get("/api/me", headers=headers))["orders"] == []
    assert (await shop.browser().get(f"/api/orders/{order}", headers=HOST))["order"] == order


async def test_who_is_forgotten_while_the_bank_takes_its_time_stays_forgotten(shop: Shop) -> None:
    browser = shop.browser()
    await say(shop, browser, "Lovely!")
    _, placed = await browser.checkout(order_of(("tee-m", 1), behaviour="challenge"))
    old = cookie_of(browser) or ""
    assert (await browser.ask("DELETE", "/api/me"))[0] == 204
    attempt = placed["action"]["url"].rpartition("/")[2]
    assert shop.desk.sandbox is not None
    await shop.desk.sandbox.decide(attempt, confirm=True)
    await shop.desk.upkeep.resolve(attempt)
    assert (await browser.get(f"/api/orders/{placed['order']}", headers=HOST))["state"] == "paid"
    async with shop.ledger.read() as conn:
        assert await queries.revoked(conn, old.split(".")[0])
        assert await chat.of_shopper(conn, old.split(".")[0]) == []
    told = await shop.browser().get("/api/me", headers={"Cookie": f"{NAME}={old}"})
    assert (told["email"], told["address"], told["orders"]) == (None, None, [])


async def test_another_site_cannot_order_with_the_shoppers_cookie(shop: Shop) -> None:
    browser = shop.browser()
    await browser.get("/api/me")
    for method, path in (("POST", "/api/checkout"), ("DELETE", "/api/me"), ("POST", "/api/checkout/quote")):
        headers = {**key(), "Origin": "https://evil.example"}
        status, answer = await browser.ask(method, path, {}, headers=headers)
        assert (status, answer["type"]) == (403, "foreign-origin")
