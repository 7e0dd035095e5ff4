"""Buyers and a host who use the shop through HTTP, and their own log of what they were told: the witness."""

import asyncio
import random
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from app.customers.cookie import NAME, Cookies, Session
from app.ledger.clock import now_ms
from app.ledger.ids import new_id
from tests.crash.world import Bank

SECRET, TOKEN = "s" * 32, "a-token-for-automation"
ADDRESS = {"name": "Ada L", "line1": "Allee 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
# How buyers pay; the bank does as it is told.
WAYS = ("ok", "ok", "ok", "ok", "ok", "ok", "declined", "3ds")
# One buyer in so many walks away from the hold, and one order in so many is kept: the others are refunded, so that the
# drop stays scarce however long it is hammered.
WALKS_AWAY, KEEPS = 12, 8
# One buyer in so many closes the bank's page; the host calls those orders off.
LEAVES_BANK = 4
# Whoever gets no answer for so long reports the shop as dead.
PATIENCE_S = 90.0


@dataclass
class Witness:
    """What buyers and host were told."""

    holds: int = 0
    orders: list[str] = field(default_factory=list)
    refunded: list[str] = field(default_factory=list)
    returns: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    # No more refunds: the drop may sell out for good.
    calm: bool = False
    done: bool = False


@dataclass
class Door:
    """The shop's web processes as a client behind a load balancer sees them."""

    ports: list[int]
    session: aiohttp.ClientSession
    source: random.Random

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """One request, repeated under its key until the shop answers it."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_S:
            url = f"http://127.0.0.1:{self.source.choice(self.ports)}{path}"
            try:
                async with self.session.request(method, url, json=body, headers=headers) as response:
                    answer = await response.json(content_type=None) if response.status != 204 else {}
                    if response.status < 500 and answer.get("type") != "in-progress":
                        return response.status, answer
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
                pass
            await asyncio.sleep(self.source.uniform(0.02, 0.2))
        raise AssertionError(f"{method} {path} had no answer for {PATIENCE_S} s")


async def buy(door: Door, bank: Bank, drop: str, witness: Witness) -> None:
    """One shopper after the other takes a unit and pays it."""
    cookies = Cookies(SECRET)
    while not witness.done:
        cookie = f"{NAME}={cookies.write(Session(new_id('shp'), now_ms()))}"
        path, key = f"/api/drops/{drop}/holds", secrets.token_hex(8)
        status, answer = await door.ask("POST", path, {"quantity": 1}, **{"Cookie": cookie, "Idempotency-Key": key})
        if status == 409:
            await asyncio.sleep(door.source.uniform(0.05, 0.2))
            continue
        assert status == 201, answer
        witness.holds += 1
        if door.source.randrange(WALKS_AWAY):
            await pay(door, bank, answer["hold"], cookie, witness)


async def pay(door: Door, bank: Bank, hold: str, cookie: str, witness: Witness) -> None:
    """Order the hold; what is acknowledged is written down."""
    token = f"ctoken_{door.source.choice(WAYS)}.{secrets.token_hex(6)}"
    order = {
        "holds": [hold], "lines": [], "email": f"{secrets.token_hex(6)}@example.com", "address": ADDRESS,
        "payment": {"method": "stripe", "token": token},
    }  # fmt: skip
    headers = {"Cookie": cookie, "Idempotency-Key": secrets.token_hex(8)}
    status, answer = await door.ask("POST", "/api/checkout", order, **headers)
    assert status in (201, 202, 402, 410), answer
    if status == 402 and door.source.randrange(2):
        await door.ask("DELETE", f"/api/holds/{hold}", Cookie=cookie)
    if status == 202:
        status = await confirm(door, bank, answer["order"], cookie)
    if status == 201:
        witness.orders.append(answer["order"])
        if door.source.randrange(KEEPS):
            witness.returns.put_nowait(answer["order"])


async def confirm(door: Door, bank: Bank, order: str, cookie: str) -> int:
    """Say yes or no at the bank, or nothing, and wait for the order: 201 or 402."""
    intent = bank.intent_of(order)
    assert intent is not None
    if door.source.randrange(LEAVES_BANK):
        await bank.confirm(intent, confirmed=bool(door.source.randrange(4)))
    else:
        status, answer = await door.ask("POST", f"/api/orders/{order}/cancel", **as_host())
        assert status in (200, 409), answer
    while True:
        status, seen = await door.ask("GET", f"/api/orders/{order}", Cookie=cookie)
        assert status == 200, seen
        if seen["state"] not in ("pending", "action-required", "processing"):
            return 402 if seen["state"] == "cancelled" else 201
        await asyncio.sleep(door.source.uniform(0.1, 0.3))


def as_host() -> dict[str, str]:
    """Headers of a request by the host's automation."""
    return {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": secrets.token_hex(8)}


async def give_back(door: Door, witness: Witness) -> None:
    """The host refunds orders whole; their units can be had again."""
    while True:
        order = await witness.returns.get()
        if witness.calm:
            continue
        status, answer = await door.ask("POST", f"/api/orders/{order}/refund", {}, **as_host())
        assert status == 200, answer
        witness.refunded.append(order)
