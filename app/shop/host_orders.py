"""Orders over HTTP, for the host: lists, CSV, refunds, cancellation, steps."""

import csv
import io

from aiohttp import web
from msgspec import Struct

from app import keys
from app.disputes import queries as disputes
from app.edge import decode, json_response, read_bytes, read_json
from app.errors import BadRequest, Conflict
from app.host.guard import host_only
from app.ledger.clock import rfc3339
from app.payments.provider import Standing
from app.shop import queries
from app.shop.attempt import AttemptState
from app.shop.idempotency import fingerprint, idempotency_key
from app.shop.order import BY_HAND, LEAVING, OrderState, step
from app.shop.order_handlers import cursor, named, page_limit, unknown
from app.shop.orders import find_view, late_payments
from app.shop.refunds import RefundBody
from app.shop.snapshot import decoded
from app.shop.tax import percent
from app.shop.views import order_row

# A year of a busy shop; more belongs into a data warehouse.
CSV_MAX = 100_000
CSV_COLUMNS = (
    "order", "number", "state", "created_at", "email", "name", "country", "line", "sku", "variant", "title", "size",
    "quantity", "refunded", "unit_amount", "currency", "vat_percent", "order_total", "order_refunded",
)  # fmt: skip
# A spreadsheet runs cells that begin with one of these; an apostrophe makes them text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class StateBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The step that the host takes; `despite_dispute`: also where a bank wants the money back, or has it."""

    state: str
    despite_dispute: bool = False


class Disputed(Conflict):
    """A bank wants the order's money back, or has it, and the goods are still here."""

    slug = "order-disputed"
    title = "The payment is disputed"

    def __init__(self) -> None:
        super().__init__("A bank disputes this payment; send the goods only if you mean to, with despite_dispute.")


@host_only
async def orders(request: web.Request) -> web.Response:
    """GET /api/orders: newest first; those that a payment came too late for are a list of their own, on one page."""
    query = request.query
    limit, before = page_limit(query.get("limit")), cursor(query.get("before"))
    state, text = query.get("state", "")[:20] or None, query.get("q", "")[:100] or None
    late = state == AttemptState.LATE
    async with request.app[keys.LEDGER].read() as conn:
        if late:
            found = await late_payments(conn, text)
        else:
            found = await queries.search_orders(conn, state=state, text=text, before=before, limit=limit)
        about = await disputes.of_orders(conn, [one.id for one in found])
    rows = [order_row(one, [dispute for dispute in about if dispute.order_id == one.id]) for one in found]
    more = f"{found[-1].created_ms}.{found[-1].id}" if len(found) == limit and not late else None
    return json_response({"orders": rows, "next": more})


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
    """POST /api/orders/{id}/refund: give money back, once a key. 200 {order} | 404 | 409 | 422."""
    key, order_id = idempotency_key(request.headers.get("Idempotency-Key")), named(request, "id")
    raw = await read_bytes(request)
    body = decode(raw or b"{}", RefundBody)
    await request.app[keys.DESK].refunds.refund(order_id, body, key=key, fingerprint=fingerprint(raw))
    return await _answer(request, order_id)


@host_only
async def cancel(request: web.Request) -> web.Response:
    """POST /api/orders/{id}/cancel: call an order off before it leaves; money goes back. 200 {order} | 404 | 409."""
    key, order_id = idempotency_key(request.headers.get("Idempotency-Key")), named(request, "id")
    await request.app[keys.DESK].cancellation.cancel(order_id, key=key)
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
            raise unknown()
        if found.state != body.state:
            state = step(OrderState(found.state), OrderState(body.state))
            if state in LEAVING and not body.despite_dispute:
                about = await disputes.of_orders(conn, [order_id])
                if any(dispute.state != Standing.WON for dispute in about):
                    raise Disputed
            await queries.change_order(conn, order_id, state=str(state), updated_ms=now_ms)
            # An order may be packed twice, after a part of it was refunded.
            await request.app[keys.DESK].announce(conn, f"order.{state}", order_id, now_ms, str(now_ms))
    return await _answer(request, order_id)


async def _answer(request: web.Request, order_id: str) -> web.Response:
    async with request.app[keys.LEDGER].read() as conn:
        found = await find_view(conn, order_id)
    if found is None:
        raise unknown()
    return json_response(found)


def _plain(cell: object) -> object:
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
