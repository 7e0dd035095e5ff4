"""What is told about a drop: to viewers as a message, to who asks as JSON. Before the reveal, nothing of what it is."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from app.drops import rules
from app.drops.draw.rules import seed_hash
from app.drops.rules import Drop, Hold, State
from app.ledger.clock import rfc3339


class DropView(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A drop over HTTP. `sku` and `variant` appear with the reveal, `seed` with the draw."""

    id: str
    event: str
    state: State
    quantity: int
    held: int
    reserved: int
    sold: int
    left: int
    per_customer: int
    reveal_at_ms: int
    opens_at: str
    opens_at_ms: int
    draw_ms: int
    seed_hash: str
    closes_at: str | None = None
    ended_at: str | None = None
    sku: str | None = None
    variant: str | None = None
    seed: str | None = None
    confirm_email: bool = False


class HoldView(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A shopper's hold. `expires_at` means nothing while it is being paid."""

    hold: str
    drop: str
    event: str
    sku: str
    variant: str
    quantity: int
    state: str
    expires_at: str


class DrawEntry(msgspec.Struct, frozen=True):
    """One customer's place in a draw, under a pseudonym."""

    id: str
    customer: str
    quantity: int
    won: bool


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to recompute a draw: sort the entries by HMAC-SHA-256 of `id` under `seed`, and give in order."""

    drop: str
    seed_hash: str
    seed: str
    quantity: int
    entries: list[DrawEntry]


def drop_view(drop: Drop, now_ms: int, *, told: bool = False) -> DropView:
    """The drop for everybody, or (`told`) for a host who knows what it is."""
    told = told or rules.revealed(drop, now_ms)
    return DropView(
        id=drop.id, event=drop.event, state=rules.state(drop, now_ms), quantity=drop.quantity, held=drop.held,
        reserved=drop.reserved, sold=drop.sold, left=drop.left, per_customer=drop.per_customer,
        reveal_at_ms=drop.reveal_at_ms, opens_at=rfc3339(drop.opens_at_ms), opens_at_ms=drop.opens_at_ms,
        draw_ms=drop.draw_ms, seed_hash=seed_hash(drop.seed),
        closes_at=rfc3339(drop.closes_at_ms) if drop.closes_at_ms is not None else None,
        ended_at=rfc3339(drop.ended_ms) if drop.ended_ms is not None else None,
        sku=drop.sku if told else None, variant=drop.variant if told else None,
        seed=drop.seed if drop.drawn_ms is not None else None, confirm_email=drop.confirm_email,
    )  # fmt: skip


def hold_view(hold: Hold) -> HoldView:
    """The hold for its shopper."""
    return HoldView(
        hold=hold.id, drop=hold.drop, event=hold.event, sku=hold.sku, variant=hold.variant, quantity=hold.quantity,
        state=hold.state, expires_at=rfc3339(hold.expires_ms),
    )  # fmt: skip


def message(drop: Drop, now_ms: int) -> dict[str, Any]:
    """The drop's `drop` message in its present state, as `app.show.log.announce` takes it."""
    view = drop_view(drop, now_ms)
    told: dict[str, Any] = {
        "id": drop.id, "state": view.state.value, "reveal_at_ms": drop.reveal_at_ms, "opens_at_ms": drop.opens_at_ms,
        "opens_at": view.opens_at, "draw_ms": drop.draw_ms, "seed_hash": view.seed_hash,
    }  # fmt: skip
    if view.closes_at is not None:
        told["closes_at"] = view.closes_at
    if view.sku is not None:
        told |= {"sku": drop.sku, "variant": drop.variant, "quantity": drop.quantity}
        told |= {"per_customer": drop.per_customer, "left": drop.left}
    if view.seed is not None:
        told["seed"] = view.seed
    return told


def draw_view(drop: Drop, entries: Sequence[tuple[str, str, int, bool]]) -> Draw:
    """The draw for who wants to check it; `entries`: id, shopper, quantity, won. Shoppers appear as pseudonyms."""
    told = [
        DrawEntry(id_, hashlib.sha256(f"{drop.id}:{shopper}".encode()).hexdigest()[:16], quantity, won)
        for id_, shopper, quantity, won in entries
    ]
    return Draw(drop=drop.id, seed_hash=seed_hash(drop.seed), seed=drop.seed, quantity=drop.quantity, entries=told)
