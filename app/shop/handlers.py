"""The checkout over HTTP: what a form needs to know, the quote, the order."""

from aiohttp import web

from app import keys
from app.customers import queries as customers
from app.customers.sessions import shopper
from app.edge import decode, json_response, read_bytes, read_json, require_json
from app.language import language_of
from app.payments.card_numbers import refuse_card_numbers
from app.shop.address import email_key
from app.shop.articles import shop_currency
from app.shop.idempotency import fingerprint, idempotency_key
from app.shop.money import Money
from app.shop.order import WITHDRAWAL_DAYS
from app.shop.quote import QuoteBody, load_cart, quote_view, zone_for
from app.shop.shipping import ZONES
from app.shop.wish import CheckoutBody, checked

# The release that fits the Stripe library's version of the interface (docs.stripe.com/sdks/stripejs-versioning).
STRIPE_SCRIPT = "/endive/stripe.js"
LEGAL = ("imprint", "terms", "privacy", "withdrawal")


async def shop(request: web.Request) -> web.Response:
    """GET /api/shop: countries, shipping, payment methods."""
    config = request.app[keys.CONFIG]
    async with request.app[keys.LEDGER].read() as conn:
        currency = await shop_currency(conn)
    countries = [
        {
            "code": country,
            "shipping": Money(zone.rate, currency),
            "free_from": None if zone.free_from is None else Money(zone.free_from, currency),
            "days": zone.days,
            "export": zone.export,
        }
        for zone in ZONES
        for country in zone.countries
    ]
    told = {
        "currency": currency,
        "countries": countries,
        "payment_methods": sorted(request.app[keys.DESK].providers),
        "withdrawal_days": WITHDRAWAL_DAYS,
        "legal": LEGAL,
    }
    if config.stripe is not None:
        told["stripe"] = {
            "publishable_key": config.stripe.publishable_key,
            "script": f"{config.stripe.script_origin}{STRIPE_SCRIPT}",
        }
    return json_response(told)


async def quote(request: web.Request) -> web.Response:
    """POST /api/checkout/quote: what it would cost right now."""
    body = await read_json(request, QuoteBody)
    zone, who = zone_for(body.destination), shopper(request)
    language = body.language or language_of(request)
    async with request.app[keys.LEDGER].read() as conn:
        now_ms = request.app[keys.CLOCK]()
        cart = await load_cart(conn, who, body.lines, body.holds, zone, language, now_ms)
        known = body.email is not None and await customers.confirmed(conn, who, email_key(body.email))
    confirm_email = cart.confirm_email and not known
    return json_response(quote_view(cart, body.destination, zone, confirm_email=confirm_email))


async def checkout(request: web.Request) -> web.Response:
    """POST /api/checkout: place the order."""
    key = idempotency_key(request.headers.get("Idempotency-Key"))
    require_json(request)
    raw = await read_bytes(request)
    # Before anything else looks at the body: messages of later checks repeat parts of it.
    refuse_card_numbers(raw)
    desk = request.app[keys.DESK]
    wish = checked(
        decode(raw, CheckoutBody),
        shopper=shopper(request),
        key=key,
        fingerprint=fingerprint(raw),
        language=language_of(request),
        methods=desk.providers,
    )
    answer = await desk.checkout.place(wish)
    return web.Response(
        status=answer.status,
        body=answer.body.encode(),
        headers={"Content-Type": answer.content_type, "Cache-Control": "no-store"},
    )
