"""A Stripe-shaped server: idempotent, with memory, and as unreliable as its tokens say."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

WEBHOOK_SECRET = "whsec_test"
STATUS = {"ok": "succeeded", "3ds": "requires_action", "sepa": "processing", "lost": "succeeded"}


class StripeServer:
    """`intents` and `refunds` are what happened; `calls` what was asked."""

    def __init__(self) -> None:
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.broken = False
        self._answers: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._numbers = count(1)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        app = web.Application()
        app.add_routes(
            [
                web.post("/v1/payment_intents", self.create),
                web.get("/v1/payment_intents", self.list),
                web.get("/v1/payment_intents/{id}", self.show),
                web.post("/v1/payment_intents/{id}/cancel", self.cancel),
                web.post("/v1/refunds", self.refund),
            ]
        )
        server = TestServer(app)
        await server.start_server()
        try:
            yield str(server.make_url("")).rstrip("/")
        finally:
            await server.close()

    async def create(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        return await self._once(request, form, self._create)

    def _create(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        behaviour = form["confirmation_token"].removeprefix("ctoken_")
        if behaviour == "declined":
            return 402, _error("card_error", "card_declined", "Your card was declined.")
        if behaviour not in STATUS:
            return 400, _error("invalid_request_error", "resource_missing", "No such confirmation token.")
        intent: dict[str, Any] = {
            "id": f"pi_{next(self._numbers)}", "object": "payment_intent", "status": STATUS[behaviour],
            "amount": int(form["amount"]), "currency": form["currency"], "last_payment_error": None,
            "metadata": {"attempt": form["metadata[attempt]"], "order": form["metadata[order]"]}, "next_action": None,
        }  # fmt: skip
        if behaviour == "3ds":
            redirect = {"url": "https://bank.example/confirm", "return_url": form["return_url"]}
            intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": redirect}
        self.intents[str(intent["id"])] = intent
        return 200, intent

    async def list(self, request: web.Request) -> web.StreamResponse:
        newest = list(self.intents.values())[::-1]
        return self._say(request, 200, {"object": "list", "data": newest, "has_more": False, "url": request.path})

    async def show(self, request: web.Request) -> web.StreamResponse:
        return self._say(request, 200, self.intents[request.match_info["id"]])

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        intent = self.intents[request.match_info["id"]]
        if intent["status"] != "requires_action":
            return self._say(
                request, 400, _error("invalid_request_error", "payment_intent_unexpected_state", "Too late.")
            )
        intent["status"] = "canceled"
        return self._say(request, 200, intent)

    async def refund(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}

        def pay(form: dict[str, str]) -> tuple[int, dict[str, Any]]:
            made = {"id": f"re_{next(self._numbers)}", "object": "refund", "amount": int(form["amount"])}
            self.refunds[str(made["id"])] = {**made, "payment_intent": form["payment_intent"]}
            return 200, made

        return await self._once(request, form, pay)

    async def _once(self, request: web.Request, form: dict[str, str], work: Any) -> web.StreamResponse:
        key, text = request.headers["Idempotency-Key"], json.dumps(form, sort_keys=True)
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = (text, *work(form))
        if form.get("confirmation_token") == "ctoken_lost":
            # Charged, and the answer never arrives.
            self.calls.append("lost")
            assert request.transport is not None
            request.transport.abort()
            await asyncio.sleep(0)
        assert known[0] == text, "one key, two bodies"
        return self._say(request, known[1], known[2])

    def _say(self, request: web.Request, status: int, body: dict[str, Any]) -> web.Response:
        self.calls.append(f"{request.method} {request.path}")
        if self.broken:
            return web.json_response(_error("api_error", "broken", "Sorry."), status=500)
        return web.json_response(body, status=status)


def _error(kind: str, code: str, message: str) -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": message}}


def signed(event: dict[str, Any], *, secret: str = WEBHOOK_SECRET, at_s: int | None = None) -> tuple[bytes, str]:
    """A webhook's body and its Stripe-Signature."""
    payload = json.dumps({"object": "event", "id": "evt_1", **event}).encode()
    at = int(time.time()) if at_s is None else at_s
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return payload, f"t={at},v1={digest}"
