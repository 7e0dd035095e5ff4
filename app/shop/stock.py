"""Everything scarce that a given up attempt or a returned order gives back, or takes again: holds, shares, stock.

Rows are locked in that order, each kind sorted, as everywhere in the shop, so that no two transactions wait for each
other in a circle.
"""

from collections.abc import Mapping, Sequence

from app.catalogue import queries as catalogue
from app.drops import queries as drops
from app.drops.rules import Hold, HoldState
from app.ledger.connection import Connection
from app.shop import queries
from app.shop.record import OrderLine
from app.shop.refusals import LimitReached, SoldOut
from app.shop.snapshot import Snapshot


class Miscounted(RuntimeError):
    """A counter refused a step that an earlier one guaranteed. The transaction is undone; see `verify-ledger`."""


async def reserve_again(
    conn: Connection, snapshot: Snapshot, shopper: str, customer: Sequence[str], now_ms: int
) -> None:
    """Reserve the units of an attempt that was given up and then charged after all.

    `customer`: the names under which shares of drops are counted. Raises SoldOut, LimitReached or HoldExpired; the
    caller's transaction is undone then.
    """
    if snapshot.holds:
        found = await drops.reclaim(conn, snapshot.holds)
        if rest := sorted(set(snapshot.holds) - {hold.id for hold in found}):
            await drops.reserve(conn, rest, shopper, now_ms)
    await _take_shares_and_stock(conn, snapshot, customer)


async def release(
    conn: Connection, snapshot: Snapshot, customer: Sequence[str], now_ms: int, *, retry: bool
) -> list[Hold]:
    """Give everything back that an attempt took; with `retry` holds stay held for another payment.

    The holds that are nobody's now: `app.drops.holds.forget` wants them after the commit.
    """
    freed: list[Hold] = []
    if snapshot.holds and retry:
        again = await drops.hold_again(conn, snapshot.holds, now_ms)
        # Nobody keeps one for long by being declined again and again.
        freed = [hold for hold in again if hold.state == HoldState.EXPIRED]
    elif snapshot.holds:
        freed = await drops.release(conn, snapshot.holds)
    for drop, quantity in snapshot.from_drops():
        for name in sorted(customer):
            await queries.return_share(conn, drop, name, quantity)
    for variant, quantity in snapshot.from_stock():
        _certain(await catalogue.release(conn, variant, quantity), variant)
    return freed


async def take_back(conn: Connection, lines: Sequence[OrderLine], units: Mapping[int, int]) -> list[Hold]:
    """Sold units of an order's `lines`, by line, can be bought again; the holds that are nobody's now.

    A hold comes back whole or not at all.
    """
    whole = [line.hold_id for line in lines if line.hold_id and units.get(line.line) == line.quantity]
    freed = await drops.take_back(conn, whole) if whole else []
    back = {hold.id for hold in freed}
    for line in sorted(lines, key=lambda line: line.variant):
        quantity = units.get(line.line, 0)
        if line.hold_id is None:
            came = quantity > 0 and await catalogue.take_back(conn, line.variant, quantity)
        else:
            came = line.hold_id in back
        if came:
            await queries.count_restocked(conn, line.order_id, line.line, quantity)
    return freed


async def _take_shares_and_stock(conn: Connection, snapshot: Snapshot, customer: Sequence[str]) -> None:
    for drop_id, quantity in snapshot.from_drops():
        drop = await drops.find(conn, drop_id)
        for name in sorted(customer):
            if drop is None or not await queries.take_share(conn, drop_id, name, quantity, drop.per_customer):
                raise LimitReached(drop_id)
    for variant, quantity in snapshot.from_stock():
        if not await catalogue.reserve(conn, variant, quantity):
            found = await catalogue.variants_on_sale(conn, [variant])
            raise SoldOut([(variant, found[variant][0].left if variant in found else 0)])


def _certain(moved: bool, variant: str) -> None:
    if not moved:
        raise Miscounted(f"the counters of {variant} do not add up")
