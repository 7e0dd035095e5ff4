"""Repeating requests: the same key and body, the same answer; crashes and outages in between."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.payments.provider import Approved, Charge, Declined, Outcome, Pending, ProviderDown, Told
from app.shop import queries
from app.shop.attempt import ASKING_MS, CHECK_MS, CONFIRM_MS, Attempt, AttemptState
from app.shop.upkeep import KEPT_MS
from app.shop.verify import verify
from tests.app.shopping import TEES, Browser, ManualClock, Shop, key, open_shop, order_of


class Bank:
    """A payment provider whose answers the test decides: small, real, and with a memory."""

    def __init__(self) -> None:
        self.answers: list[Outcome | Exception] = []
        self.standing: Outcome | Exception = Declined("unknown")
        self.started: list[str] = []
        self.cancelled: list[str] = []
        self.refunded: dict[str, int] = {}
        self.waiting: asyncio.Event | None = None
        self.asked = asyncio.Event()

    async def start(self, charge: Charge) -> Outcome:
        self.started.append(charge.attempt)
        self.asked.set()
        if self.waiting is not None:
            await self.waiting.wait()
        return self._give(self.answers.pop(0) if self.answers else Approved("ref"))

    async def payer(self, token: str) -> str | None:
        return None

    async def dispute(self, id_: str) -> Told | None:
        return None

    async def status(self, charge: Charge) -> Outcome:
        return self._give(self.standing)

    async def cancel(self, charge: Charge) -> Outcome:
        self.cancelled.append(charge.attempt)
        return self._give(self.standing)

    async def refund(self, charge: Charge, amount: int, key: str) -> None:
        self.refunded[key] = amount

    @staticmethod
    def _give(answer: Outcome | Exception) -> Outcome:
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def bank() -> Bank:
    return Bank()


@pytest.fixture
async def banked(emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock, bank: Bank) -> Any:
    """A shop whose payments go through `bank`."""
    async with open_shop(emptied_url, redis_url, tmp_path / "data", clock, providers={"bank": bank}) as opened:
        yield opened


def bank_order(*lines: tuple[str, int]) -> dict[str, Any]:
    return {**order_of(*lines), "payment": {"method": "bank", "token": "tok"}}


async def the_attempt(shop: Shop, attempt: str) -> Attempt:
    async with shop.ledger.read() as conn:
        found = await queries.attempt_by_id(conn, attempt)
    assert found is not None
    return found


async def test_the_same_key_and_body_get_the_same_answer_and_buy_once(shop: Shop, browser: Browser) -> None:
    headers, body = key(), order_of(("tee-m", 1))
    first = await browser.checkout(body, headers=headers)
    assert [await browser.checkout(body, headers=headers) for _ in range(3)] == [first] * 3
    assert await shop.left("tee-m") == TEES - 1


@pytest.mark.parametrize("behaviour", ["decline", "challenge"])
async def test_answers_that_are_no_order_are_repeated_too(browser: Browser, behaviour: str) -> None:
    headers, body = key(), order_of(("tee-m", 1), behaviour=behaviour)
    first = await browser.checkout(body, headers=headers)
    assert await browser.checkout(body, headers=headers) == first


async def test_a_refusal_is_an_answer_as_well(shop: Shop, browser: Browser) -> None:
    headers, body = key(), order_of(("jacket-xl", 4))
    first = await browser.checkout(body, headers=headers)
    assert first[0] == 409
    host = {"Authorization": "Bearer a-token-for-automation"}
    assert (await browser.ask("POST", "/api/variants/jacket-xl/stock", {"by": 10}, headers=host))[0] == 200
    assert await browser.checkout(body, headers=headers) == first
    assert (await browser.checkout(body))[0] == 201


async def test_the_same_key_with_another_body_is_refused(shop: Shop, browser: Browser) -> None:
    headers = key()
    await browser.checkout(order_of(("tee-m", 1)), headers=headers)
    status, answer = await browser.checkout(order_of(("tee-m", 2)), headers=headers)
    assert (status, answer["type"]) == (422, "idempotency-key-reused")
    assert await shop.left("tee-m") == TEES - 1


async def test_a_key_belongs_to_its_shopper(shop: Shop) -> None:
    headers, body = key(), order_of(("tee-m", 1))
    orders = {(await shop.browser().checkout(body, headers=headers))[1]["order"] for _ in range(2)}
    assert len(orders) == 2


async def test_a_missing_or_strange_key_is_refused(browser: Browser) -> None:
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "a b"}, {"Idempotency-Key": "k" * 256}):
        status, answer = await browser.ask("POST", "/api/checkout", order_of(("tee-m", 1)), headers=headers)
        assert (status, answer["type"]) == (400, "idempotency-key-missing")


async def test_twins_at_the_same_instant_buy_once(shop: Shop, browser: Browser) -> None:
    await browser.get("/api/me")  # the cookie
    headers, body = key(), order_of(("tee-m", 1))
    answers = await asyncio.gather(*(browser.checkout(body, headers=headers) for _ in range(6)))
    assert {status for status, _ in answers} <= {201, 409}
    assert {answer["type"] for status, answer in answers if status == 409} <= {"in-progress"}
    assert len({answer["order"] for status, answer in answers if status == 201}) == 1
    assert await shop.left("tee-m") == TEES - 1


async def test_while_the_provider_thinks_the_same_key_reads_in_progress(banked: Shop, bank: Bank) -> None:
    browser, headers, body = banked.browser(), key(), bank_order(("tee-m", 1))
    await browser.get("/api/me")
    bank.waiting = asyncio.Event()
    first = asyncio.create_task(browser.checkout(body, headers=headers))
    await bank.asked.wait()
    status, answer = await browser.checkout(body, headers=headers)
    assert (status, answer["type"]) == (409, "in-progress")
    bank.waiting.set()
    assert (await first)[0] == 201
    assert await browser.checkout(body, headers=headers) == await first


async def test_a_provider_that_is_away_is_asked_again_with_the_same_key(banked: Shop, bank: Bank) -> None:
    browser, headers, body = banked.browser(), key(), bank_order(("tee-m", 1))
    bank.answers = [ProviderDown("away")]
    status, answer = await browser.checkout(body, headers=headers)
    assert (status, answer["type"]) == (503, "payment-unavailable")
    assert await banked.left("tee-m") == TEES - 1  # still reserved: nobody knows whether it was charged
    assert (await browser.checkout(body, headers=headers))[0] == 201
    # The same attempt both times, so the provider can tell that it is the same payment.
    assert len(set(bank.started)) == 1


async def test_an_outage_that_nobody_repeats_is_settled_by_upkeep(banked: Shop, bank: Bank, clock: ManualClock) -> None:
    bank.answers, bank.standing = [ProviderDown("away")], Approved("ref")
    browser = banked.browser()
    await browser.checkout(bank_order(("tee-m", 1)))
    clock.advance(ASKING_MS + 1)
    await banked.desk.upkeep.perform()
    assert [order["state"] for order in (await browser.get("/api/me"))["orders"]] == ["paid"]


async def test_a_process_that_dies_between_reserving_and_the_answer_loses_nothing(
    banked: Shop, bank: Bank, clock: ManualClock, emptied_url: str, redis_url: str, tmp_path: Path
) -> None:
    browser, headers, body = banked.browser(), key(), bank_order(("tee-m", 2))
    await browser.get("/api/me")
    bank.waiting = asyncio.Event()  # never answers: the process is killed here
    dying = asyncio.create_task(browser.checkout(body, headers=headers))
    await bank.asked.wait()
    bank.standing = Approved("ref")
    async with open_shop(emptied_url, redis_url, tmp_path / "data", clock, providers={"bank": bank}) as restarted:
        assert await restarted.left("tee-m") == TEES - 2
        await restarted.desk.upkeep.perform()  # too early: the first process might be alive
        assert (await the_attempt(restarted, bank.started[0])).state == AttemptState.STARTED
        clock.advance(ASKING_MS + 1)
        await restarted.desk.upkeep.perform()
        attempt = await the_attempt(restarted, bank.started[0])
        assert attempt.state == AttemptState.PAID
        # The same key reads its order now, in any process.
        assert (await browser.checkout(body, headers=headers))[1]["order"] == attempt.order_id
        assert await restarted.left("tee-m") == TEES - 2
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


async def test_nothing_is_given_back_before_the_provider_has_confirmed_the_end(
    banked: Shop, bank: Bank, clock: ManualClock
) -> None:
    browser = banked.browser()
    bank.answers, bank.standing = [Pending("ref")], Pending("ref")
    _, answer = await browser.checkout(bank_order(("tee-m", 1)))
    assert answer["state"] == "pending"
    for standing in (Pending("ref"), ProviderDown("away")):
        bank.standing = standing
        clock.advance(CONFIRM_MS + CHECK_MS)
        await banked.desk.upkeep.perform()
        assert await banked.left("tee-m") == TEES - 1
    bank.standing = Declined("cancelled")
    clock.advance(CHECK_MS + 1)
    await banked.desk.upkeep.perform()
    assert len(bank.cancelled) >= 1
    assert await banked.left("tee-m") == TEES
    assert (await browser.get(f"/api/orders/{answer['order']}"))["reason"] == "expired"


async def _expired(banked: Shop, bank: Bank, clock: ManualClock, browser: Browser) -> Attempt:
    bank.answers, bank.standing = [Pending("ref")], Declined("cancelled")
    await browser.checkout(bank_order(("jacket-xl", 3)))
    clock.advance(CONFIRM_MS + CHECK_MS)
    await banked.desk.upkeep.perform()
    attempt = await the_attempt(banked, bank.started[-1])
    assert attempt.state == AttemptState.EXPIRED
    return attempt


async def test_a_late_success_becomes_an_order_while_its_units_are_there(
    banked: Shop, bank: Bank, clock: ManualClock
) -> None:
    browser = banked.browser()
    attempt = await _expired(banked, bank, clock, browser)
    await banked.desk.settlement.settle(attempt, Approved("ref"))
    assert (await browser.get(f"/api/orders/{attempt.order_id}"))["state"] == "paid"
    assert await banked.left("jacket-xl") == 0
    assert bank.refunded == {}


async def test_a_late_success_without_units_is_refunded_once(banked: Shop, bank: Bank, clock: ManualClock) -> None:
    browser = banked.browser()
    attempt = await _expired(banked, bank, clock, browser)
    await banked.browser().checkout(bank_order(("jacket-xl", 1)))
    for _ in range(2):
        await banked.desk.settlement.settle(attempt, Approved("ref"))
        await banked.desk.upkeep.perform()
    assert list(bank.refunded.values()) == [attempt.amount]
    seen = await browser.get(f"/api/orders/{attempt.order_id}")
    assert (seen["state"], seen["reason"], seen["refunded"]["amount"]) == ("cancelled", "late", attempt.amount)
    assert [one["state"] for one in seen["refunds"]] == ["done"]
    assert await banked.left("jacket-xl") == 2
    assert (await verify(banked.ledger))[0] == []
    # Who asks to be forgotten is, the books keep what was paid.
    assert (await browser.ask("DELETE", "/api/me"))[0] == 204
    assert (await the_attempt(banked, attempt.id)).shopper == attempt.id


async def test_what_came_to_nothing_is_erased_after_a_month(shop: Shop, browser: Browser, clock: ManualClock) -> None:
    paid = await browser.buy(("tee-m", 1))
    _, waiting = await browser.checkout(order_of(("tee-m", 1), behaviour="challenge"))
    await browser.checkout(order_of(("tee-m", 1), behaviour="decline"))
    await browser.checkout(order_of(("jacket-xl", 9)))

    async def kept() -> int:
        async with shop.ledger.read() as conn:
            return int((await conn.exec_driver_sql("SELECT count(*) FROM attempts")).scalar() or 0)

    clock.advance(KEPT_MS)
    await shop.desk.upkeep.purge()
    assert await kept() == 4
    clock.advance(1)
    await shop.desk.upkeep.purge()
    assert await kept() == 2
    for order in (paid, waiting["order"]):
        assert (await browser.get(f"/api/orders/{order}"))["order"] == order


async def test_one_attempt_that_cannot_be_settled_does_not_keep_the_others_waiting(
    banked: Shop, bank: Bank, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    browser = banked.browser()
    bank.answers = [Pending("ref")] * 2
    for _ in range(2):
        await browser.checkout(bank_order(("tee-m", 1)))
    async with banked.ledger.write() as conn:
        stuck = [AttemptState.PENDING]
        await queries.move_attempt(conn, bank.started[0], AttemptState.PENDING, before=stuck, method="gone")
    bank.standing = Approved("ref")
    clock.advance(CHECK_MS + 1)
    await banked.desk.upkeep.perform()
    assert (await the_attempt(banked, bank.started[1])).state == AttemptState.PAID
    assert (await the_attempt(banked, bank.started[0])).state == AttemptState.PENDING
    assert bank.started[0] in caplog.text


async def test_two_answers_about_one_payment_count_once(banked: Shop, bank: Bank) -> None:
    browser = banked.browser()
    bank.answers = [Pending("ref")]
    _, answer = await browser.checkout(bank_order(("tee-m", 1)))
    attempt = await the_attempt(banked, bank.started[0])
    settle = banked.desk.settlement.settle
    await asyncio.gather(*(settle(attempt, Approved("ref")) for _ in range(4)))
    assert await banked.left("tee-m") == TEES - 1
    assert (await browser.get(f"/api/orders/{answer['order']}"))["state"] == "paid"
