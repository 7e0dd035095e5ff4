"""The drop that a host asks for. Pure; the picture's and the server's time are arguments."""

import secrets
from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta

from app.drops import rules
from app.drops.draw.rules import SEED_BYTES
from app.drops.rules import Drop
from app.errors import Unprocessable
from app.ledger.clock import parse_rfc3339

Name = Annotated[str, Meta(min_length=1, max_length=64)]
# A reveal may be stamped on a frame that went by a moment ago; viewers can still seek to it.
REVEAL_BACK_MS = 120_000
REVEAL_AHEAD_MS = 24 * 3600 * 1000


class BadDrop(Unprocessable):
    """The numbers do not make a drop."""

    slug = "bad-drop"
    title = "This drop cannot be made"


class DropRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /api/drops."""

    event: Name
    sku: Name
    variant: Name
    quantity: Annotated[int, Meta(ge=1, le=rules.QUANTITY_MAX)]
    per_customer: Annotated[int, Meta(ge=1, le=rules.QUANTITY_MAX)] = 1
    reveal_at_ms: int | None = None
    opens_after_ms: Annotated[int, Meta(ge=0, le=rules.OPENS_AFTER_MAX_MS)] = rules.OPENS_AFTER_MS
    draw_ms: Annotated[int, Meta(ge=0, le=rules.DRAW_MAX_MS)] = rules.DRAW_MS
    closes_at: str | None = None
    confirm_email: bool = False

    def means(self, drop: Drop) -> bool:
        """Whether this body asks for `drop`, which an earlier request with the same key has made."""
        return (
            (self.event, self.sku, self.variant, self.quantity, self.draw_ms)
            == (drop.event, drop.sku, drop.variant, drop.quantity, drop.draw_ms)
            and self.confirm_email == drop.confirm_email
            and min(self.per_customer, self.quantity) == drop.per_customer
            and self.opens_after_ms == drop.opens_at_ms - drop.reveal_at_ms
            and self.reveal_at_ms in (None, drop.reveal_at_ms)
            and _closes_ms(self.closes_at) == drop.closes_at_ms
        )


def plan(
    asked: DropRequest, drop_id: str, media_ms: int, now_ms: int, random: Callable[[int], bytes] = secrets.token_bytes
) -> Drop:
    """The drop; without `reveal_at_ms` it is revealed on the newest frame, `media_ms`. Raises BadDrop."""
    reveal_at_ms = media_ms if asked.reveal_at_ms is None else asked.reveal_at_ms
    if not now_ms - REVEAL_BACK_MS <= reveal_at_ms <= now_ms + REVEAL_AHEAD_MS:
        raise BadDrop("reveal_at_ms is too far from now; use the media time of a frame of this show, or leave it out.")
    opens_at_ms, closes_at_ms = reveal_at_ms + asked.opens_after_ms, _closes_ms(asked.closes_at)
    if closes_at_ms is not None and closes_at_ms <= max(now_ms, opens_at_ms + asked.draw_ms + rules.DRAW_GRACE_MS):
        raise BadDrop("closes_at lies before the drop has opened and drawn; use a later time, or leave it out.")
    return Drop(
        id=drop_id, event=asked.event, sku=asked.sku, variant=asked.variant, quantity=asked.quantity,
        per_customer=min(asked.per_customer, asked.quantity), reveal_at_ms=reveal_at_ms, opens_at_ms=opens_at_ms,
        draw_ms=asked.draw_ms, closes_at_ms=closes_at_ms, seed=random(SEED_BYTES).hex(), created_ms=now_ms,
        confirm_email=asked.confirm_email,
    )  # fmt: skip


def _closes_ms(text: str | None) -> int | None:
    try:
        return None if text is None else parse_rfc3339(text)
    except ValueError:
        raise BadDrop("closes_at is not a time; use RFC 3339 such as 2026-02-28T20:00:00Z.") from None
