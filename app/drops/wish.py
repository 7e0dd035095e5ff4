"""What a shopper asks for at a drop's door, and under which id it becomes a hold. No I/O."""

import hashlib

from msgspec import Struct

from app.ledger.ids import new_id, text


class Wish(Struct, frozen=True):
    """What a shopper asks for. `keyed`: under an Idempotency-Key, so the id of the hold is known before."""

    drop: str
    shopper: str
    quantity: int
    hold: str
    keyed: bool


def wish(secret: str, drop: str, shopper: str, quantity: int, key: str | None) -> Wish:
    """The wish; the same key of the same shopper always means the same hold."""
    if key is None:
        return Wish(drop, shopper, quantity, new_id("hld"), False)
    named = hashlib.blake2b(f"{drop}\n{shopper}\n{key}".encode(), key=secret.encode()[:64], digest_size=16)
    return Wish(drop, shopper, quantity, f"hld_{text(named.digest())}", True)
