"""Products as the API shows them, in one language. No I/O but the query for a list of summaries."""

from collections.abc import Iterable

from msgspec import UNSET, Struct, UnsetType, structs

from app.catalogue import queries
from app.catalogue.product import Language, Listing, Price, Texts, Titles
from app.catalogue.queries import Shelf
from app.ledger.connection import Connection


class VariantView(Struct, frozen=True):
    """A size and what is left of it."""

    id: str
    size: str
    left: int


class Measures(Struct, frozen=True):
    """The garment's own measures, by size."""

    unit: str
    sizes: dict[str, dict[str, float]]


class ProductView(Struct, frozen=True, kw_only=True):
    """A product; the long texts are left out of lists."""

    sku: str
    title: str
    slot: str
    price: Price
    vat_percent: float
    material: str
    garment: str | None
    pictures: list[str]
    left: int
    variants: list[VariantView]
    description: str | UnsetType = UNSET
    fit: str | UnsetType | None = UNSET
    care: str | UnsetType | None = UNSET
    origin: str | UnsetType = UNSET
    measures: Measures | UnsetType | None = UNSET


def text_in(texts: Texts | Titles, language: Language) -> str:
    """One language of a text."""
    return {"en": texts.en, "de": texts.de, "zh": texts.zh}[language]


def percent(value: float) -> float:
    """A rate as JSON should show it: 19, not 19.0."""
    return int(value) if value == int(value) else value


def picture_urls(listing: Listing) -> list[str]:
    """The pictures' addresses; they change with the content."""
    base = f"/media/products/{listing.product.sku}"
    return [f"{base}/{picture.file}?v={picture.version}" for picture in listing.pictures]


def summary(shelf: Shelf, language: Language) -> ProductView:
    """A product as lists and shows need it."""
    product = shelf.listing.product
    return ProductView(
        sku=product.sku,
        title=text_in(product.title, language),
        slot=product.slot,
        price=product.price,
        vat_percent=percent(product.vat_percent),
        material=text_in(product.material, language),
        garment=product.garment,
        pictures=picture_urls(shelf.listing),
        left=sum(variant.left for variant in shelf.variants),
        variants=[VariantView(variant.id, variant.size, variant.left) for variant in shelf.variants],
    )


def full(shelf: Shelf, language: Language) -> ProductView:
    """A product with everything that its sheet shows."""
    product = shelf.listing.product
    sizes = {variant.size: variant.measures for variant in product.variants if variant.measures}
    return structs.replace(
        summary(shelf, language),
        description=text_in(product.description, language),
        fit=text_in(product.fit, language) if product.fit else None,
        care=text_in(product.care, language) if product.care else None,
        origin=product.origin,
        measures=Measures("cm", sizes) if sizes else None,
    )


async def summaries(conn: Connection, skus: Iterable[str] | None, language: Language) -> list[ProductView]:
    """The known ones of `skus` in that order (None: every product in the shop's order)."""
    return [summary(shelf, language) for shelf in await queries.shelves(conn, skus)]
