"""A shopper's holds as a cart sees them."""

from collections.abc import Sequence

from app.drops import queries as drops
from app.drops.rules import Hold, HoldState
from app.ledger.connection import Connection
from app.shop.cart import HeldUnits


def as_units(hold: Hold, now_ms: int, *, confirm_email: bool = False) -> HeldUnits:
    """A drop's hold as units for a cart: usable while it is held and its time runs."""
    usable = hold.state == HoldState.HELD and hold.expires_ms > now_ms
    return HeldUnits(
        hold.id, hold.drop, hold.variant, hold.quantity, usable, hold.expires_ms, str(hold.state), confirm_email
    )


async def held_units(conn: Connection, shopper: str, holds: Sequence[str], now_ms: int) -> list[HeldUnits]:
    """The shopper's own ones of `holds`, usable or not; unknown and foreign ones are left out."""
    found = {hold.id: hold for hold in (await drops.find_holds(conn, holds) if holds else ())}
    own = [found[hold] for hold in holds if hold in found and found[hold].shopper == shopper]
    asking = await drops.asking_for_emails(conn, {hold.drop for hold in own}) if own else set()
    return [as_units(hold, now_ms, confirm_email=hold.drop in asking) for hold in own]


async def live_units(conn: Connection, shopper: str, now_ms: int) -> list[HeldUnits]:
    """Everything that the shopper holds or is paying for now."""
    found = await drops.holds_of(conn, shopper)
    return [as_units(hold, now_ms) for hold in found if hold.state == HoldState.RESERVED or hold.expires_ms > now_ms]
