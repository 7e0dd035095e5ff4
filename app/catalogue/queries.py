"""The catalogue's SQL. Every function takes a connection of the ledger; the ones that change stock a writing one."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.catalogue.product import Listing
from app.catalogue.tables import products, variants

# Any constant that nothing else locks on.
_IMPORT_LOCK = 7_240_118_905

LEFT = variants.c.quantity - variants.c.allotted - variants.c.reserved - variants.c.sold


@dataclass(frozen=True)
class Stocked:
    """A size and how many of it can be bought now, apart from units that belong to drops."""

    id: str
    sku: str
    size: str
    left: int


@dataclass(frozen=True)
class Shelf:
    """A product with the live stock of its sizes, in the merchant's order."""

    listing: Listing
    variants: tuple[Stocked, ...]


@lru_cache(maxsize=4096)
def listing_in(document: str) -> Listing:
    """The product that a document describes."""
    # Decoding twelve products at every page view would cost more than reading them; equal text is an equal product.
    return msgspec.json.decode(document, type=Listing)


async def existing_skus(conn: AsyncConnection, skus: Iterable[str]) -> set[str]:
    """Those of `skus` that are products on sale."""
    wanted = products.c.sku.in_(list(skus))
    found = await conn.scalars(select(products.c.sku).where(wanted, products.c.retired.is_(False)))
    return set(found)


async def shelves(conn: AsyncConnection, skus: Iterable[str] | None = None) -> list[Shelf]:
    """Products on sale with their stock: all in the shop's order, or the known ones of `skus` in that order."""
    chosen: list[ColumnElement[bool]] = [products.c.retired.is_(False)]
    order = None
    if skus is not None:
        order = {sku: place for place, sku in enumerate(dict.fromkeys(skus))}
        chosen.append(products.c.sku.in_(list(order)))
    rows = await conn.execute(
        select(products.c.sku, products.c.document, variants.c.id, variants.c.size, LEFT.label("left"))
        .join(variants, variants.c.sku == products.c.sku)
        .where(*chosen, variants.c.retired.is_(False))
        .order_by(products.c.position, products.c.sku, variants.c.position)
    )
    documents: dict[str, str] = {}
    sizes: dict[str, list[Stocked]] = {}
    for sku, document, variant, size, left in rows:
        documents[sku] = document
        sizes.setdefault(sku, []).append(Stocked(variant, sku, size, left))
    found = [Shelf(listing_in(documents[sku]), tuple(of_sku)) for sku, of_sku in sizes.items()]
    return found if order is None else sorted(found, key=lambda shelf: order[shelf.listing.product.sku])


async def variants_on_sale(conn: AsyncConnection, ids: Iterable[str]) -> dict[str, tuple[Stocked, Listing]]:
    """The known ones of the variant `ids`, each with its product."""
    rows = await conn.execute(
        select(variants.c.id, variants.c.sku, variants.c.size, LEFT.label("left"), products.c.document)
        .join(products, products.c.sku == variants.c.sku)
        .where(variants.c.id.in_(list(ids)), variants.c.retired.is_(False), products.c.retired.is_(False))
    )
    return {row.id: (Stocked(row.id, row.sku, row.size, row.left), listing_in(row.document)) for row in rows}


async def listings_of(conn: AsyncConnection, ids: Iterable[str]) -> dict[str, tuple[str, Listing]]:
    """Size and product of the variant `ids`, retired ones too: what was sold once can always be named."""
    rows = await conn.execute(
        select(variants.c.id, variants.c.size, products.c.document)
        .join(products, products.c.sku == variants.c.sku)
        .where(variants.c.id.in_(list(ids)))
    )
    return {row.id: (row.size, listing_in(row.document)) for row in rows}


async def _move(conn: AsyncConnection, variant: str, changes: dict[str, int], *, at_least: ColumnElement[bool]) -> bool:
    """Add to counters of one variant if `at_least` holds at that instant."""
    table: Any = variants.c
    values = {name: table[name] + amount for name, amount in changes.items()}
    result = await conn.execute(update(variants).where(variants.c.id == variant, at_least).values(values))
    return result.rowcount == 1


async def reserve(conn: AsyncConnection, variant: str, quantity: int) -> bool:
    """Take units for a payment attempt; False when fewer are left (nothing changes then)."""
    free = (quantity <= LEFT) & variants.c.retired.is_(False)
    return await _move(conn, variant, {"reserved": quantity}, at_least=free)


async def release(conn: AsyncConnection, variant: str, quantity: int) -> bool:
    """Put units of an attempt that came to nothing back on the shelf."""
    return await _move(conn, variant, {"reserved": -quantity}, at_least=variants.c.reserved >= quantity)


async def take_back(conn: AsyncConnection, variant: str, quantity: int) -> bool:
    """Return sold units to the shelf after a refund or a withdrawal."""
    return await _move(conn, variant, {"sold": -quantity}, at_least=variants.c.sold >= quantity)


async def allot(conn: AsyncConnection, variant: str, quantity: int) -> bool:
    """Hand free units over to a drop; False when fewer are left."""
    free = (quantity <= LEFT) & variants.c.retired.is_(False)
    return await _move(conn, variant, {"allotted": quantity}, at_least=free)


async def end_allotment(conn: AsyncConnection, variant: str, quantity: int) -> bool:
    """Give a drop's unsold units back to the shelf."""
    return await _move(conn, variant, {"allotted": -quantity}, at_least=variants.c.allotted >= quantity)


async def adjust(conn: AsyncConnection, variant: str, by: int) -> int | None:
    """Add `by` units (or take free ones away); what is left then, None when it cannot be done."""
    if not await _move(conn, variant, {"quantity": by}, at_least=LEFT + by >= 0):
        return None
    left: int | None = await conn.scalar(select(LEFT).where(variants.c.id == variant))
    return left


async def lock_catalogue(conn: AsyncConnection) -> None:
    """Let only one process import at a time; the next one finds the work done. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        await conn.execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))


async def digests(conn: AsyncConnection) -> dict[str, str]:
    """What is imported: digest by sku, retired products left out."""
    rows = await conn.execute(select(products.c.sku, products.c.digest).where(products.c.retired.is_(False)))
    return {row.sku: row.digest for row in rows}


async def save_product(conn: AsyncConnection, listing: Listing, document: str, digest: str, at_ms: int) -> None:
    """Insert or update a product and its variants; the stock of a variant that is known already stays as it is."""
    product = listing.product
    values = {
        "position": product.position, "document": document, "digest": digest, "retired": False, "imported_ms": at_ms,
    }  # fmt: skip
    known = await conn.execute(update(products).where(products.c.sku == product.sku).values(values))
    if not known.rowcount:
        await conn.execute(insert(products).values(sku=product.sku, **values))
    await conn.execute(update(variants).where(variants.c.sku == product.sku).values(retired=True))
    for position, variant in enumerate(product.variants):
        facts = {"sku": product.sku, "position": position, "size": variant.size, "retired": False}
        known = await conn.execute(update(variants).where(variants.c.id == variant.id).values(facts))
        if not known.rowcount:
            await conn.execute(insert(variants).values(id=variant.id, quantity=variant.stock, **facts))


async def retire(conn: AsyncConnection, skus: Iterable[str]) -> None:
    """Take products off the shop's list."""
    statement = update(products).where(products.c.sku == bindparam("gone")).values(retired=True)
    for sku in skus:
        await conn.execute(statement, {"gone": sku})


async def picture_version(conn: AsyncConnection, sku: str, file: str) -> str | None:
    """The version of a product's picture; None when the product has no such picture. Retired products keep theirs."""
    document = await conn.scalar(select(products.c.document).where(products.c.sku == sku))
    if document is None:
        return None
    return next((picture.version for picture in listing_in(document).pictures if picture.file == file), None)


async def currency(conn: AsyncConnection) -> str | None:
    """The currency of the shop's prices; None while there is no product."""
    document = await conn.scalar(select(products.c.document).where(products.c.retired.is_(False)).limit(1))
    return None if document is None else listing_in(document).product.price.currency
