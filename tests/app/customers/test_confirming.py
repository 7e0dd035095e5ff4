"""Confirming an e-mail address: a code comes by mail, works once, for its own shopper, and cannot be guessed."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.customers.confirmation import DIGITS, GUESSES, LIFE_MS, digest, grouped, new_code, typed
from app.customers.confirming import CODES_BY_RECIPIENT, CODES_BY_SHOPPER
from app.ledger.ids import new_id
from app.shop.upkeep import KEPT_MS
from tests.app.shopping import HOST, SECRET, Browser, ManualClock, Shop, key, open_shop, order_of

ADA = "ada@example.org"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def shop(emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Shop]:
    async with open_shop(emptied_url, redis_url, tmp_path / "data", clock) as opened:
        yield opened


async def ask(browser: Browser, email: str = ADA) -> tuple[int, Any]:
    return await browser.ask("POST", "/api/me/email", {"email": email})


async def confirm(browser: Browser, code: str, email: str = ADA) -> tuple[int, Any]:
    return await browser.ask("POST", "/api/me/email/code", {"email": email, "code": code})


async def mailed(shop: Shop, to: str = ADA) -> str:
    """The code of the newest mail to an address."""
    mails = (await shop.browser().get("/api/outbox", headers=HOST))["mails"]
    text = next(mail["text"] for mail in mails if mail["to"] == to)
    found = re.search(r"\b(\d{3} \d{3})\b", text)
    assert found is not None, text
    return found[1]


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(typed(code)) + by) % 10**DIGITS:0{DIGITS}d}"


async def test_a_code_confirms_an_address_for_good(shop: Shop, clock: ManualClock) -> None:
    browser = shop.browser()
    status, told = await ask(browser, " Ada@Example.org ")
    assert (status, told["confirmed"]) == (202, False)
    code = await mailed(shop, "Ada@Example.org")
    assert await confirm(browser, code) == (200, {"email": ADA, "confirmed": True, "expires_at": None})
    # Asked again because the answer was lost, or half a year later: nothing is left to prove, and no mail is sent.
    clock.advance(LIFE_MS)
    assert (await confirm(browser, code))[0] == 200
    assert (await ask(browser, "ada+drop@example.org"))[0] == 200
    assert len((await browser.get("/api/outbox", headers=HOST))["mails"]) == 1


@pytest.mark.parametrize("write", ["{}", " {} ", "123-456", "full width"])
async def test_people_type_a_code_as_they_like(write: str) -> None:
    wide = "123 456".translate({ord(str(number)): chr(0xFF10 + number) for number in range(10)})
    assert typed(wide if write == "full width" else write.format("123 456")) == "123456"


async def test_a_wrong_code_counts_and_the_right_one_is_worth_nothing_after_five(shop: Shop) -> None:
    browser = shop.browser()
    await ask(browser)
    code = await mailed(shop)
    for left in reversed(range(GUESSES)):
        status, told = await confirm(browser, wrong(code, left + 1))
        assert (status, told["type"], told["left"]) == (422, "wrong-code", left)
    assert (await confirm(browser, code))[1]["type"] == "code-expired"
    # A new code begins anew.
    shop.clock.advance(1)  # the newest mail is the later one
    await ask(browser)
    assert (await confirm(browser, await mailed(shop)))[0] == 200


async def test_guesses_at_the_same_instant_are_all_counted(shop: Shop) -> None:
    browser = shop.browser()
    await ask(browser)
    code = await mailed(shop)
    told = await asyncio.gather(*(confirm(browser, wrong(code, by)) for by in range(1, 4 * GUESSES)))
    assert sorted(status for status, _ in told) == [410] * (3 * GUESSES - 1) + [422] * GUESSES
    assert (await confirm(browser, code))[0] == 410


async def test_a_code_ends_and_a_newer_one_replaces_it(shop: Shop, clock: ManualClock) -> None:
    browser = shop.browser()
    assert (await confirm(browser, "123456"))[1]["type"] == "code-expired"
    await ask(browser)
    first = await mailed(shop)
    clock.advance(1)
    await ask(browser)
    second = await mailed(shop)
    assert first == second or (await confirm(browser, first))[0] == 422
    clock.advance(LIFE_MS)
    assert (await confirm(browser, second))[0] == 410


async def test_a_code_is_worth_nothing_to_another_session_or_for_another_address(shop: Shop) -> None:
    browser, thief = shop.browser(), shop.browser()
    await ask(browser)
    code = await mailed(shop)
    assert (await confirm(thief, code))[0] == 410
    # Whoever asks for a code for the same address gets another one, and does not spoil the first.
    await ask(thief)
    async with shop.ledger.read() as conn:
        rows = (await conn.exec_driver_sql("SELECT digest FROM confirmations")).scalars().all()
    assert len(set(rows)) == 2
    assert (await confirm(browser, code, "grace@example.org"))[0] == 410
    assert (await confirm(browser, code))[0] == 200
    assert (await thief.ask("POST", "/api/me/email", {"email": ADA}))[0] == 202


async def test_nobodys_inbox_is_flooded_and_nobody_asks_without_end(shop: Shop) -> None:
    browser = shop.browser()
    told = [(await ask(browser, f"a{number}@example.org"))[0] for number in range(CODES_BY_SHOPPER.most + 1)]
    assert told == [202] * CODES_BY_SHOPPER.most + [429]
    victim = [(await ask(shop.browser(), f"Victim+{number}@example.org"))[0] for number in range(6)]
    assert victim == [202] * CODES_BY_RECIPIENT.most + [429]


async def test_without_redis_no_code_is_sent_because_nobody_could_count(
    emptied_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    async with open_shop(emptied_url, "unix:///nowhere/redis.sock", tmp_path / "data", clock) as alone:
        assert (await ask(alone.browser()))[0] == 503


@pytest.mark.parametrize("body", [{"email": "nobody"}, {"email": "a@b.de\nBcc: c@d.de"}, {}, {"email": 7}])
async def test_what_is_no_address_gets_no_code(shop: Shop, body: Any) -> None:
    assert (await shop.browser().ask("POST", "/api/me/email", body))[0] == 422


async def test_a_drop_that_asks_sells_to_confirmed_addresses_only(shop: Shop, clock: ManualClock) -> None:
    drop = await shop.drop(confirm_email=True, quantity=5)
    ada, twin = shop.browser(), shop.browser()
    hold, headers = await shop.hold(ada, drop), key()
    body = order_of(holds=[hold])
    quote = {"holds": [hold], "email": ADA}
    assert (await ada.ask("POST", "/api/checkout/quote", quote))[1]["confirm_email"] is True
    assert (await ada.checkout(body, headers=headers))[1]["type"] == "email-unconfirmed"
    await ask(ada)
    assert (await confirm(ada, await mailed(shop)))[0] == 200
    assert (await ada.ask("POST", "/api/checkout/quote", quote))[1]["confirm_email"] is False
    # Nothing was kept under the key, so the same one goes on.
    assert (await ada.checkout(body, headers=headers))[0] == 201
    # Another session of the same person has to confirm as well, and finds that the share is had.
    other = order_of(holds=[await shop.hold(twin, drop)], email="ADA+2@example.org")
    assert (await twin.checkout(other))[1]["type"] == "email-unconfirmed"
    await ask(twin, "ADA+2@example.org")
    await confirm(twin, await mailed(shop, "ADA+2@example.org"), "ada@example.org")
    assert (await twin.checkout(other))[1]["type"] == "limit-reached"


async def test_whoever_is_confirmed_orders_in_two_taps_also_with_others_and_with_stock(shop: Shop) -> None:
    async def buy(number: int) -> int:
        browser, email = shop.browser(), f"s{number}@example.org"
        hold = await shop.hold(browser, drop)
        if number % 2:
            await ask(browser, email)
            assert (await confirm(browser, await mailed(shop, email), email))[0] == 200
        body = {**order_of(email=email), "holds": [hold]}
        if number == 1:
            body["lines"] = [{"variant": "tee-m", "quantity": 1}]
        return (await browser.checkout(body))[0]

    drop = await shop.drop(confirm_email=True, quantity=6)
    assert await asyncio.gather(*(buy(number) for number in range(6))) == [409, 201] * 3


async def test_a_drop_cannot_ask_for_codes_that_nobody_could_send(
    emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    async with open_shop(emptied_url, redis_url, tmp_path / "data", clock, demo=False) as mute:
        asked = {"event": "gala", "sku": "tee", "variant": "tee-m", "quantity": 1, "confirm_email": True}
        status, told = await mute.browser().ask("POST", "/api/drops", asked, headers=HOST)
        assert (status, told["type"]) == (422, "bad-drop") and "SMTP_URL" in told["detail"]


async def test_confirmed_addresses_are_handed_over_and_forgotten(shop: Shop, clock: ManualClock) -> None:
    browser, idle = shop.browser(), shop.browser()
    await ask(browser)
    await confirm(browser, await mailed(shop))
    await ask(idle, "idle@example.org")
    (told,) = (await browser.get("/api/me/export"))["addresses"]
    assert told["email"] == ADA and told["confirmed_at"]
    clock.advance(KEPT_MS + LIFE_MS + 1)
    await shop.desk.upkeep.purge()
    assert (await idle.get("/api/me/export"))["addresses"] == []
    assert (await browser.get("/api/outbox", headers=HOST))["mails"] == []
    assert len((await browser.get("/api/me/export"))["addresses"]) == 1
    await browser.ask("DELETE", "/api/me")
    async with shop.ledger.read() as conn:
        assert (await conn.exec_driver_sql("SELECT count(*) FROM confirmations")).scalar() == 0


def test_codes_keep_their_zeros_and_digests_their_secret() -> None:
    assert (new_code(lambda below: 7), grouped("000007"), len(new_code())) == ("000007", "000 007", DIGITS)
    who = new_id("shp")
    told = {
        digest(secret, shopper, name, code)
        for secret in (SECRET, "t" * 32)
        for shopper in (who, new_id("shp"))
        for name in (ADA, "grace@example.org")
        for code in ("123456", "123457")
    }
    assert len(told) == 16 and digest(SECRET, who, ADA, "123456") in told
