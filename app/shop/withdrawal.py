"""The withdrawal function (section 356a BGB), for the browser that bought and for whoever has the order's number."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct, structs

from app import keys
from app.customers.sessions import shopper
from app.edge import json_response, read_json
from app.errors import Conflict, NotFound
from app.ledger.clock import rfc3339
from app.ledger.connection import Connection
from app.ledger.ids import new_id
from app.mail import queries as mail
from app.mail.letters import withdrawal_confirmation
from app.shop import queries
from app.shop.address import checked_email
from app.shop.order import OrderState, withdrawal_until
from app.shop.order_handlers import named, unknown
from app.shop.orders import view_of
from app.shop.record import Order
from app.shop.snapshot import decoded

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Email = Annotated[str, Meta(min_length=3, max_length=300)]


class WithdrawalBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Who withdraws, and where the confirmation goes."""

    name: Name
    email: Email


class NumberedWithdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """The same for somebody without the browser that bought: the number and address of the receipt say which order."""

    name: Name
    number: Annotated[str, Meta(min_length=12, max_length=30)]
    email: Email


async def withdraw(request: web.Request) -> web.Response:
    """POST /api/orders/{id}/withdrawal: the customer withdraws from the contract. 200 {order} | 404 | 409."""
    body, order_id = await read_json(request, WithdrawalBody), named(request, "id")
    email = checked_email(body.email)
    async with request.app[keys.LEDGER].write() as conn:
        found = await queries.order_by_id(conn, order_id, lock=True)
        if found is None or found.shopper != shopper(request):
            raise unknown()
        return json_response(await view_of(conn, await _declare(request, conn, found, body.name, email)))


async def withdraw_by_number(request: web.Request) -> web.Response:
    """POST /api/withdrawals: the same without the browser that bought. 200 {number, declared_at} | 404 | 409."""
    body = await read_json(request, NumberedWithdrawal)
    email = checked_email(body.email)
    number = "".join(character for character in body.number.upper() if character.isascii() and character.isalnum())
    parts = "-".join(number[at : at + 4] for at in range(0, len(number), 4))
    async with request.app[keys.LEDGER].write() as conn:
        found = await queries.order_by_number(conn, parts)
        if found is None or found.email.casefold() != email.casefold():
            raise NotFound("We find no order of this number and e-mail address; both stand in the receipt's mail.")
        declared = await _declare(request, conn, found, body.name, found.email)
        declared_at = rfc3339(declared.withdrawn_ms or 0)
        return json_response({"number": declared.number, "declared_at": declared_at})


async def _declare(request: web.Request, conn: Connection, order: Order, name: str, email: str) -> Order:
    """Note the declaration with its time and confirm it by mail, once an order that the caller has locked."""
    if order.withdrawn_ms is not None:
        return order
    desk, now_ms = request.app[keys.DESK], request.app[keys.CLOCK]()
    if now_ms > withdrawal_until(order.created_ms):
        raise Conflict("The time to withdraw is over; write to us and we look for a way.")
    if order.state in (OrderState.REFUNDED, OrderState.CANCELLED):
        raise Conflict("This order is refunded already; there is nothing left to withdraw from.")
    await queries.change_order(conn, order.id, withdrawn_ms=now_ms, updated_ms=now_ms)
    letter = withdrawal_confirmation(
        desk.texts, decoded(order.document), order.id, name, now_ms, letter=new_id("mail"), recipient=email
    )
    await mail.add(conn, letter)
    await desk.announce(conn, "order.withdrawn", order.id, now_ms, "")
    return structs.replace(order, withdrawn_ms=now_ms, updated_ms=now_ms)
