"""Writing down what becomes of holds, for whole batches at once: parts of a `Work`.

Rows are locked in the order holds, drops, each by id, as in `app.drops.queries`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from app.drops.rules import Hold, HoldState
from app.ledger.statement import Id, Statement, Work


class Held(Struct, frozen=True):
    """A hold with what a checkout has to know about its drop."""

    id: str
    drop: str
    variant: str
    per_customer: int
    shopper: str
    quantity: int
    state: str
    expires_ms: int
    confirm_email: bool


class _Granted(Struct, frozen=True):
    drop: str
    epoch: int
    quantity: int


class _Units(Struct, frozen=True):
    drop: str
    quantity: int


_GRANT = Statement(
    """
    UPDATE drops SET held = drops.held + rows.quantity FROM rows
    WHERE drops.id = rows."drop" AND drops.epoch = rows.epoch AND drops.ended_ms IS NULL
    AND rows.quantity <= drops.quantity - drops.held - drops.reserved - drops.sold - drops.returned
    RETURNING drops.id
    """,
    _Granted,
)
_KEEP = Statement(
    """
    INSERT INTO holds (id, drop_id, shopper, quantity, state, created_ms, expires_ms)
    SELECT id, "drop", shopper, quantity, state, created_ms, expires_ms FROM rows
    """,
    Hold,
)
_FIND = Statement(
    "SELECT holds.id, drops.id, drops.variant, drops.per_customer, holds.shopper, holds.quantity, holds.state, "
    "holds.expires_ms, drops.confirm_email FROM holds JOIN drops ON drops.id = holds.drop_id "
    "WHERE holds.id IN (SELECT id FROM rows) ORDER BY holds.id",
    Id,
    lock="holds",
)


def _step(before: HoldState, after: HoldState) -> tuple[Statement, Statement]:
    """Holds that go from one state to the next, and their drops' counters of these names."""
    # The empty text keeps SQLite from looking through everything in that state instead of these ids.
    move = f"UPDATE holds SET state = '{after}' WHERE id IN (SELECT rows.id FROM rows) AND state || '' = '{before}'"  # noqa: S608
    count = (
        f"UPDATE drops SET {before} = drops.{before} - rows.quantity, {after} = drops.{after} + rows.quantity "  # noqa: S608
        'FROM rows WHERE drops.id = rows."drop"'
    )
    return Statement(f"{move} RETURNING id", Id), Statement(count, _Units)


_RESERVE = _step(HoldState.HELD, HoldState.RESERVED)
_SELL = _step(HoldState.RESERVED, HoldState.SOLD)


def keep_holds(asked: Sequence[tuple[Hold, int]]) -> Work[list[bool]]:
    """Keep holds that the gate granted in an epoch: the step that each waits for before its 201.

    False for those whose epoch is over or that do not fit.
    """
    wanted: Counter[tuple[str, int]] = Counter()
    for hold, epoch in asked:
        wanted[hold.drop, epoch] += hold.quantity
    kept = set()
    for (drop, epoch), quantity in sorted(wanted.items()):
        if (yield _GRANT, [_Granted(drop, epoch, quantity)]):
            kept.add((drop, epoch))
    fitting = [hold for hold, epoch in asked if (hold.drop, epoch) in kept]
    if fitting:
        yield _KEEP, fitting
    return [(hold.drop, epoch) in kept for hold, epoch in asked]


def find_held(ids: Iterable[str]) -> Work[dict[str, Held]]:
    """The known ones of these holds, which nobody else can change until the transaction ends."""
    wanted = [Id(hold) for hold in sorted(set(ids))]
    return {row[0]: Held(*row) for row in (yield _FIND, wanted)} if wanted else {}


def reserve_held(holds: Sequence[tuple[str, str, int]]) -> Work[bool]:
    """Before the provider is asked: (id, drop, quantity) of held ones become reserved. False: not all of them were."""
    return (yield from _move(_RESERVE, holds))


def sell_reserved(holds: Sequence[tuple[str, str, int]]) -> Work[bool]:
    """In the order's transaction: (id, drop, quantity) of reserved ones become sold. False: not all of them were."""
    return (yield from _move(_SELL, holds))


def _move(step: tuple[Statement, Statement], holds: Sequence[tuple[str, str, int]]) -> Work[bool]:
    if not holds:
        return True
    move, count = step
    if len((yield move, [Id(hold) for hold, _, _ in holds])) != len(holds):
        return False
    units: Counter[str] = Counter()
    for _, drop, quantity in holds:
        units[drop] += quantity
    for drop, quantity in sorted(units.items()):
        yield count, [_Units(drop, quantity)]
    return True
