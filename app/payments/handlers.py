"""The sandbox's page over HTTP. Only the shopper whose payment it is reaches it."""

import re
from typing import Literal

from aiohttp import web
from msgspec import Struct

from app import keys
from app.customers.sessions import shopper
from app.edge import json_response, read_bytes, read_json
from app.errors import BadRequest, NotFound
from app.language import language_of
from app.payments.page import POLICY, bank_page, local_path
from app.payments.sandbox import Sandbox
from app.shop import queries
from app.shop.attempt import Attempt
from app.shop.cart import ID_PATTERN
from app.shop.money import Money

# Stripe's largest events are about 100 kB.
WEBHOOK_LIMIT = 512 * 1024
# An attempt's id, a refund's with the number of its try, or a dispute's.
SUBJECT_PATTERN = r"[A-Za-z0-9_-]{1,64}(\.\d{1,4})?"


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer tells the bank."""

    decision: Literal["confirm", "deny"]


async def bank(request: web.Request) -> web.StreamResponse:
    """GET /payments/sandbox/{attempt}: the bank's question; a payment that waits no longer leads back at once."""
    attempt, _ = await _own(request)
    back = _back(request, attempt)
    if not attempt.open:
        return _see(back)
    text = bank_page(attempt.id, Money(attempt.amount, attempt.currency), language_of(request), back)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)


async def decide_on_page(request: web.Request) -> web.StreamResponse:
    """POST /payments/sandbox/{attempt}: the page's form."""
    attempt, sandbox = await _own(request)
    body = await read_bytes(request, 1024)
    if body not in (b"decision=confirm", b"decision=deny"):
        raise BadRequest("decision is confirm or deny.")
    await _decide(request, sandbox, attempt, confirm=body == b"decision=confirm")
    return _see(_back(request, attempt))


async def decide(request: web.Request) -> web.Response:
    """POST /api/payments/sandbox/{attempt}: the same for scripts."""
    body = await read_json(request, Decision)
    attempt, sandbox = await _own(request)
    await _decide(request, sandbox, attempt, confirm=body.decision == "confirm")
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.attempt_by_id(conn, attempt.id)
    return json_response({"order": attempt.order_id, "state": found.state if found else attempt.state})


async def stripe_webhook(request: web.Request) -> web.Response:
    """POST /api/payments/stripe/webhook: something happened to a payment; its state is asked for, not believed.

    So events may come twice, late or in any order.
    """
    stripe = request.app[keys.DESK].stripe
    if stripe is None:
        raise NotFound("This shop does not take payments through Stripe.")
    payload = await read_bytes(request, WEBHOOK_LIMIT)
    try:
        subject = stripe.subject_of(payload, request.headers.get("Stripe-Signature", ""))
    except ValueError as error:
        raise BadRequest(f"This is not a webhook of ours: {error}.") from None
    desk = request.app[keys.DESK]
    if subject is not None and re.fullmatch(SUBJECT_PATTERN, subject.id):
        if subject.kind == "attempt":
            await desk.upkeep.resolve(subject.id, subject.reference or None)
        elif subject.kind == "dispute":
            await desk.disputes.follow("stripe", subject.id)
        else:
            await desk.refunds.failed(subject.id)
    return web.Response(status=204)


async def _own(request: web.Request) -> tuple[Attempt, Sandbox]:
    sandbox, id_ = request.app[keys.DESK].sandbox, request.match_info["attempt"]
    async with request.app[keys.LEDGER].read() as conn:
        attempt = await queries.attempt_by_id(conn, id_) if re.fullmatch(ID_PATTERN, id_) else None
    if sandbox is None or attempt is None or attempt.shopper != shopper(request) or attempt.method != "sandbox":
        raise NotFound("There is no such payment of yours.")
    return attempt, sandbox


async def _decide(request: web.Request, sandbox: Sandbox, attempt: Attempt, *, confirm: bool) -> None:
    await sandbox.decide(attempt.id, confirm=confirm)
    await request.app[keys.DESK].upkeep.resolve(attempt.id)


def _back(request: web.Request, attempt: Attempt) -> str:
    return local_path(request.query.get("return"), f"/orders/{attempt.order_id}")


def _see(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})
