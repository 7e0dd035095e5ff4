"""Writing down what becomes of holds, for whole batches at once: parts of a `Work`.

Rows are locked in the order holds, drops, each by id, as in `app.drops.queries`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from app.drops.rules import Hold, HoldState
from app.ledger.statement import Id, Statement, Step, Work, ask, at_once, look


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


class Units(Struct, frozen=True):
    """A hold's units."""

    id: str
    drop: str
    quantity: int


class _Count(Struct, frozen=True):
    drop: str
    quantity: int


class _Kept(Struct, frozen=True):
    id: str
    drop_id: str
    shopper: str
    quantity: int
    state: str
    created_ms: int
    expires_ms: int


_GRANT = Statement(
    """
    UPDATE drops SET held = drops.held + rows.quantity FROM rows
    WHERE drops.id = rows."drop" AND drops.epoch = rows.epoch AND drops.ended_ms IS NULL
    AND rows.quantity <= drops.quantity - drops.held - drops.reserved - drops.sold - drops.returned
    RETURNING drops.id
    """,
    _Granted,
)
_KEEP = Statement.insert("holds", _Kept)
_HELD = (
    "SELECT holds.id, drops.id, drops.variant, drops.per_customer, holds.shopper, holds.quantity, holds.state, "
    "holds.expires_ms, drops.confirm_email FROM holds JOIN drops ON drops.id = holds.drop_id "
    "WHERE holds.id IN (SELECT id FROM rows) ORDER BY holds.id"
)
_FIND = Statement(_HELD, Id, lock="holds")
_LOOK = Statement(_HELD, Id)


def _step(before: HoldState, after: HoldState) -> tuple[Statement, Statement]:
    """Holds that go from one state to the next, and their drops' counters of these names."""
    # Joined, so that they are locked in the order of the rows.
    move = f"UPDATE holds SET state = '{after}' FROM rows WHERE holds.id = rows.id AND holds.state = '{before}'"  # noqa: S608 - names only
    count = (
        f"UPDATE drops SET {before} = drops.{before} - rows.quantity, {after} = drops.{after} + rows.quantity "  # noqa: S608 - names only
        f'FROM rows WHERE drops.id = rows."drop" AND drops.{before} >= rows.quantity RETURNING drops.id'
    )
    return Statement(f"{move} RETURNING holds.id", Id), Statement(count, _Count)


_RESERVE = _step(HoldState.HELD, HoldState.RESERVED)
_SELL = _step(HoldState.RESERVED, HoldState.SOLD)


def keep_holds(asked: Sequence[tuple[Hold, int]]) -> Work[list[bool]]:
    """Keep holds that the gate granted in an epoch: the step that each waits for before its 201.

    False for those whose epoch is over or that do not fit.
    """
    wanted: Counter[tuple[str, int]] = Counter()
    for hold, epoch in asked:
        wanted[hold.drop, epoch] += hold.quantity
    if len(wanted) == 1:
        ((drop, epoch), quantity), rows = *wanted.items(), [_row(hold) for hold, _ in asked]
        if (yield from at_once([(_GRANT, [_Granted(drop, epoch, quantity)]), (_KEEP, rows)])):
            return [True] * len(asked)
    kept = set()
    for (drop, epoch), quantity in sorted(wanted.items()):
        if (yield from ask(_GRANT, [_Granted(drop, epoch, quantity)])):
            kept.add((drop, epoch))
    fitting = [hold for hold, epoch in asked if (hold.drop, epoch) in kept]
    if fitting:
        yield [(_KEEP, [_row(hold) for hold in fitting])]
    return [(hold.drop, epoch) in kept for hold, epoch in asked]


def find_held(ids: Iterable[str]) -> Work[dict[str, Held]]:
    """The known ones of these holds, which nobody else can change until the transaction ends."""
    wanted = [Id(hold) for hold in sorted(set(ids))]
    return {row[0]: Held(*row) for row in (yield from ask(_FIND, wanted))} if wanted else {}


def look_at_held(ids: Iterable[str]) -> Work[dict[str, Held]]:
    """The known ones of these holds, which others may change meanwhile."""
    wanted = [Id(hold) for hold in sorted(set(ids))]
    return {row[0]: Held(*row) for row in (yield from look(_LOOK, wanted))} if wanted else {}


def to_reserve(holds: Sequence[Units]) -> list[Step]:
    """Before the provider is asked: what makes held ones reserved. The first step finds each that was held."""
    return _steps(_RESERVE, holds)


def to_sell(holds: Sequence[Units]) -> list[Step]:
    """In the order's transaction: what makes reserved ones sold. The first step finds each that was reserved."""
    return _steps(_SELL, holds)


def _steps(kind: tuple[Statement, Statement], holds: Sequence[Units]) -> list[Step]:
    if not holds:
        return []
    move, count = kind
    units: Counter[str] = Counter()
    for hold in holds:
        units[hold.drop] += hold.quantity
    counts = [(count, [_Count(drop, quantity)]) for drop, quantity in sorted(units.items())]
    return [(move, [Id(hold) for hold in sorted(hold.id for hold in holds)]), *counts]


def _row(hold: Hold) -> _Kept:
    return _Kept(hold.id, hold.drop, hold.shopper, hold.quantity, hold.state, hold.created_ms, hold.expires_ms)
