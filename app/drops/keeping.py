"""Writing down what the gate granted: the step that every hold waits for before its 201, for whole batches at once."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from app.drops.rules import Hold
from app.ledger.statement import Statement, Work


class _Granted(Struct, frozen=True):
    drop: str
    epoch: int
    quantity: int


_COUNT = Statement(
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


def keep_holds(asked: Sequence[tuple[Hold, int]]) -> Work[list[bool]]:
    """Keep holds that the gate granted in an epoch; False for those whose epoch is over or that do not fit."""
    wanted: Counter[tuple[str, int]] = Counter()
    for hold, epoch in asked:
        wanted[hold.drop, epoch] += hold.quantity
    kept = set()
    # One drop after the other, sorted: see app.drops.queries about the order of locks.
    for (drop, epoch), quantity in sorted(wanted.items()):
        if (yield _COUNT, [_Granted(drop, epoch, quantity)]):
            kept.add((drop, epoch))
    fitting = [hold for hold, epoch in asked if (hold.drop, epoch) in kept]
    if fitting:
        yield _KEEP, fitting
    return [(hold.drop, epoch) in kept for hold, epoch in asked]
