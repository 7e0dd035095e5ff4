"""The drop's rules: pure values and functions, with the time as an argument."""

from enum import StrEnum

from msgspec import Struct

# Beyond this a drop is ordinary stock.
QUANTITY_MAX = 100_000
# A reveal may be prepared a day ahead of its opening.
OPENS_AFTER_MAX_MS = 24 * 3600 * 1000
# Requests wait for the draw with their connection open, and proxies close a silent one after half a minute.
DRAW_MAX_MS = 20_000
# When the drop opens after its reveal: the slowest regular viewer has seen it by then.
OPENS_AFTER_MS = 8_000
DRAW_MS = 3_000
# Requests that were sent within the draw's window may still be on their way when it ends.
DRAW_GRACE_MS = 250
# How long a shopper has from the tap to the payment.
HOLD_MS = 5 * 60 * 1000
# After a declined payment the hold lives at least so long, so that another card can be tried...
RETRY_MS = 2 * 60 * 1000
# ...but nobody keeps a unit longer than this by being declined again and again.
HOLD_MAX_MS = 15 * 60 * 1000


class State(StrEnum):
    """What everybody is told about a drop."""

    ANNOUNCED = "announced"
    REVEALED = "revealed"
    OPEN = "open"
    SOLD_OUT = "sold-out"
    ENDED = "ended"


class HoldState(StrEnum):
    """Where a hold is: held, then reserved while it is being paid, then sold; or given back."""

    HELD = "held"
    RESERVED = "reserved"
    SOLD = "sold"
    RELEASED = "released"
    EXPIRED = "expired"


# What a hold may become. A released or expired one comes back only when a payment succeeded late.
TRANSITIONS: dict[HoldState, frozenset[HoldState]] = {
    HoldState.HELD: frozenset({HoldState.RESERVED, HoldState.RELEASED, HoldState.EXPIRED}),
    HoldState.RESERVED: frozenset({HoldState.HELD, HoldState.SOLD, HoldState.RELEASED, HoldState.EXPIRED}),
    HoldState.SOLD: frozenset({HoldState.RELEASED}),
    HoldState.RELEASED: frozenset({HoldState.RESERVED}),
    HoldState.EXPIRED: frozenset({HoldState.RESERVED}),
}
# In these a hold takes units of its drop.
TAKING = (HoldState.HELD, HoldState.RESERVED, HoldState.SOLD)


class Drop(Struct, frozen=True):
    """A drop as the ledger has it. Times are epoch milliseconds.

    Always: held + reserved + sold + returned + left = quantity.
    """

    id: str
    event: str
    sku: str
    variant: str
    quantity: int
    per_customer: int
    reveal_at_ms: int
    opens_at_ms: int
    draw_ms: int
    closes_at_ms: int | None
    seed: str
    created_ms: int
    # The gate's contents count for this number only; every rebuild raises it.
    epoch: int = 0
    held: int = 0
    reserved: int = 0
    sold: int = 0
    # Units that went back to the shelf when the drop ended.
    returned: int = 0
    drawn_ms: int | None = None
    ended_ms: int | None = None
    # The state that was announced last; None before the first.
    announced: str | None = None
    # Whether who orders has to have shown that their e-mail address is theirs.
    confirm_email: bool = False

    @property
    def left(self) -> int:
        """Units that a hold can still take."""
        return self.quantity - self.held - self.reserved - self.sold - self.returned


class Hold(Struct, frozen=True):
    """Units of a drop that belong to a shopper until `expires_ms`, with what they are."""

    id: str
    drop: str
    event: str
    sku: str
    variant: str
    shopper: str
    quantity: int
    state: HoldState
    created_ms: int
    expires_ms: int


def ended(drop: Drop, now_ms: int) -> bool:
    """Whether nothing can be held any more: the host ended the drop, or its time is over."""
    return drop.ended_ms is not None or (drop.closes_at_ms is not None and now_ms >= drop.closes_at_ms)


def revealed(drop: Drop, now_ms: int) -> bool:
    """Whether it may be told what the drop sells. A drop that ended before its reveal stays a secret."""
    until = drop.ended_ms if drop.ended_ms is not None else now_ms
    return until >= drop.reveal_at_ms


def draws(drop: Drop, now_ms: int) -> bool:
    """Whether requests are collected for the draw, or wait for it."""
    return drop.draw_ms > 0 and drop.drawn_ms is None and now_ms >= drop.opens_at_ms and not ended(drop, now_ms)


def takes_entries(drop: Drop, now_ms: int) -> bool:
    """Whether a request that arrives now takes part in the draw."""
    return draws(drop, now_ms) and now_ms < drop.opens_at_ms + drop.draw_ms


def sells(drop: Drop, now_ms: int) -> bool:
    """Whether the gate decides at once about a request that arrives now."""
    return now_ms >= drop.opens_at_ms and not ended(drop, now_ms) and not draws(drop, now_ms)


def draw_due_ms(drop: Drop) -> int:
    """When the draw takes place."""
    return drop.opens_at_ms + drop.draw_ms + DRAW_GRACE_MS


def state(drop: Drop, now_ms: int) -> State:
    """What the drop is for everybody who looks at it now."""
    if ended(drop, now_ms):
        return State.ENDED
    if now_ms < drop.reveal_at_ms:
        return State.ANNOUNCED
    if now_ms < drop.opens_at_ms:
        return State.REVEALED
    if drop.left <= 0 and not draws(drop, now_ms):
        return State.SOLD_OUT
    return State.OPEN


def after_decline_ms(hold: Hold, now_ms: int) -> int:
    """When a hold expires whose payment was declined now."""
    return max(hold.expires_ms, min(now_ms + RETRY_MS, hold.created_ms + HOLD_MAX_MS))
