"""What is known of a shopper, over HTTP: to show it, to hand it over, to forget it."""

from aiohttp import web

from app import keys
from app.chat import queries as chat
from app.customers import queries
from app.customers.sessions import renew, shopper
from app.drops import queries as drops
from app.drops.draw import queries as draws
from app.edge import json_response
from app.language import language_of
from app.ledger.clock import rfc3339
from app.mail import queries as mail
from app.mail.receipts import written_out
from app.shop import queries as shop
from app.shop.articles import articles_held
from app.shop.holds import live_units
from app.shop.money import Money
from app.shop.snapshot import decoded

ORDERS_SHOWN = 20
# Everything of a person who shops every day for years.
ORDERS_EXPORTED = 10_000


async def me(request: web.Request) -> web.Response:
    """GET /api/me: last address, live holds, orders."""
    who, language, now_ms = shopper(request), language_of(request), request.app[keys.CLOCK]()
    async with request.app[keys.LEDGER].read() as conn:
        if await queries.revoked(conn, who):
            renew(request)
            units, orders = [], []
        else:
            units = await live_units(conn, who, now_ms)
            orders = await shop.orders_of(conn, who, ORDERS_SHOWN)
        articles = await articles_held(conn, {unit.variant for unit in units}, language)
    # What somebody told us last is what their last order says.
    last = decoded(orders[0].document) if orders else None
    return json_response(
        {
            "email": last.email if last else None,
            "address": last.address if last else None,
            "language": last.language if last else None,
            "holds": [
                {
                    "hold": unit.hold,
                    "drop": unit.drop,
                    "state": unit.state,
                    "sku": articles[unit.variant].sku,
                    "variant": unit.variant,
                    "title": articles[unit.variant].title,
                    "size": articles[unit.variant].size,
                    "quantity": unit.quantity,
                    "price": articles[unit.variant].price,
                    "picture": articles[unit.variant].picture,
                    "expires_at": rfc3339(unit.expires_ms),
                }
                for unit in units
                if unit.variant in articles
            ],
            "orders": [
                {
                    "order": order.id,
                    "number": order.number,
                    "state": order.state,
                    "created_at": rfc3339(order.created_ms),
                    "total": Money(order.amount, order.currency),
                }
                for order in orders
            ],
        }
    )


async def export(request: web.Request) -> web.Response:
    """GET /api/me/export: everything that is stored about the shopper (Article 15 and 20 GDPR)."""
    who = shopper(request)
    async with request.app[keys.LEDGER].read() as conn:
        orders = await shop.orders_of(conn, who, ORDERS_EXPORTED)
        letters = await mail.about_orders(conn, [order.id for order in orders])
        texts, public_url = request.app[keys.DESK].texts, request.app[keys.CONFIG].public_url
        letters = await written_out(conn, texts, public_url, letters)
        tried = await shop.attempts_without_order(conn, who)
        held, drawn = await drops.holds_of(conn, who), await draws.entries_by(conn, who)
        lines = await chat.of_shopper(conn, who)
        addresses = await queries.confirmations_of(conn, who)
    told = {
        "shopper": who,
        "orders": [
            {"order": order.id, "state": order.state, "refunded": order.refunded, "content": decoded(order.document)}
            for order in orders
        ],
        "addresses": [
            {"email": one.email, "confirmed_at": None if one.confirmed_ms is None else rfc3339(one.confirmed_ms)}
            for one in addresses
        ],
        "mails": [{"to": letter.recipient, "subject": letter.subject, "text": letter.text} for letter in letters],
        "payments": [{"state": one.state, "content": decoded(one.document) if one.document else None} for one in tried],
        "draws": [{"drop": entry.drop, "quantity": entry.quantity} for entry in drawn],
        "said": [{"event": line.event, "as": line.author, "text": line.text} for line in lines],
        "holds": [{"hold": hold.id, "drop": hold.drop, "quantity": hold.quantity} for hold in held],
    }
    return json_response(told, headers={"Content-Disposition": 'attachment; filename="my-data.json"'})


async def forget(request: web.Request) -> web.Response:
    """DELETE /api/me: forget the shopper; orders stay for the tax office, without the way to this browser. 204 {}"""
    who = shopper(request)
    async with request.app[keys.LEDGER].write() as conn:
        await queries.forget(conn, who, request.app[keys.CLOCK]())
        await shop.forget_shopper(conn, who)
        await chat.forget(conn, who)
    renew(request)
    return web.Response(status=204)
