"""The drops' SQL. The first argument is a connection of the ledger; what changes something needs a writing one.

Rows are locked in the order holds, drops, variants, each by id, so that no two transactions wait for each other.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import asdict, replace
from sqlalchemy import ColumnElement, Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.catalogue import queries as stock
from app.drops.errors import BeingPaid, HoldExpired, UnknownHold
from app.drops.rules import TAKING, TRANSITIONS, Drop, Hold, HoldState, State, after_decline_ms
from app.drops.tables import drops, holds

LEFT = drops.c.quantity - drops.c.held - drops.c.reserved - drops.c.sold - drops.c.returned

_HOLD = (
    holds.c.id, drops.c.id.label("drop"), drops.c.event, drops.c.sku, drops.c.variant,
    holds.c.shopper, holds.c.quantity, holds.c.state, holds.c.created_ms, holds.c.expires_ms,
)  # fmt: skip
_HOLDS = select(*_HOLD).join(drops, drops.c.id == holds.c.drop_id)
# One expiry transaction gives back at most this many, so that nobody waits long for it.
EXPIRED_AT_ONCE = 500


def _hold(row: Any) -> Hold:
    found = Hold(**row._mapping)
    return replace(found, state=HoldState(found.state))


async def add(conn: AsyncConnection, drop: Drop) -> bool:
    """Keep a new drop; its units leave the variant's shelf. False when too few are there (nothing changes then)."""
    if not await stock.allot(conn, drop.variant, drop.quantity):
        return False
    await conn.execute(insert(drops).values(asdict(drop)))
    return True


async def find(conn: AsyncConnection, drop: str, *, lock: bool = False) -> Drop | None:
    """The drop, or None. With `lock` nobody else can change it until this transaction ends."""
    statement = select(drops).where(drops.c.id == drop)
    row = (await conn.execute(statement.with_for_update() if lock else statement)).first()
    return Drop(**row._mapping) if row else None


async def of_event(conn: AsyncConnection, event: str) -> list[Drop]:
    """The event's drops, oldest first."""
    rows = await conn.execute(select(drops).where(drops.c.event == event).order_by(drops.c.created_ms, drops.c.id))
    return [Drop(**row._mapping) for row in rows]


async def running(conn: AsyncConnection) -> list[Drop]:
    """Every drop whose end was not announced yet."""
    open_ended = drops.c.announced.is_(None) | (drops.c.announced != State.ENDED)
    return [Drop(**row._mapping) for row in await conn.execute(select(drops).where(open_ended).order_by(drops.c.id))]


async def set_announced(conn: AsyncConnection, drop: Drop, state: State) -> bool:
    """Claim the announcement of `state`; False when another process was faster."""
    before = drops.c.announced.is_(None) if drop.announced is None else drops.c.announced == drop.announced
    result = await conn.execute(update(drops).where(drops.c.id == drop.id, before).values(announced=state))
    return result.rowcount == 1


async def raise_epoch(conn: AsyncConnection, drop: Drop) -> int:
    """The next epoch of the drop's gate; what was decided in an earlier one is not kept any more."""
    await conn.execute(update(drops).where(drops.c.id == drop.id).values(epoch=drop.epoch + 1))
    return drop.epoch + 1


async def end(conn: AsyncConnection, drop: Drop, now_ms: int) -> bool:
    """End a locked drop: what is left returns to the shelf, and what is held follows when it is given back."""
    if drop.ended_ms is not None:
        return False
    values = {"ended_ms": now_ms, "returned": drop.returned + drop.left, "epoch": drop.epoch + 1}
    await conn.execute(update(drops).where(drops.c.id == drop.id).values(values))
    if drop.left:
        await stock.end_allotment(conn, drop.variant, drop.left)
    return True


async def _count(
    conn: AsyncConnection, drop: str, changes: dict[str, int], *guards: ColumnElement[bool]
) -> Row[Any] | None:
    """Add to counters of one drop if every guard holds at that instant; None when one does not."""
    columns: Any = drops.c
    values = {name: columns[name] + amount for name, amount in changes.items()}
    statement = update(drops).where(drops.c.id == drop, *guards).values(values)
    return (await conn.execute(statement.returning(drops.c.ended_ms, drops.c.variant))).first()


def _values(hold: Hold) -> dict[str, Any]:
    return {
        "id": hold.id, "drop_id": hold.drop, "shopper": hold.shopper, "quantity": hold.quantity,
        "state": hold.state, "created_ms": hold.created_ms, "expires_ms": hold.expires_ms,
    }  # fmt: skip


async def find_holds(conn: AsyncConnection, hold_ids: Iterable[str]) -> list[Hold]:
    """Those of the holds that exist, in any state."""
    return [_hold(row) for row in await conn.execute(_HOLDS.where(holds.c.id.in_(set(hold_ids))))]


async def asking_for_emails(conn: AsyncConnection, drop_ids: Iterable[str]) -> set[str]:
    """Those of the drops that want a confirmed e-mail address."""
    return set(await conn.scalars(select(drops.c.id).where(drops.c.id.in_(set(drop_ids)), drops.c.confirm_email)))


async def live_holds(conn: AsyncConnection, drop: str, shoppers: Iterable[str]) -> list[Hold]:
    """What these shoppers hold of the drop and can still pay, oldest first."""
    held = _HOLDS.where(drops.c.id == drop, holds.c.shopper.in_(set(shoppers)), holds.c.state == HoldState.HELD)
    return [_hold(row) for row in await conn.execute(held.order_by(holds.c.created_ms))]


async def holds_of(conn: AsyncConnection, shopper: str) -> list[Hold]:
    """The shopper's holds that can be paid or are being paid, oldest first."""
    live = holds.c.state.in_([HoldState.HELD, HoldState.RESERVED])
    # Holds are found by their drop, and there are few drops of which anybody holds anything.
    drop = drops.c.held + drops.c.reserved > 0
    mine = _HOLDS.where(drop, holds.c.shopper == shopper, live).order_by(holds.c.created_ms, holds.c.id)
    return [_hold(row) for row in await conn.execute(mine)]


async def taking(conn: AsyncConnection, drop: str) -> list[Hold]:
    """Every hold that takes units of the drop."""
    return [_hold(row) for row in await conn.execute(_HOLDS.where(drops.c.id == drop, holds.c.state.in_(TAKING)))]


async def granted(conn: AsyncConnection, drop: str) -> list[Hold]:
    """Every hold of the drop that there ever was, in the order of granting."""
    every = _HOLDS.where(drops.c.id == drop).order_by(holds.c.created_ms, holds.c.id)
    return [_hold(row) for row in await conn.execute(every)]


async def _locked(conn: AsyncConnection, ids: Iterable[str]) -> list[Hold]:
    statement = _HOLDS.where(holds.c.id.in_(set(ids))).order_by(holds.c.id).with_for_update(of=holds)
    return [_hold(row) for row in await conn.execute(statement)]


async def _become(conn: AsyncConnection, found: Sequence[Hold], state: HoldState) -> list[Hold]:
    """Move locked holds to `state`, and the counts of their drops with them."""
    if not found:
        return []
    moved: dict[str, Counter[str]] = {}
    for hold in found:
        if state not in TRANSITIONS[hold.state]:
            raise HoldExpired([hold.id])
        counts = moved.setdefault(hold.drop, Counter())
        if hold.state in TAKING:
            counts[hold.state] -= hold.quantity
        if state in TAKING:
            counts[state] += hold.quantity
    await conn.execute(update(holds).where(holds.c.id.in_([hold.id for hold in found])).values(state=state))
    for drop, counts in sorted(moved.items()):
        more = sum(counts.values())
        guards = [more <= LEFT] if more > 0 else []
        row = await _count(conn, drop, dict(counts), *guards)
        if row is None:
            raise HoldExpired([hold.id for hold in found if hold.drop == drop])
        if more < 0 and row.ended_ms is not None:
            await _count(conn, drop, {"returned": -more})
            await stock.end_allotment(conn, row.variant, -more)
    return [replace(hold, state=state) for hold in found]


async def reserve(conn: AsyncConnection, hold_ids: Sequence[str], shopper: str | None, now_ms: int) -> list[Hold]:
    """Before the provider is called: the shopper's holds become reserved, and no longer expire.

    All or nothing, in the order asked. Raises HoldExpired, naming those that are over, unknown or not the shopper's
    (None: the caller has checked whose they are).
    """
    found = {hold.id: hold for hold in await _locked(conn, hold_ids)}
    usable = {
        hold.id
        for hold in found.values()
        if shopper in (None, hold.shopper) and hold.state == HoldState.HELD and hold.expires_ms > now_ms
    }
    if lost := [hold_id for hold_id in hold_ids if hold_id not in usable]:
        raise HoldExpired(lost)
    reserved = {hold.id: hold for hold in await _become(conn, list(found.values()), HoldState.RESERVED)}
    return [reserved[hold_id] for hold_id in dict.fromkeys(hold_ids)]


async def hold_again(conn: AsyncConnection, hold_ids: Sequence[str], now_ms: int) -> list[Hold]:
    """After a payment that came to nothing: reserved becomes held again, with time for another try, or expired."""
    back: dict[HoldState, list[Hold]] = {HoldState.HELD: [], HoldState.EXPIRED: []}
    for hold in await _locked(conn, hold_ids):
        expires_ms = after_decline_ms(hold, now_ms)
        if hold.state == HoldState.RESERVED:
            await conn.execute(update(holds).where(holds.c.id == hold.id).values(expires_ms=expires_ms))
            state = HoldState.HELD if expires_ms > now_ms else HoldState.EXPIRED
            back[state].append(replace(hold, expires_ms=expires_ms))
    return [hold for state, found in back.items() for hold in await _become(conn, found, state)]


async def release(conn: AsyncConnection, hold_ids: Sequence[str]) -> list[Hold]:
    """Give back what is held or reserved; what is over already is left alone. Those that were given back now: pass
    them to `app.drops.holds.forget` after the commit."""
    found = [hold for hold in await _locked(conn, hold_ids) if hold.state in (HoldState.HELD, HoldState.RESERVED)]
    return await _become(conn, found, HoldState.RELEASED)


async def release_own(conn: AsyncConnection, hold_id: str, shopper: str) -> list[Hold]:
    """The shopper gives a hold back. Raises UnknownHold, or BeingPaid while a payment is under way."""
    found = [hold for hold in await _locked(conn, [hold_id]) if hold.shopper == shopper]
    if not found:
        raise UnknownHold
    if found[0].state == HoldState.RESERVED:
        raise BeingPaid
    return await _become(conn, [hold for hold in found if hold.state == HoldState.HELD], HoldState.RELEASED)


async def take_back(conn: AsyncConnection, hold_ids: Sequence[str]) -> list[Hold]:
    """After a refund or withdrawal: sold units can be had again, in the drop, or on the shelf if it has ended."""
    found = [hold for hold in await _locked(conn, hold_ids) if hold.state == HoldState.SOLD]
    return await _become(conn, found, HoldState.RELEASED)


async def reclaim(conn: AsyncConnection, hold_ids: Sequence[str]) -> list[Hold]:
    """A payment succeeded after its hold was given back: reserve the units again. Raises HoldExpired when they are
    gone, and then the payment has to be refunded."""
    gone = (HoldState.RELEASED, HoldState.EXPIRED)
    return await _become(
        conn, [hold for hold in await _locked(conn, hold_ids) if hold.state in gone], HoldState.RESERVED
    )


def _ended(now_ms: int, since_ms: int) -> Select[str]:
    held = holds.c.expires_ms.between(since_ms, now_ms) & (holds.c.state == HoldState.HELD)
    return select(holds.c.id).where(held).order_by(holds.c.expires_ms)


async def oldest_ended(conn: AsyncConnection, now_ms: int, since_ms: int) -> int | None:
    """When the time of the oldest hold ended that is still held, of those that have ended since then."""
    found: int | None = await conn.scalar(_ended(now_ms, since_ms).with_only_columns(holds.c.expires_ms).limit(1))
    return found


async def expire(conn: AsyncConnection, now_ms: int, since_ms: int = 0) -> list[Hold]:
    """Give back holds whose time has ended since then, the oldest first; fewer than EXPIRED_AT_ONCE when there are no
    more."""
    oldest = _ended(now_ms, since_ms).limit(EXPIRED_AT_ONCE)
    due = (await conn.scalars(oldest.with_for_update(skip_locked=True))).all()
    found = [hold for hold in await _locked(conn, due) if hold.state == HoldState.HELD and hold.expires_ms <= now_ms]
    return await _become(conn, found, HoldState.EXPIRED)


async def keep_draw(conn: AsyncConnection, drop: Drop, won: Sequence[Hold], now_ms: int) -> None:
    """The draw of a locked drop has taken place: the winners hold what they asked for."""
    changed = {"drawn_ms": now_ms, "epoch": drop.epoch + 1, "held": drop.held + sum(hold.quantity for hold in won)}
    await conn.execute(update(drops).where(drops.c.id == drop.id).values(changed))
    if won:
        await conn.execute(insert(holds), [_values(hold) for hold in won])
