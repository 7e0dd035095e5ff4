"""What a checkout would cost right now. Reserves nothing."""

from typing import Annotated

from msgspec import Meta, Struct

from app.catalogue.product import Language
from app.ledger.clock import rfc3339
from app.ledger.connection import Connection
from app.shop.address import Address, delivered_to
from app.shop.articles import articles_held, articles_on_sale, shop_currency
from app.shop.cart import ID_PATTERN, LINES_MAX, Cart, Wanted, merged, price_cart, vat_rate
from app.shop.holds import held_units
from app.shop.money import Money
from app.shop.shipping import HOME, Zone, zone_of
from app.shop.tax import Vat, percent

HoldIds = Annotated[tuple[Annotated[str, Meta(pattern=ID_PATTERN)], ...], Meta(max_length=LINES_MAX)]
Lines = Annotated[tuple[Wanted, ...], Meta(max_length=LINES_MAX)]


class QuoteBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What is wanted; e-mail and address are welcome and not needed."""

    holds: HoldIds = ()
    lines: Lines = ()
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    email: Annotated[str, Meta(max_length=300)] | None = None
    address: Address | None = None
    language: Language | None = None

    @property
    def destination(self) -> str:
        """The country that shipping is worked out for."""
        return self.address.country if self.address else self.country or HOME


class QuoteLine(Struct, frozen=True, kw_only=True):
    """A line of the summary."""

    variant: str
    hold: str | None
    sku: str | None
    title: str
    size: str
    picture: str | None
    material: str
    quantity: int
    price: Money
    total: Money
    vat_percent: float
    left: int
    problem: str | None


class Quote(Struct, frozen=True, kw_only=True):
    """The summary above the order button."""

    lines: list[QuoteLine]
    subtotal: Money
    shipping: Money
    free_from: Money | None
    vat: list[Vat]
    total: Money
    country: str
    export: bool
    ready: bool
    expires_at: str | None
    confirm_email: bool


def zone_for(country: str) -> Zone:
    """The zone of a country. Raises Unprocessable where the shop does not deliver."""
    zone = zone_of(delivered_to(country))
    assert zone is not None, country  # noqa: S101 - delivered_to has just said so
    return zone


async def load_cart(
    conn: Connection,
    shopper: str,
    wanted: tuple[Wanted, ...],
    hold_ids: tuple[str, ...],
    zone: Zone,
    language: Language,
    now_ms: int,
) -> Cart:
    """The priced cart."""
    quantities = merged(wanted)
    unique_holds = list(dict.fromkeys(hold_ids))
    held = await held_units(conn, shopper, unique_holds, now_ms)
    on_sale = await articles_on_sale(conn, quantities, language) if quantities else {}
    of_holds = await articles_held(conn, {one.variant for one in held} - set(on_sale), language)
    articles = {**of_holds, **on_sale}
    currency = next((article.price.currency for article in articles.values()), None)
    known = {one.hold for one in held}
    return price_cart(
        quantities,
        held,
        [hold for hold in unique_holds if hold not in known],
        articles,
        zone,
        currency or await shop_currency(conn),
    )


def quote_view(cart: Cart, country: str, zone: Zone, *, confirm_email: bool) -> Quote:
    """The cart as JSON shows it; `confirm_email`: the customer has to confirm their address first."""
    currency = cart.total.currency
    return Quote(
        lines=[
            QuoteLine(
                variant=line.variant,
                hold=line.hold,
                sku=line.article.sku if line.article else None,
                title=line.article.title if line.article else "",
                size=line.article.size if line.article else "",
                picture=line.article.picture if line.article else None,
                material=line.article.material if line.article else "",
                quantity=line.quantity,
                price=line.price,
                total=line.total,
                vat_percent=percent(vat_rate(line, zone)),
                left=line.quantity if line.hold else (line.article.left if line.article else 0),
                problem=line.problem,
            )
            for line in cart.lines
        ],
        subtotal=cart.subtotal,
        shipping=cart.shipping,
        free_from=None if zone.free_from is None else Money(zone.free_from, currency),
        vat=list(cart.vat),
        total=cart.total,
        country=country,
        export=zone.export,
        ready=cart.ready,
        expires_at=None if cart.expires_ms is None else rfc3339(cart.expires_ms),
        confirm_email=confirm_email,
    )
