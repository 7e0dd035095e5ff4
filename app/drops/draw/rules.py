"""The opening draw: who asked within the opening seconds is put in an order that nobody could know before.

The seed's hash is published with the reveal, the seed after the draw. An entry's lot is HMAC-SHA-256 of its id under
the seed; the smallest lots are served first. So everybody can recompute the draw, and nobody, the host included, can
steer it once the hash is public.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

SEED_BYTES = 32


@dataclass(frozen=True)
class Entry:
    """One customer's place in the draw; `id` becomes the id of the hold that it wins."""

    id: str
    drop: str
    shopper: str
    quantity: int
    entered_ms: int


def seed_hash(seed: str) -> str:
    """What is published before: SHA-256 of the seed (hex in, hex out)."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def lot(seed: str, entry_id: str) -> bytes:
    """The entry's lot; the smaller, the earlier."""
    return hmac.digest(bytes.fromhex(seed), entry_id.encode(), "sha256")


def order(seed: str, entry_ids: Iterable[str]) -> list[str]:
    """The entries in the order of their lots. Every order is equally likely to who does not know the seed."""
    return sorted(entry_ids, key=lambda entry_id: lot(seed, entry_id))


def winners(seed: str, entries: Iterable[Entry], left: int) -> list[Entry]:
    """Those who get what they asked for, in order. Who asks for more than is left by then gets nothing; the next one
    may still fit."""
    by_id = {entry.id: entry for entry in entries}
    won = []
    for entry_id in order(seed, by_id):
        entry = by_id[entry_id]
        if entry.quantity <= left:
            left -= entry.quantity
            won.append(entry)
    return won
