"""What is for sale, read from the catalogue for a cart."""

from collections.abc import Iterable

from app.catalogue import queries
from app.catalogue.product import Language, Listing
from app.catalogue.views import picture_urls, text_in
from app.ledger.connection import Connection
from app.shop.cart import Article
from app.shop.money import Money

# A shop without products has no currency; the empty cart needs one all the same.
FALLBACK_CURRENCY = "EUR"


async def articles_on_sale(conn: Connection, variants: Iterable[str], language: Language) -> dict[str, Article]:
    """The known ones of `variants`, with what is left of them now."""
    found = await queries.variants_on_sale(conn, variants)
    return {
        variant: article_of(variant, stocked.size, listing, stocked.left, language)
        for variant, (stocked, listing) in found.items()
    }


async def articles_held(conn: Connection, variants: Iterable[str], language: Language) -> dict[str, Article]:
    """The articles of held units: they are the shopper's, whatever has become of the shelf meanwhile."""
    wanted = list(variants)
    found = await queries.listings_of(conn, wanted) if wanted else {}
    return {variant: article_of(variant, size, listing, 0, language) for variant, (size, listing) in found.items()}


async def shop_currency(conn: Connection) -> str:
    """The shop's one currency."""
    return await queries.currency(conn) or FALLBACK_CURRENCY


def article_of(variant: str, size: str, listing: Listing, left: int, language: Language) -> Article:
    """A size of a product as a cart's article."""
    product = listing.product
    return Article(
        variant=variant,
        sku=product.sku,
        title=text_in(product.title, language),
        size=size,
        material=text_in(product.material, language),
        picture=next(iter(picture_urls(listing)), None),
        price=Money(product.price.amount, product.price.currency),
        vat_basis_points=product.vat_basis_points,
        left=left,
    )
