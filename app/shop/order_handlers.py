"""Orders over HTTP, for their own shopper."""

import re

from aiohttp import web

from app import keys, legal_texts
from app.customers.sessions import shopper
from app.edge import json_response
from app.errors import BadRequest, NotFound
from app.host.guard import is_host
from app.language import known
from app.shop import queries
from app.shop.attempt import CHECK_MS
from app.shop.cart import ID_PATTERN
from app.shop.orders import find_view
from app.shop.receipt import POLICY, receipt_page

PAGE = 50
PAGE_MAX = 200
# A customer who is impatient has the provider asked this often, and not more.
ASK_AGAIN_MS = 3000
# When the last one of a page was made, and its id.
CURSOR_PATTERN = r"^[0-9]{1,15}\.[A-Za-z0-9_-]{1,64}$"


async def order(request: web.Request) -> web.Response:
    """GET /api/orders/{id}: its own shopper or the host; everybody else reads that there is none."""
    order_id, host = named(request, "id"), await is_host(request)
    async with request.app[keys.LEDGER].read() as conn:
        found = await find_view(conn, order_id, shopper=None if host else shopper(request))
    if found is None:
        raise unknown()
    return json_response(found)


async def receipt(request: web.Request) -> web.Response:
    """GET /orders/{id}/receipt: a paid order on a sheet to print; its own shopper or the host."""
    order_id, app = named(request, "id"), request.app
    host = await is_host(request)
    async with app[keys.LEDGER].read() as conn:
        found = await queries.order_by_id(conn, order_id)
        if found is None or not (host or found.shopper == shopper(request)):
            raise unknown()
        lines, refunds = await queries.lines_of(conn, [order_id]), await queries.refunds_of(conn, [order_id])
    seller = legal_texts.as_html(legal_texts.read(app[keys.CONFIG].data, "imprint", known(found.language) or "en"))
    text = receipt_page(app[keys.DESK].texts, found, lines, refunds, seller)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)


async def check_payment(request: web.Request) -> web.Response:
    """POST /api/orders/{id}/payment: the customer is back from the bank; the provider is asked now. 204 | 404 | 503."""
    order_id = named(request, "id")
    async with request.app[keys.LEDGER].write() as conn:
        attempt = await queries.attempt_of_order(conn, order_id)
        if attempt is None or attempt.shopper != shopper(request):
            raise unknown()
        now_ms = request.app[keys.CLOCK]()
        due = await queries.check_soon(conn, attempt.id, now_ms, now_ms + CHECK_MS - ASK_AGAIN_MS)
    if due:
        await request.app[keys.DESK].upkeep.resolve(attempt.id)
    return web.Response(status=204)


def unknown() -> NotFound:
    """Nobody's order, as far as the asker may know."""
    # The same words for "does not exist" and "is somebody else's", so that nobody can try ids.
    return NotFound("There is no such order of yours; open it in the browser that placed it.")


def named(request: web.Request, part: str) -> str:
    """The id in the request's path. Raises NotFound for what cannot be one."""
    id_ = request.match_info[part]
    if not re.fullmatch(ID_PATTERN, id_):
        raise unknown()
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
    if not re.fullmatch(CURSOR_PATTERN, text):
        raise BadRequest("before is the `next` of the page before.")
    at, _, id_ = text.partition(".")
    return int(at), id_
