"""Drops and holds over HTTP."""

import asyncio
import hashlib
from typing import Annotated

import msgspec
from aiohttp import web

from app import keys
from app.address import request_address
from app.catalogue import queries as catalogue
from app.customers.sessions import shopper
from app.drops import queries, rules
from app.drops.draw import queries as draws
from app.drops.draw.fairness import report
from app.drops.errors import KeyReused, NotEnoughStock, UnknownDrop
from app.drops.holds import forget
from app.drops.opening import end_drop, proclaim
from app.drops.planning import BadDrop, DropRequest, plan
from app.drops.rules import Drop
from app.drops.views import draw_view, drop_view, hold_view
from app.drops.wish import wish
from app.edge import json_response, read_json
from app.errors import Conflict, Unavailable, Unprocessable
from app.gate.limits import Rule
from app.host.guard import host_only, is_host
from app.host.memory import did
from app.ledger.clock import rfc3339
from app.ledger.connection import Connection
from app.ledger.ids import new_id
from app.show.log import publish

# An office behind one address may ask this often; LAUFSTEG_ADDRESS_LIMIT scales it.
HOLDS_BY_ADDRESS = Rule("holds-address", most=500, every_s=60, by_address=True)
# A finger taps five times a second at most, and nobody for a minute.
HOLDS_BY_SHOPPER = Rule("holds-shopper", most=300, every_s=60)
KEY_MAX = 255


class HoldRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /api/drops/{id}/holds."""

    quantity: Annotated[int, msgspec.Meta(ge=1, le=rules.QUANTITY_MAX)] = 1


def idempotency_key(request: web.Request) -> str | None:
    """The request's Idempotency-Key. Raises Unprocessable for one that cannot be used."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= KEY_MAX and key.isascii() and key.isprintable()):
        raise Unprocessable(f"Idempotency-Key has to be 1 to {KEY_MAX} printable ASCII characters.")
    return key


@host_only
async def post_drop(request: web.Request) -> web.Response:
    """POST /api/drops: 201 {id, opens_at}."""
    asked = await read_json(request, DropRequest)
    key = idempotency_key(request)
    drop_id = new_id("drp") if key is None else f"drp_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    now_ms = request.app[keys.CLOCK]()
    config = request.app[keys.CONFIG]
    if asked.confirm_email and config.mail is None and not config.demo:
        raise BadDrop("confirm_email needs a mail server for its codes; set SMTP_URL and MAIL_FROM, or leave it out.")
    drop = plan(asked, drop_id, await _media_ms(request, asked.event, now_ms), now_ms)
    async with request.app[keys.LEDGER].write() as conn:
        before = await queries.find(conn, drop_id)
        if before is None:
            on_sale = await catalogue.variants_on_sale(conn, [drop.variant])
            if drop.variant not in on_sale or on_sale[drop.variant][0].sku != drop.sku:
                raise Unprocessable(f"The product {drop.sku!r} has no variant {drop.variant!r} on sale.")
            if not await queries.add(conn, drop):
                left = on_sale[drop.variant][0].left
                raise NotEnoughStock(f"Only {left} of {drop.variant} are free; make the drop smaller.", left=left)
            announcement = await proclaim(conn, drop_id, now_ms)
            await did(conn, request, "dropped", drop.event, drop_id)
        elif not asked.means(before):
            raise KeyReused
    if before is None and announcement is not None:
        await publish(request.app, announcement)
    made = before or drop
    answer = {"id": made.id, "opens_at": rfc3339(made.opens_at_ms), "opens_at_ms": made.opens_at_ms}
    return json_response(answer, 201, {"Location": f"/api/drops/{made.id}"})


async def _media_ms(request: web.Request, event: str, now_ms: int) -> int:
    # The picture's clock is the one that counts; without a picture it is the server's own.
    try:
        async with asyncio.timeout(1):
            now = await request.app[keys.MEDIA_CLIENT].now(event)
    except (Unavailable, TimeoutError):
        return now_ms
    return now.now_ms if now.live else now_ms


async def list_drops(request: web.Request) -> web.Response:
    """GET /api/drops?event=: the event's drops, oldest first."""
    told, now_ms = await is_host(request), request.app[keys.CLOCK]()
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.of_event(conn, request.query.get("event", ""))
    return json_response({"drops": [drop_view(drop, now_ms, told=told) for drop in found]})


async def show_drop(request: web.Request) -> web.Response:
    """GET /api/drops/{id}: {state, quantity, held, reserved, sold, left, opens_at, ...}."""
    async with request.app[keys.LEDGER].read() as conn:
        drop = await queries.find(conn, request.match_info["id"])
    if drop is None:
        raise UnknownDrop
    return json_response(drop_view(drop, request.app[keys.CLOCK](), told=await is_host(request)))


async def _drawn(conn: Connection, request: web.Request, otherwise: str) -> Drop:
    """The drop of the path, whose draw has taken place. Raises UnknownDrop, or Conflict in the words of `otherwise`."""
    drop = await queries.find(conn, request.match_info["id"])
    if drop is None:
        raise UnknownDrop
    if drop.drawn_ms is None:
        raise Conflict(otherwise)
    return drop


async def show_draw(request: web.Request) -> web.Response:
    """GET /api/drops/{id}/draw: the seed and every entry, after the draw."""
    async with request.app[keys.LEDGER].read() as conn:
        drop = await _drawn(conn, request, "The draw has not taken place; its seed is published after it.")
        entries = await draws.entries_with_outcome(conn, drop.id)
    return json_response(draw_view(drop, entries))


@host_only
async def show_fairness(request: web.Request) -> web.Response:
    """GET /api/drops/{id}/fairness: whether the moment of asking decided who won, and who got how much."""
    async with request.app[keys.LEDGER].read() as conn:
        drop = await _drawn(conn, request, "There was no draw yet; the report comes with it.")
        entries, granted = await draws.entries_of(conn, drop.id), await queries.granted(conn, drop.id)
    return json_response(report(drop, entries, granted))


@host_only
async def delete_drop(request: web.Request) -> web.Response:
    """DELETE /api/drops/{id}: end it now. What is held can still be paid."""
    drop = await end_drop(request.app, request.match_info["id"])
    if drop is None:
        raise UnknownDrop
    async with request.app[keys.LEDGER].write() as conn:
        await did(conn, request, "drop-ended", drop.event, drop.id)
    request.app[keys.HOLDS].changed(drop)
    return json_response(drop_view(drop, request.app[keys.CLOCK](), told=True))


async def post_hold(request: web.Request) -> web.Response:
    """POST /api/drops/{id}/holds: 201 {hold, expires_at}."""
    app, who = request.app, shopper(request)
    asked = await read_json(request, HoldRequest)
    key = idempotency_key(request)
    limits = app[keys.LIMITS]
    charged = limits.bucket(HOLDS_BY_ADDRESS, request_address(request)), limits.bucket(HOLDS_BY_SHOPPER, who)
    wanted = wish(app[keys.CONFIG].secret, request.match_info["id"], who, asked.quantity, key)
    hold = await app[keys.HOLDS].ask(wanted, tuple(filter(None, charged)))
    return json_response({"hold": hold.id, "expires_at": rfc3339(hold.expires_ms)}, 201)


async def list_holds(request: web.Request) -> web.Response:
    """GET /api/holds: the shopper's own, with the server's time for the countdown."""
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.holds_of(conn, shopper(request))
    now = rfc3339(request.app[keys.CLOCK]())
    return json_response({"now": now, "holds": [hold_view(hold) for hold in found]})


async def delete_hold(request: web.Request) -> web.Response:
    """DELETE /api/holds/{id}: the shopper gives it back."""
    async with request.app[keys.LEDGER].write() as conn:
        released = await queries.release_own(conn, request.match_info["id"], shopper(request))
    await forget(request.app[keys.GATE], released)
    return web.Response(status=204)
