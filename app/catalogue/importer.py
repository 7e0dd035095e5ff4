"""Bring the ledger's catalogue to what the merchant's files say; a second run with the same files changes nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.catalogue import queries
from app.catalogue.files import load_catalogue
from app.catalogue.product import Listing
from app.ledger.clock import Clock, now_ms
from app.ledger.connection import Connection
from app.ledger.engine import Ledger


@dataclass(frozen=True)
class Imported:
    """What an import did, by sku."""

    saved: tuple[str, ...]
    retired: tuple[str, ...]


async def import_listings(conn: Connection, listings: list[Listing], at_ms: int) -> Imported:
    """Save what is new or changed and retire what is gone, inside the caller's transaction."""
    before = await queries.digests(conn)
    saved = []
    for listing in listings:
        document = msgspec.json.encode(listing).decode()
        digest = hashlib.sha256(document.encode()).hexdigest()
        if before.pop(listing.product.sku, None) != digest:
            await queries.save_product(conn, listing, document, digest, at_ms)
            saved.append(listing.product.sku)
    await queries.retire(conn, before)
    return Imported(tuple(saved), tuple(sorted(before)))


async def import_catalogue(ledger: Ledger, folder: Path, clock: Clock = now_ms) -> Imported:
    """Load `folder` and import it in one transaction. Raises CatalogueError, and then nothing has changed."""
    listings = load_catalogue(folder)
    async with ledger.write() as conn:
        await queries.lock_catalogue(conn)
        return await import_listings(conn, listings, clock())
