"""What this process has just kept, so that who goes straight on to pay causes no look at the ledger. No I/O."""

from collections.abc import Iterable

from app.drops.keeping import Held
from app.drops.rules import Drop, Hold

# A few megabytes: more than pay at a time. An older one is looked up.
RECENT_MAX = 8192


class Recent:
    """Holds as they were kept, each told once.

    Whose they are, of what and how many never changes, and their time is only ever made longer; whether one is still
    held is for the guard of what reserves it.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Held] = {}

    def add(self, hold: Hold, drop: Drop) -> None:
        """The ledger has kept it durably."""
        self._kept[hold.id] = Held(
            hold.id, drop.id, drop.variant, drop.per_customer, hold.shopper, hold.quantity, hold.state, hold.expires_ms,
            drop.confirm_email,
        )  # fmt: skip
        if len(self._kept) > RECENT_MAX:
            del self._kept[next(iter(self._kept))]

    def take(self, ids: Iterable[str], now_ms: int) -> tuple[Held, ...]:
        """The known ones of these holds whose time still ran when they were kept."""
        found = (self._kept.pop(id_, None) for id_ in ids)
        return tuple([held for held in found if held is not None and held.expires_ms > now_ms])
