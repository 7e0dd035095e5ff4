"""The world around the shop, which does not die: a bank that loses answers, mail, the merchant's own system."""

import asyncio
import json
import random
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.app.payments.stripe_server import StripeServer, signed
from tests.mail_server import MailServer

# One call in so many is not taken at all; of those that are, one answer in so many never arrives.
BANK_REFUSES, BANK_LOSES = 20, 4
MERCHANT_REFUSES = 10
# A payment that the customer has confirmed is told by webhook in one case of so many; else the shop has to ask.
BANK_TELLS = 2


class Bank(StripeServer):
    """Stripe-shaped; its book says who was charged and who got money back."""

    def __init__(self, source: random.Random) -> None:
        super().__init__()
        self._source = source
        # Web processes of the shop; whichever lives takes an event.
        self.webhook_urls: list[str] = []

    def charged(self) -> dict[str, int]:
        """What each paid intent has brought."""
        return {id_: one["amount"] for id_, one in self.intents.items() if one["status"] == "succeeded"}

    def returned(self) -> dict[str, int]:
        """What was given back of each intent."""
        sums: dict[str, int] = defaultdict(int)
        for refund in self.refunds.values():
            sums[refund["payment_intent"]] += refund["amount"]
        return sums

    def intent_of(self, order: str) -> dict[str, Any] | None:
        """The order's payment."""
        return next((one for one in self.intents.values() if one["metadata"]["order"] == order), None)

    async def confirm(self, intent: dict[str, Any], *, confirmed: bool = True) -> None:
        """The customer has answered; the event comes until it is taken, or the webhook is out of order."""
        await super().confirm(intent, confirmed=confirmed)
        if self._source.randrange(BANK_TELLS):
            return
        payload, signature = signed({"type": "payment_intent.succeeded", "data": {"object": {**intent}}})
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            for _ in range(100):
                url = self._source.choice(self.webhook_urls)
                try:
                    async with session.post(url, data=payload, headers=headers) as answer:
                        if answer.status == 204:
                            return
                except (aiohttp.ClientError, OSError, TimeoutError):
                    pass
                await asyncio.sleep(0.1)

    async def _once(self, request: web.Request, form: dict[str, str], work: Any) -> web.StreamResponse:
        if not self._source.randrange(BANK_REFUSES):
            return web.json_response({"error": {"type": "api_error", "code": "busy", "message": "Later."}}, status=500)
        answer = await super()._once(request, form, work)
        if not self._source.randrange(BANK_LOSES) and request.transport is not None:
            request.transport.abort()
        return answer


@dataclass
class Merchant:
    """The merchant's system: knows messages by their ids, and is not always in the mood."""

    source: random.Random
    # Ids of messages by type and order.
    heard: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    async def take(self, request: web.Request) -> web.Response:
        """One message."""
        if not self.source.randrange(MERCHANT_REFUSES):
            return web.Response(status=503)
        told = json.loads(await request.read())
        self.heard[told["type"], told["data"]["order"]].add(request.headers["webhook-id"])
        return web.Response(status=204)


@dataclass
class World:
    """Everything outside."""

    bank: Bank
    bank_url: str
    mail: MailServer
    mail_url: str
    merchant: Merchant
    merchant_url: str

    def receipts(self) -> dict[str, set[str]]:
        """The Message-IDs of the mails that name each order's page."""
        found: dict[str, set[str]] = defaultdict(set)
        for raw in self.mail.taken:
            text = raw.replace(b"=\r\n", b"").decode(errors="replace")
            page, id_ = re.search(r"/orders/(ord_[\w-]+)", text), re.search(r"Message-ID: (<.*>)", text)
            if page and id_:
                found[page[1]].add(id_[1])
        return found


@asynccontextmanager
async def open_world(source: random.Random) -> AsyncIterator[World]:
    """The bank, the mail server and the merchant's system, on ports of their own."""
    bank, merchant = Bank(source), Merchant(source)
    receiver = web.Application()
    receiver.router.add_post("/orders", merchant.take)
    server = TestServer(receiver)
    await server.start_server()
    async with bank.serve() as bank_url, MailServer().serve() as (mail, mail_url):
        try:
            yield World(bank, bank_url, mail, mail_url, merchant, str(server.make_url("/orders")))
        finally:
            await server.close()
