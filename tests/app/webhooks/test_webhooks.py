"""What the merchant's systems hear of orders: everything, signed, again and again until they have it."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook as Verifier

from app.backoff import TRIES_MAX, pause_ms
from app.config import Webhook
from app.payments.provider import Approved
from app.shop import queries as orders
from app.shop.attempt import CHECK_MS, CONFIRM_MS
from app.webhooks import queries
from app.webhooks.announcing import announce
from app.webhooks.delivery import BATCH, CLAIM_MS, Delivery
from app.webhooks.duties import deliver
from app.webhooks.signature import headers
from tests.app.shopping import HOST, Browser, ManualClock, Shop, key, open_shop, order_of

SECRET = b"a key of twenty-four bytes"


class Receiver:
    """The merchant's system: answers as it is told, then 204."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    async def receive(self, request: web.Request) -> web.StreamResponse:
        self.heard.append((dict(request.headers), await request.read()))
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 307 else {})

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.heard]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def shop(
    emptied_url: str, redis_url: str, tmp_path: Path, clock: ManualClock, receiver: Receiver
) -> AsyncIterator[Shop]:
    app = web.Application()
    app.router.add_post("/orders", receiver.receive)
    async with TestServer(app) as server:
        webhook = Webhook(str(server.make_url("/orders")), SECRET)
        async with open_shop(emptied_url, redis_url, tmp_path / "data", clock, webhook=webhook) as opened:
            yield opened


@pytest.fixture
async def browser(shop: Shop) -> Browser:
    return shop.browser()


async def test_an_orders_life_is_told_in_signed_messages(
    shop: Shop, browser: Browser, receiver: Receiver, clock: ManualClock
) -> None:
    order = await browser.buy(("tee-m", 2))
    for state in ("packed", "shipped"):
        await browser.ask("POST", f"/api/orders/{order}/state", {"state": state}, headers=HOST)
        clock.advance(1)
    path = f"/api/orders/{order}"
    await browser.ask("POST", f"{path}/withdrawal", {"name": "Ada", "email": "ada@example.org"})
    await browser.ask("POST", f"{path}/refund", {"lines": [{"line": 1, "quantity": 1}]}, headers={**HOST, **key()})
    await deliver(shop.app)
    expected = ["order.paid", "order.packed", "order.shipped", "order.withdrawn", "order.refunded"]
    assert sorted(receiver.types) == sorted(expected)
    data = {json.loads(body)["type"]: json.loads(body)["data"] for _, body in receiver.heard}
    assert {told["order"] for told in data.values()} == {order}
    assert (data["order.paid"]["state"], data["order.shipped"]["state"]) == ("paid", "shipped")
    assert data["order.refunded"]["refunded"]["amount"] == 2490
    # Every message is there once, and there is nothing more to say.
    await deliver(shop.app)
    assert len(receiver.heard) == len(expected)


async def test_money_that_came_too_late_is_told_of_when_it_went_back(
    shop: Shop, browser: Browser, receiver: Receiver, clock: ManualClock
) -> None:
    status, asked = await browser.checkout(order_of(("jacket-xl", 3), behaviour="challenge"))
    assert status == 202, asked
    clock.advance(CONFIRM_MS + CHECK_MS)
    await shop.desk.upkeep.perform()
    await shop.browser().buy(("jacket-xl", 1))
    async with shop.ledger.read() as conn:
        attempt = await orders.attempt_of_order(conn, asked["order"])
    assert attempt is not None
    for _ in range(2):
        await shop.desk.settlement.settle(attempt, Approved("ref"))
        await shop.desk.upkeep.perform()
    await deliver(shop.app)
    told = [json.loads(body) for _, body in receiver.heard]
    (back,) = [one["data"] for one in told if one["data"]["order"] == asked["order"]]
    assert sorted(receiver.types) == ["order.paid", "order.refunded"]
    assert (back["state"], back["reason"], back["refunded"]["amount"]) == ("cancelled", "late", attempt.amount)


async def test_a_signature_is_what_the_specifications_own_library_verifies(receiver: Receiver) -> None:
    import base64
    import time

    body, now_s = b'{"type":"order.paid"}', int(time.time())
    signed = headers(SECRET, "msg_1", now_s, body)
    verifier = Verifier("whsec_" + base64.b64encode(SECRET).decode())
    assert verifier.verify(body, signed) == {"type": "order.paid"}
    with pytest.raises(Exception, match="No matching signature"):
        verifier.verify(body + b" ", signed)
    with pytest.raises(Exception, match="too old"):
        verifier.verify(body, headers(SECRET, "msg_1", now_s - 3600, body))


async def test_a_receiver_that_is_away_hears_it_later_under_the_same_id(
    shop: Shop, browser: Browser, receiver: Receiver, clock: ManualClock
) -> None:
    await browser.buy(("tee-m", 1))
    # A redirect is no delivery: it could lead anywhere.
    receiver.answers = [500, 307, 429]
    for tries in range(1, 5):
        await deliver(shop.app)
        await deliver(shop.app)
        assert len(receiver.heard) == tries
        clock.advance(pause_ms(tries))
    ids = {told["webhook-id"] for told, _ in receiver.heard}
    times = [told["webhook-timestamp"] for told, _ in receiver.heard]
    assert len(ids) == 1 and times == sorted(set(times))
    (message,) = (await browser.get("/api/webhooks", headers=HOST))["webhooks"]
    assert (message["state"], message["tries"], message["error"]) == ("sent", 4, None)


async def test_a_message_is_given_up_after_its_tries_and_can_be_sent_again(
    shop: Shop, browser: Browser, receiver: Receiver, clock: ManualClock
) -> None:
    await browser.buy(("tee-m", 1))
    receiver.answers = [503] * TRIES_MAX
    for tries in range(1, TRIES_MAX + 1):
        await deliver(shop.app)
        clock.advance(pause_ms(tries))
    await deliver(shop.app)
    (message,) = (await browser.get("/api/webhooks", headers=HOST))["webhooks"]
    assert (message["state"], message["error"], len(receiver.heard)) == ("failed", "answered 503", TRIES_MAX)
    again = f"/api/webhooks/{message['id']}/again"
    assert (await browser.ask("POST", again))[0] == 401
    assert [(await browser.ask("POST", again, headers=HOST))[0] for _ in range(2)] == [204, 404]
    await deliver(shop.app)
    assert receiver.heard[-1][0]["webhook-id"] == receiver.heard[0][0]["webhook-id"]
    assert (await browser.get("/api/webhooks", headers=HOST))["webhooks"][0]["state"] == "sent"


async def test_a_receiver_that_is_gone_is_not_asked_again(
    shop: Shop, browser: Browser, receiver: Receiver, clock: ManualClock
) -> None:
    await browser.buy(("tee-m", 1))
    receiver.answers = [410]
    await deliver(shop.app)
    clock.advance(86_400_000)
    await deliver(shop.app)
    assert len(receiver.heard) == 1


async def test_nothing_is_lost_when_the_process_dies_while_it_delivers(
    shop: Shop, browser: Browser, clock: ManualClock
) -> None:
    await browser.buy(("tee-m", 1))

    async def dies(body: bytes, signed: dict[str, str]) -> int:
        raise KeyError("the process ends here")

    with pytest.raises(KeyError):
        await Delivery(shop.ledger, SECRET, dies, clock).perform()
    heard: list[dict[str, str]] = []

    async def answers(body: bytes, signed: dict[str, str]) -> int:
        heard.append(signed)
        return 200

    assert await Delivery(shop.ledger, SECRET, answers, clock).perform() == 0
    clock.advance(CLAIM_MS)
    assert await Delivery(shop.ledger, SECRET, answers, clock).perform() == 1


async def test_a_receiver_that_cannot_be_reached_is_a_receiver_that_is_away(
    shop: Shop, browser: Browser, clock: ManualClock
) -> None:
    await browser.buy(("tee-m", 1))

    async def unreachable(body: bytes, signed: dict[str, str]) -> int:
        raise aiohttp.ClientConnectionError

    await Delivery(shop.ledger, SECRET, unreachable, clock).perform()
    (message,) = (await browser.get("/api/webhooks", headers=HOST))["webhooks"]
    assert (message["state"], message["error"]) == ("waiting", "ClientConnectionError")


async def test_what_a_drop_sold_at_once_is_told_in_one_turn(
    shop: Shop, browser: Browser, receiver: Receiver, clock: ManualClock
) -> None:
    order = await browser.buy(("tee-m", 1))
    async with shop.ledger.write() as conn:
        for number in range(2 * BATCH):
            await announce(conn, "order.packed", order, clock(), str(number))
    await deliver(shop.app)
    assert len({signed["webhook-id"] for signed, _ in receiver.heard}) == 1 + 2 * BATCH


async def test_the_same_change_is_queued_once(shop: Shop, browser: Browser, clock: ManualClock) -> None:
    order = await browser.buy(("tee-m", 1))
    async with shop.ledger.write() as conn:
        for _ in range(2):
            await announce(conn, "order.paid", order, clock(), "")
        await announce(conn, "order.paid", "ord_unknown", clock(), "")
    async with shop.ledger.read() as conn:
        assert len(await queries.newest(conn, None, 10)) == 1


async def test_without_a_receiver_nothing_is_queued(
    migrated_file: Path, redis_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    path = shutil.copy(migrated_file, tmp_path / "quiet.db")
    async with open_shop(f"sqlite:///{path}", redis_url, tmp_path / "data", clock) as quiet:
        browser: Any = quiet.browser()
        await browser.buy(("tee-m", 1))
        await deliver(quiet.app)
        assert (await browser.get("/api/webhooks", headers=HOST))["webhooks"] == []
