"""Orders over HTTP: for their own shopper, and for the host."""

import csv
import io
import re
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from app import keys
from app.customers.sessions import shopper
from app.edge import decode, json_response, read_bytes, read_json
from app.errors import BadRequest, Conflict, NotFound
from app.host.guard import host_only, is_host
from app.ledger.clock import rfc3339
from app.ledger.connection import Connection
from app.ledger.ids import new_id
from app.mail import queries as mail
from app.mail.letters import withdrawal_confirmation
from app.shop import queries
from app.shop.address import checked_email
from app.shop.attempt import CHECK_MS
from app.shop.cart import ID_PATTERN
from app.shop.idempotency import fingerprint, idempotency_key
from app.shop.order import BY_HAND, OrderState, step, withdrawal_until
from app.shop.record import Order
from app.shop.refunds import RefundBody
from app.shop.snapshot import decoded
from app.shop.tax import percent
from app.shop.views import OrderView, attempt_view, order_row, order_view

PAGE = 50
PAGE_MAX = 200
# A customer who is impatient has the provider asked this often, and not more.
ASK_AGAIN_MS = 3000
# A year of a busy shop; more belongs into a data warehouse.
CSV_MAX = 100_000
CSV_COLUMNS = (
    "order", "number", "state", "created_at", "email", "name", "country", "line", "sku", "variant", "title", "size",
    "quantity", "refunded", "unit_amount", "currency", "vat_percent", "order_total", "order_refunded",
)  # fmt: skip
# A spreadsheet runs cells that begin with one of these; an apostrophe makes them text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class StateBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The step that the host takes."""

    state: str


class WithdrawalBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Who withdraws, and where the confirmation goes (section 356a BGB)."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    email: Annotated[str, Meta(min_length=3, max_length=300)]


async def _view(conn: Connection, order: Order, *, host: bool) -> OrderView:
    attempt = await queries.attempt_by_id(conn, order.attempt)
    lines, refunds = await queries.lines_of(conn, [order.id]), await queries.refunds_of(conn, order.id)
    return order_view(order, lines, attempt.method if attempt else "", refunds, host=host)


async def order(request: web.Request) -> web.Response:
    """GET /api/orders/{id}: its own shopper or the host; everybody else reads that there is none."""
    order_id = named(request, "id")
    host = await is_host(request)
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.order_by_id(conn, order_id)
        if found is not None and (host or found.shopper == shopper(request)):
            return json_response(await _view(conn, found, host=host))
        if found is None:
            attempt = await queries.attempt_of_order(conn, order_id)
            if attempt is not None and (host or attempt.shopper == shopper(request)):
                return json_response(attempt_view(attempt))
    raise _unknown()


async def withdraw(request: web.Request) -> web.Response:
    """POST /api/orders/{id}/withdrawal: the customer withdraws from the contract."""
    body, order_id = await read_json(request, WithdrawalBody), named(request, "id")
    email, now_ms = checked_email(body.email), request.app[keys.CLOCK]()
    async with request.app[keys.LEDGER].write() as conn:
        found = await queries.order_by_id(conn, order_id, lock=True)
        if found is None or found.shopper != shopper(request):
            raise _unknown()
        if found.withdrawn_ms is None:
            if now_ms > withdrawal_until(found.created_ms):
                raise Conflict("The time to withdraw is over; write to us and we look for a way.")
            if found.state == OrderState.REFUNDED:
                raise Conflict("This order is refunded already; there is nothing left to withdraw from.")
            await queries.change_order(conn, order_id, withdrawn_ms=now_ms, updated_ms=now_ms)
            letter = withdrawal_confirmation(
                request.app[keys.DESK].texts,
                decoded(found.document),
                order_id,
                body.name,
                now_ms,
                letter=new_id("mail"),
                recipient=email,
            )
            await mail.add(conn, letter)
            await request.app[keys.DESK].announce(conn, "order.withdrawn", order_id, now_ms, "")
            found = msgspec.structs.replace(found, withdrawn_ms=now_ms, updated_ms=now_ms)
        return json_response(await _view(conn, found, host=False))


async def check_payment(request: web.Request) -> web.Response:
    """POST /api/orders/{id}/payment: the customer is back from the bank; the provider is asked now. 204 | 404 | 503."""
    order_id = named(request, "id")
    async with request.app[keys.LEDGER].write() as conn:
        attempt = await queries.attempt_of_order(conn, order_id)
        if attempt is None or attempt.shopper != shopper(request):
            raise _unknown()
        now_ms = request.app[keys.CLOCK]()
        due = await queries.check_soon(conn, attempt.id, now_ms, now_ms + CHECK_MS - ASK_AGAIN_MS)
    if due:
        await request.app[keys.DESK].upkeep.resolve(attempt.id)
    return web.Response(status=204)


@host_only
async def orders(request: web.Request) -> web.Response:
    """GET /api/orders: newest first."""
    query = request.query
    limit = page_limit(query.get("limit"))
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.search_orders(
            conn,
            state=query.get("state", "").replace("\0", "")[:20] or None,
            text=query.get("q", "").replace("\0", "")[:100] or None,
            before=cursor(query.get("before")),
            limit=limit,
        )
    more = f"{found[-1].created_ms}.{found[-1].id}" if len(found) == limit else None
    return json_response({"orders": [order_row(one) for one in found], "next": more})


@host_only
async def orders_csv(request: web.Request) -> web.Response:
    """GET /api/orders.csv: one row an order line."""
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.search_orders(conn, state=None, text=None, before=None, limit=CSV_MAX)
        by_id = {one.id: one for one in found}
        lines = await queries.all_lines(conn, CSV_MAX)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for line in lines:
        if (one := by_id.get(line.order_id)) is not None:
            cells = (
                one.id, one.number, one.state, rfc3339(one.created_ms), one.email, one.name,
                decoded(one.document).address.country, line.line, line.sku, line.variant, line.title, line.size,
                line.quantity, line.refunded, line.unit_amount, one.currency, percent(line.vat_basis_points),
                one.amount, one.refunded,
            )  # fmt: skip
            writer.writerow([_plain(cell) for cell in cells])
    headers = {"Content-Disposition": 'attachment; filename="orders.csv"', "Cache-Control": "no-store"}
    return web.Response(text=text.getvalue(), content_type="text/csv", charset="utf-8", headers=headers)


@host_only
async def refund(request: web.Request) -> web.Response:
    """POST /api/orders/{id}/refund: give money back, once a key."""
    key, order_id = idempotency_key(request.headers.get("Idempotency-Key")), named(request, "id")
    raw = await read_bytes(request)
    body = decode(raw or b"{}", RefundBody)
    await request.app[keys.DESK].refunds.refund(order_id, body, key=key, fingerprint=fingerprint(raw))
    return await _answer(request, order_id)


@host_only
async def change_state(request: web.Request) -> web.Response:
    """POST /api/orders/{id}/state: packed, shipped, and so on."""
    body, order_id = await read_json(request, StateBody), named(request, "id")
    if body.state not in BY_HAND:
        raise BadRequest(f"state is one of {', '.join(sorted(BY_HAND))}.")
    now_ms = request.app[keys.CLOCK]()
    async with request.app[keys.LEDGER].write() as conn:
        found = await queries.order_by_id(conn, order_id, lock=True)
        if found is None:
            raise _unknown()
        if found.state != body.state:
            state = step(OrderState(found.state), OrderState(body.state))
            await queries.change_order(conn, order_id, state=str(state), updated_ms=now_ms)
            # An order may be packed twice, after a part of it was refunded.
            await request.app[keys.DESK].announce(conn, f"order.{state}", order_id, now_ms, str(now_ms))
    return await _answer(request, order_id)


async def _answer(request: web.Request, order_id: str) -> web.Response:
    async with request.app[keys.LEDGER].read() as conn:
        found = await queries.order_by_id(conn, order_id)
        if found is None:
            raise _unknown()
        return json_response(await _view(conn, found, host=True))


def _unknown() -> NotFound:
    # The same words for "does not exist" and "is somebody else's", so that nobody can try ids.
    return NotFound("There is no such order of yours; open it in the browser that placed it.")


def named(request: web.Request, part: str) -> str:
    """The id in the request's path. Raises NotFound for what cannot be one."""
    id_ = request.match_info[part]
    if not re.fullmatch(ID_PATTERN, id_):
        raise _unknown()
    return id_


def page_limit(text: str | None) -> int:
    """How many entries a page has. Raises BadRequest."""
    if text is None:
        return PAGE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= PAGE_MAX:
        raise BadRequest(f"limit is a number from 1 to {PAGE_MAX}.")
    return int(text)


def cursor(text: str | None) -> tuple[int, str] | None:
    """Where the page before ended. Raises BadRequest."""
    if not text:
        return None
    at, _, id_ = text.partition(".")
    if not re.fullmatch(r"[0-9]{1,15}", at) or not re.fullmatch(ID_PATTERN, id_):
        raise BadRequest("before is the `next` of the page before.")
    return int(at), id_


def _plain(cell: object) -> object:
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
