"""What a cart costs: lines and holds in, a priced cart out. No I/O; prices and stock are handed in."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta, Struct

from app.shop.money import Money, total
from app.shop.shipping import Zone, shipping
from app.shop.tax import Vat, breakdown

# A wardrobe, not a warehouse: beyond this it is a mistake or a reseller.
LINES_MAX = 40
QUANTITY_MAX = 20

Problem = Literal["sold-out", "unknown", "hold-expired"]
# Everything that we call by an id; the ledger is not asked about anything else.
ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
VariantId = Annotated[str, Meta(pattern=ID_PATTERN)]


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """One size and how many of it."""

    variant: VariantId
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


class Article(Struct, frozen=True):
    """What is sold, as it is named and taxed at this moment, in the customer's language."""

    variant: str
    sku: str
    title: str
    size: str
    material: str
    picture: str | None
    price: Money
    vat_basis_points: int
    left: int


class HeldUnits(Struct, frozen=True):
    """A drop's hold, bought whole. `usable`: it is held and still has time. `state`: held or reserved."""

    hold: str
    drop: str
    variant: str
    quantity: int
    usable: bool
    expires_ms: int
    state: str
    # Whether the drop wants a confirmed e-mail address.
    confirm_email: bool = False


class CartLine(Struct, frozen=True):
    """A line of the summary; `article` is None for a variant that the shop does not know."""

    variant: str
    quantity: int
    article: Article | None
    price: Money
    problem: Problem | None = None
    hold: str | None = None
    drop: str | None = None

    @property
    def total(self) -> Money:
        """What the line costs."""
        return self.price * self.quantity


class Cart(Struct, frozen=True):
    """A priced cart. Lines with a problem count nothing."""

    lines: tuple[CartLine, ...]
    subtotal: Money
    shipping: Money
    vat: tuple[Vat, ...]
    # What the customer pays: goods and shipping, VAT included.
    total: Money
    expires_ms: int | None
    # Whether it can be ordered under a confirmed e-mail address only.
    confirm_email: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can be ordered as it is."""
        return bool(self.lines) and all(line.problem is None for line in self.lines)


def merged(lines: Sequence[Wanted]) -> dict[str, int]:
    """Quantity by variant, in the order of first mention."""
    quantities: dict[str, int] = {}
    for line in lines:
        quantities[line.variant] = quantities.get(line.variant, 0) + line.quantity
    return quantities


def price_cart(
    quantities: Mapping[str, int],
    holds: Sequence[HeldUnits],
    missing_holds: Sequence[str],
    articles: Mapping[str, Article],
    zone: Zone,
    currency: str,
) -> Cart:
    """Price what is wanted. `missing_holds` are ids that are unknown or somebody else's."""
    nothing = Money(0, currency)
    lines = [CartLine("", 0, None, nothing, "hold-expired", hold) for hold in missing_holds]
    expires_ms, confirm_email = None, False
    for held in holds:
        article = articles.get(held.variant)
        problem: Problem | None = None if held.usable and article else "hold-expired"
        price = article.price if article else nothing
        lines.append(CartLine(held.variant, held.quantity, article, price, problem, held.hold, held.drop))
        confirm_email = confirm_email or held.confirm_email
        if held.usable:
            expires_ms = held.expires_ms if expires_ms is None else min(expires_ms, held.expires_ms)
    for variant, quantity in quantities.items():
        article = articles.get(variant)
        if article is None:
            lines.append(CartLine(variant, quantity, None, nothing, "unknown"))
        else:
            sold_out: Problem | None = "sold-out" if quantity > article.left or quantity > QUANTITY_MAX else None
            lines.append(CartLine(variant, quantity, article, article.price, sold_out))
    goods = tuple([(vat_rate(line, zone), line.price, line.quantity) for line in lines if line.problem is None])
    return Cart(tuple(lines), *_sums(goods, zone, currency), expires_ms, confirm_email)


# In a drop everybody buys the same.
@lru_cache(maxsize=256)
def _sums(
    goods: tuple[tuple[int, Money, int], ...], zone: Zone, currency: str
) -> tuple[Money, Money, tuple[Vat, ...], Money]:
    """Subtotal, shipping, VAT and total of so many units of goods at a rate and a price."""
    taxed = tuple((rate, price * quantity) for rate, price, quantity in goods)
    subtotal = total((price for _, price in taxed), currency)
    cost = shipping(zone, subtotal)
    return subtotal, cost, breakdown(taxed, cost), subtotal + cost


def vat_rate(line: CartLine, zone: Zone) -> int:
    """The line's rate in basis points; an export is free of VAT."""
    return 0 if zone.export or line.article is None else line.article.vat_basis_points
