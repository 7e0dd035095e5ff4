"""A Stripe-shaped server: idempotent, with memory, and as unreliable as its tokens say.

A token reads `ctoken_<behaviour>` or `ctoken_<behaviour>.<payer>`; the payer is the payment method's fingerprint. To
browsers it also serves a small stand-in for Stripe.js, whose form offers the same behaviours, and the pages of banks
and wallets.
"""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

WEBHOOK_SECRET = "whsec_test"
BROWSER = Path(__file__).parent / "stripe_browser"
# Behaviour -> the intent's first state.
STATUS = {
    "ok": "succeeded", "lost": "succeeded", "delayed": "succeeded", "declined": "requires_payment_method",
    "sepa": "processing",
    "3ds": "requires_action", "paypal": "requires_action", "klarna": "requires_action", "alipay": "requires_action",
    "wechat": "requires_action",
}  # fmt: skip
CANCELLABLE = ("requires_action", "requires_payment_method", "requires_confirmation")
CROSS_ORIGIN = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}


class StripeServer:
    """`intents` and `refunds` are what happened; `calls` what was asked."""

    def __init__(self) -> None:
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.disputes: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.broken = False
        # A refund's refusal: (HTTP status, code), or a state of the refund itself.
        self.refund_refusal: tuple[int, str] | str | None = None
        # A `delayed` payment is charged at once and answered when this is set.
        self.answer_now = asyncio.Event()
        # Where events go, each of them twice and the older one last; None: nowhere.
        self.webhook_url: str | None = None
        self.url = ""
        self.clock_s: Callable[[], int] = lambda: int(time.time())
        self._answers: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._numbers = count(1)

    @asynccontextmanager
    async def serve(self, port: int | None = None) -> AsyncIterator[str]:
        app = web.Application()
        app.add_routes(
            [
                web.post("/v1/payment_intents", self.create),
                web.get("/v1/payment_intents", self.list_),
                web.get("/v1/payment_intents/{id}", self.show),
                web.post("/v1/payment_intents/{id}/cancel", self.cancel),
                web.get("/v1/confirmation_tokens/{id}", self.token),
                web.post("/v1/refunds", self.refund),
                web.get("/v1/disputes/{id}", self.show_dispute),
                # What browsers meet: the script, its frames, and the pages of banks and wallets.
                web.get("/endive/stripe.js", self.file),
                web.get("/frames/{file}", self.file),
                web.get("/wallet/{id}", self.wallet),
                web.post("/wallet/{id}", self.decide),
            ]
        )
        server = TestServer(app, port=port)
        await server.start_server()
        self.url = str(server.make_url("")).rstrip("/")
        try:
            yield self.url
        finally:
            await server.close()

    def others(self, name: str, many: int, created_s: int) -> None:
        """Payments that another system has made on the same account."""
        for number in range(many):
            other = {"object": "payment_intent", "status": "succeeded", "metadata": {"invoice": "7"}}
            self.intents[f"pi_{name}{number}"] = {**other, "id": f"pi_{name}{number}", "created": created_s}

    async def create(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        return await self._once(request, form, self._create)

    def _create(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        behaviour = _behaviour(form["confirmation_token"])
        if behaviour not in STATUS:
            return 400, _error("invalid_request_error", "resource_missing", "No such confirmation token.")
        id_ = f"pi_{next(self._numbers)}"
        intent: dict[str, Any] = {
            "id": id_, "object": "payment_intent", "status": STATUS[behaviour], "created": self.clock_s(),
            "client_secret": f"{id_}_secret_{behaviour}",
            "amount": int(form["amount"]), "currency": form["currency"], "last_payment_error": None,
            "metadata": {"attempt": form["metadata[attempt]"], "order": form["metadata[order]"]},
            "next_action": self._action(behaviour, id_, form["return_url"]), "return_url": form["return_url"],
        }  # fmt: skip
        self.intents[id_] = intent
        if behaviour == "declined":
            intent["last_payment_error"] = {"type": "card_error", "code": "card_declined"}
            error = _error("card_error", "card_declined", "Your card was declined.")
            error["error"]["payment_intent"] = {**intent}
            return 402, error
        return 200, intent

    def _action(self, behaviour: str, id_: str, return_url: str) -> dict[str, Any] | None:
        page = f"{self.url}/wallet/{id_}"
        actions: dict[str, Any] = {
            "3ds": {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}},
            "alipay": {"type": "alipay_handle_redirect", "alipay_handle_redirect": {"url": page}},
            "wechat": {"type": "wechat_pay_display_qr_code", "wechat_pay_display_qr_code": {"data": "weixin://"}},
        }  # fmt: skip
        for redirecting in ("paypal", "klarna"):
            actions[redirecting] = {
                "type": "redirect_to_url",
                "redirect_to_url": {"url": page, "return_url": return_url},
            }
        return actions.get(behaviour)

    async def list_(self, request: web.Request) -> web.StreamResponse:
        """The newest first, a page at a time."""
        query = request.query
        since, limit, after = int(query.get("created[gte]", 0)), int(query["limit"]), query.get("starting_after")
        newest = [one for one in list(self.intents.values())[::-1] if one.get("created", 0) >= since]
        first = [one["id"] for one in newest].index(after) + 1 if after else 0
        page = newest[first : first + limit]
        more = len(newest) > first + limit
        return self._say(request, 200, {"object": "list", "data": page, "has_more": more, "url": request.path})

    async def show(self, request: web.Request) -> web.StreamResponse:
        return self._say(request, 200, self.intents[request.match_info["id"]])

    async def token(self, request: web.Request) -> web.StreamResponse:
        token = request.match_info["id"]
        if _behaviour(token) not in STATUS:
            return self._say(request, 404, _error("invalid_request_error", "resource_missing", "No such token."))
        payer = token.partition(".")[2] or None
        preview = {"type": "card", "card": {"brand": "visa", "fingerprint": payer}}
        found = {"id": token, "object": "confirmation_token", "payment_method_preview": preview}
        return self._say(request, 200, found)

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        intent = self.intents[request.match_info["id"]]
        if intent["status"] not in CANCELLABLE:
            error = _error("invalid_request_error", "payment_intent_unexpected_state", "Too late.")
            return self._say(request, 400, error)
        if not self.broken:
            intent["status"] = "canceled"
        return self._say(request, 200, intent)

    async def refund(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}

        def pay(form: dict[str, str]) -> tuple[int, dict[str, Any]]:
            if isinstance(self.refund_refusal, tuple):
                status, code = self.refund_refusal
                return status, _error("invalid_request_error", code, "No.")
            made = {
                "id": f"re_{next(self._numbers)}", "object": "refund", "amount": int(form["amount"]),
                "status": self.refund_refusal or "succeeded", "metadata": {"refund": form["metadata[refund]"]},
            }  # fmt: skip
            self.refunds[str(made["id"])] = {**made, "payment_intent": form["payment_intent"]}
            return 200, made

        return await self._once(request, form, pay)

    def dispute(self, intent: dict[str, Any], status: str, **facts: Any) -> dict[str, Any]:
        """A bank disputes a payment, or a dispute about it goes on."""
        made = self.disputes.setdefault(
            f"dp_{intent['id']}",
            {
                "id": f"dp_{intent['id']}", "object": "dispute", "amount": intent["amount"], "reason": "general",
                "payment_intent": intent["id"], "evidence_details": {"due_by": self.clock_s() + 7 * 86_400},
            },
        )  # fmt: skip
        made |= {"status": status, **facts}
        return {"type": "charge.dispute.updated", "data": {"object": {**made}}}

    async def show_dispute(self, request: web.Request) -> web.StreamResponse:
        found = self.disputes.get(request.match_info["id"])
        if found is None:
            return self._say(request, 404, _error("invalid_request_error", "resource_missing", "No such dispute."))
        assert request.query["expand[0]"] == "payment_intent"
        return self._say(request, 200, {**found, "payment_intent": self.intents[found["payment_intent"]]})

    async def file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("file", "stripe.js")
        return web.FileResponse(BROWSER / Path(name).name, headers={"Cache-Control": "no-store"})

    async def wallet(self, request: web.Request) -> web.StreamResponse:
        """A bank's or wallet's own page, also inside a frame of the script."""
        text = (BROWSER / "wallet.html").read_text().replace("{id}", request.match_info["id"])
        return web.Response(text=text, content_type="text/html")

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """The customer's answer; back to the shop, or to the script that asked in a frame."""
        intent = self.intents[request.match_info["id"]]
        confirmed = (await request.post())["decision"] == "confirm"
        await self.confirm(intent, confirmed=confirmed)
        if request.query.get("framed"):
            text = (BROWSER / "decided.html").read_text().replace("{result}", "ok" if confirmed else "failed")
            return web.Response(text=text, content_type="text/html")
        raise web.HTTPSeeOther(intent["return_url"])

    async def confirm(self, intent: dict[str, Any], *, confirmed: bool = True) -> None:
        """The customer has confirmed or denied, however often they press."""
        if intent["status"] != "requires_action":
            return
        intent["status"] = "succeeded" if confirmed else "requires_payment_method"
        intent["next_action"] = None
        if not confirmed:
            intent["last_payment_error"] = {"type": "card_error", "code": "payment_intent_authentication_failure"}
        if self.webhook_url is not None:
            kinds = ["succeeded" if confirmed else "payment_failed", "requires_action", "created"]
            await self.tell([{"type": f"payment_intent.{kind}", "data": {"object": {**intent}}} for kind in kinds])

    async def tell(self, events: list[dict[str, Any]]) -> None:
        """Send events twice and in any order, as Stripe may."""
        sent = [event for event in events for _ in range(2)]
        random.Random(len(self.calls)).shuffle(sent)
        async with aiohttp.ClientSession() as session:
            for event in sent:
                payload, signature = signed(event)
                headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
                async with session.post(str(self.webhook_url), data=payload, headers=headers) as answer:
                    assert answer.status == 204, await answer.text()

    async def _once(self, request: web.Request, form: dict[str, str], work: Any) -> web.StreamResponse:
        if self.broken:
            return self._say(request, 500, {})
        key, text = request.headers["Idempotency-Key"], json.dumps(form, sort_keys=True)
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = (text, *work(form))
        if known[0] != text:
            error = _error("idempotency_error", "idempotency_key_in_use", "One key, two bodies.")
            return self._say(request, 400, error)
        behaviour = _behaviour(form.get("confirmation_token", ""))
        if behaviour == "lost":
            # Charged, and the answer never arrives.
            self.calls.append("lost")
            assert request.transport is not None
            request.transport.abort()
            await asyncio.sleep(0)
        if behaviour == "delayed":
            await self.answer_now.wait()
        return self._say(request, known[1], known[2])

    def _say(self, request: web.Request, status: int, body: dict[str, Any]) -> web.Response:
        self.calls.append(f"{request.method} {request.path}")
        if self.broken:
            return web.json_response(_error("api_error", "broken", "Sorry."), status=500)
        return web.json_response(body, status=status)


def _behaviour(token: str) -> str:
    return token.removeprefix("ctoken_").partition(".")[0]


def _error(kind: str, code: str, message: str) -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": message}}


def signed(event: dict[str, Any], *, secret: str = WEBHOOK_SECRET, at_s: int | None = None) -> tuple[bytes, str]:
    """A webhook's body and its Stripe-Signature."""
    payload = json.dumps({"object": "event", "id": "evt_1", **event}).encode()
    at = int(time.time()) if at_s is None else at_s
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return payload, f"t={at},v1={digest}"
