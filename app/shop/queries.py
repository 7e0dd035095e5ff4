"""The shop's SQL: attempts, orders, refunds and drop shares. Functions that write take a writing connection."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.ids import akin
from app.shop.attempt import CHECK_MS, GIVEN_UP, OPEN, Attempt, AttemptState
from app.shop.idempotency import Answer
from app.shop.record import Order, OrderLine, Refund
from app.shop.tables import APART, attempts, drop_customers, order_lines, orders, refunds

_NOTHING_CAME = [str(state) for state in (*GIVEN_UP, AttemptState.REFUSED)]


def _upsert(conn: AsyncConnection, table: Table) -> Any:
    # Both dialects speak ON CONFLICT; SQLAlchemy has a construct for each.
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def _attempt(row: Any) -> Attempt:
    values = dict(row._mapping)
    return Attempt(**{**values, "state": AttemptState(values["state"])})


# Attempts


async def attempt_by_id(conn: AsyncConnection, attempt: str, *, lock: bool = False) -> Attempt | None:
    """An attempt; with `lock` nobody else changes it until the transaction ends."""
    statement = select(attempts).where(attempts.c.id == attempt)
    row = (await conn.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else _attempt(row)


async def attempt_of_order(conn: AsyncConnection, order: str) -> Attempt | None:
    """The attempt that became or may become an order."""
    its = select(attempts).where(attempts.c.order_id == order)
    row = (await conn.execute(its.where(attempts.c.id == akin(order, "att")))).one_or_none()
    if row is None:
        row = (await conn.execute(its.where(APART))).one_or_none()
    return None if row is None else _attempt(row)


async def late_attempts(conn: AsyncConnection, limit: int) -> list[Attempt]:
    """The newest whose payment came too late."""
    # They all have refunds, which are far fewer than attempts and found by an index.
    refunded = select(refunds.c.order_id)
    apart = select(attempts.c.id).where(attempts.c.order_id.in_(refunded), APART)
    akin_to = refunded.with_only_columns("att" + func.substr(refunds.c.order_id, 4))
    late = select(attempts).where(attempts.c.id.in_(akin_to.union(apart)), attempts.c.state == str(AttemptState.LATE))
    newest = late.order_by(attempts.c.created_ms.desc(), attempts.c.id.desc()).limit(limit)
    return [_attempt(row) for row in await conn.execute(newest)]


async def attempts_without_order(conn: AsyncConnection, shopper: str) -> list[Attempt]:
    """What a shopper tried to buy and did not, or not yet."""
    tried = select(attempts).where(attempts.c.shopper == shopper, attempts.c.state != str(AttemptState.PAID))
    return [_attempt(row) for row in await conn.execute(tried.order_by(attempts.c.created_ms))]


async def move_attempt(
    conn: AsyncConnection,
    attempt: str,
    state: AttemptState,
    *,
    before: Sequence[AttemptState],
    answer: Answer | None = None,
    **facts: Any,
) -> bool:
    """Move an attempt on if it is in one of the states `before` at that instant.

    `answer`: kept for the attempt's key, unless that got one before.
    """
    at = attempts.c.state.in_([str(one) for one in before])
    if answer is not None:
        facts["answer_status"] = func.coalesce(attempts.c.answer_status, answer.status)
        facts["answer_body"] = func.coalesce(attempts.c.answer_body, answer.body)
    statement = update(attempts).where(attempts.c.id == attempt, at).values(state=str(state), **facts)
    return (await conn.execute(statement)).rowcount == 1


async def claim_due_attempts(conn: AsyncConnection, now_ms: int, again_ms: int, limit: int) -> list[Attempt]:
    """Open attempts whose check is due; nobody else gets them before `again_ms`."""
    due = select(attempts).where(attempts.c.check_ms <= now_ms).order_by(attempts.c.check_ms).limit(limit)
    rows = (await conn.execute(due.with_for_update(skip_locked=True))).all()
    for row in rows:
        await conn.execute(update(attempts).where(attempts.c.id == row.id).values(check_ms=again_ms))
    return [_attempt(row) for row in rows]


async def check_soon(conn: AsyncConnection, attempt: str, now_ms: int, before_ms: int) -> bool:
    """Claim an open attempt's check before it is due; False when it was checked (or is due) just now."""
    mine = and_(attempts.c.id == attempt, attempts.c.state.in_([str(state) for state in OPEN]))
    waits = and_(mine, attempts.c.check_ms > now_ms, attempts.c.check_ms <= before_ms)
    again = now_ms + CHECK_MS
    return (await conn.execute(update(attempts).where(waits).values(check_ms=again))).rowcount == 1


# A drop's share for each customer


async def take_share(conn: AsyncConnection, drop: str, email_key: str, quantity: int, limit: int) -> bool:
    """Count units of a drop for an e-mail address; False when that would exceed `limit`."""
    if quantity > limit:
        return False
    new = drop_customers.c.quantity + quantity
    statement = _upsert(conn, drop_customers).values(drop_id=drop, email_key=email_key, quantity=quantity)
    statement = statement.on_conflict_do_update(
        index_elements=["drop_id", "email_key"], set_={"quantity": new}, where=new <= limit
    )
    return bool((await conn.execute(statement)).rowcount == 1)


async def return_share(conn: AsyncConnection, drop: str, email_key: str, quantity: int) -> None:
    """Take units of a drop that were not bought after all off an e-mail address's count."""
    table = drop_customers
    mine = and_(table.c.drop_id == drop, table.c.email_key == email_key, table.c.quantity >= quantity)
    await conn.execute(update(table).where(mine).values(quantity=table.c.quantity - quantity))


# Orders


async def order_by_id(conn: AsyncConnection, order: str, *, lock: bool = False) -> Order | None:
    """An order; `lock` keeps others from changing it until the transaction ends."""
    statement = select(orders).where(orders.c.id == order)
    row = (await conn.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else Order(**row._mapping)


async def orders_by_id(conn: AsyncConnection, ids: Sequence[str]) -> list[Order]:
    """Some orders."""
    return [Order(**row._mapping) for row in await conn.execute(select(orders).where(orders.c.id.in_(ids)))]


async def order_by_number(conn: AsyncConnection, number: str) -> Order | None:
    """The order of a number that a person has read, locked until the transaction ends."""
    statement = select(orders).where(orders.c.number == number).limit(1).with_for_update()
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else Order(**row._mapping)


async def lines_of(conn: AsyncConnection, order_ids: Sequence[str]) -> list[OrderLine]:
    """The lines of some orders."""
    statement = select(order_lines).where(order_lines.c.order_id.in_(order_ids))
    rows = await conn.execute(statement.order_by(order_lines.c.order_id, order_lines.c.line))
    return [OrderLine(**row._mapping) for row in rows]


async def orders_of(conn: AsyncConnection, shopper: str, limit: int) -> list[Order]:
    """A shopper's newest orders."""
    statement = select(orders).where(orders.c.shopper == shopper).order_by(orders.c.created_ms.desc()).limit(limit)
    return [Order(**row._mapping) for row in await conn.execute(statement)]


async def search_orders(
    conn: AsyncConnection, *, state: str | None, text: str | None, before: tuple[int, str] | None, limit: int
) -> list[Order]:
    """Newest first; `text` is part of an id, number, address or name; `before`: the last seen (created_ms, id)."""
    chosen: list[ColumnElement[bool]] = []
    if state:
        chosen.append(orders.c.state == state)
    if text:
        like = "%" + text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (orders.c.id, orders.c.number, orders.c.email, orders.c.name)
        chosen.append(or_(*(func.lower(column).like(like, escape="\\") for column in columns)))
    if before:
        older = and_(orders.c.created_ms == before[0], orders.c.id < before[1])
        chosen.append(or_(orders.c.created_ms < before[0], older))
    statement = select(orders).where(*chosen).order_by(orders.c.created_ms.desc(), orders.c.id.desc()).limit(limit)
    return [Order(**row._mapping) for row in await conn.execute(statement)]


async def change_order(conn: AsyncConnection, order: str, **facts: Any) -> None:
    """Set columns of an order that the caller has locked."""
    await conn.execute(update(orders).where(orders.c.id == order).values(**facts))


async def forget_shopper(conn: AsyncConnection, shopper: str) -> None:
    """Detach a shopper's orders, on which tax law keeps what was sold, and erase attempts that came to nothing."""
    await conn.execute(update(orders).where(orders.c.shopper == shopper).values(shopper=None))
    mine = attempts.c.shopper == shopper
    await conn.execute(delete(attempts).where(mine, attempts.c.state.in_(_NOTHING_CAME)))
    # Money has moved for these; their id in place of the shopper's keeps them apart.
    charged = attempts.c.state.in_([str(AttemptState.PAID), str(AttemptState.LATE)])
    await conn.execute(update(attempts).where(mine, charged).values(shopper=attempts.c.id))


async def purge_attempts(conn: AsyncConnection, before_ms: int) -> None:
    """Erase attempts that came to nothing and are older than `before_ms`, and their keys with them."""
    old = attempts.c.created_ms < before_ms
    await conn.execute(delete(attempts).where(old, attempts.c.state.in_(_NOTHING_CAME)))


# Refunds


async def refund_by_key(conn: AsyncConnection, order: str, key: str) -> Refund | None:
    """The refund that an Idempotency-Key stands for."""
    statement = select(refunds).where(refunds.c.order_id == order, refunds.c.key == key)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else Refund(**row._mapping)


async def add_refund(conn: AsyncConnection, refund: Refund, units: Mapping[int, int]) -> None:
    """Write a refund and count its units (by line) on an order that the caller has locked."""
    await conn.execute(insert(refunds).values({name: getattr(refund, name) for name in refund.__struct_fields__}))
    for line, quantity in units.items():
        mine = and_(order_lines.c.order_id == refund.order_id, order_lines.c.line == line)
        await conn.execute(update(order_lines).where(mine).values(refunded=order_lines.c.refunded + quantity))


async def count_restocked(conn: AsyncConnection, order: str, line: int, quantity: int) -> None:
    """Note that refunded units of a line can be bought again."""
    mine = and_(order_lines.c.order_id == order, order_lines.c.line == line)
    await conn.execute(update(order_lines).where(mine).values(restocked=order_lines.c.restocked + quantity))


async def forget_refusal(conn: AsyncConnection, refund: Refund) -> None:
    """A refused refund is asked for anew: until the provider answers, nobody knows whether it was paid."""
    this = and_(refunds.c.id == refund.id, refunds.c.refusals == refund.refusals)
    await conn.execute(update(refunds).where(this).values(error=None))


async def finish_refund(conn: AsyncConnection, refund: str) -> bool:
    """The provider has confirmed; False when somebody has noted that already."""
    asked = and_(refunds.c.id == refund, refunds.c.state == "asked")
    done = update(refunds).where(asked).values(state="done", check_ms=None, error=None)
    return (await conn.execute(done)).rowcount == 1


async def undo_refund(conn: AsyncConnection, refund: Refund, units: Mapping[int, int]) -> None:
    """Take a refund that did not happen off an order that the caller has locked, with its units."""
    await conn.execute(delete(refunds).where(refunds.c.id == refund.id))
    for line, quantity in units.items():
        mine = and_(order_lines.c.order_id == refund.order_id, order_lines.c.line == line)
        await conn.execute(update(order_lines).where(mine).values(refunded=order_lines.c.refunded - quantity))


async def owe_refunds(conn: AsyncConnection, ids: Sequence[str], now_ms: int) -> None:
    """A bank has returned what it had paid these refunds with: the provider has to pay them now."""
    back = and_(refunds.c.id.in_(ids), refunds.c.state == "charged-back")
    await conn.execute(update(refunds).where(back).values(state="asked", check_ms=now_ms))


async def asked_refunds(conn: AsyncConnection, order: str) -> list[Refund]:
    """An order's refunds that nobody has paid yet, locked until the transaction ends, the most refused first.

    Without an answer one may have been paid after all; a refused one was not.
    """
    asked = select(refunds).where(refunds.c.order_id == order, refunds.c.state == "asked")
    sure = asked.order_by(refunds.c.refusals.desc(), refunds.c.created_ms, refunds.c.id)
    return [Refund(**row._mapping) for row in await conn.execute(sure.with_for_update())]


async def change_refund(conn: AsyncConnection, refund: str, **facts: Any) -> None:
    """Set columns of a refund that the caller has locked."""
    await conn.execute(update(refunds).where(refunds.c.id == refund).values(**facts))


async def refund_by_id(conn: AsyncConnection, refund: str) -> Refund | None:
    """A refund."""
    row = (await conn.execute(select(refunds).where(refunds.c.id == refund))).one_or_none()
    return None if row is None else Refund(**row._mapping)


async def refunds_of(conn: AsyncConnection, order_ids: Sequence[str]) -> list[Refund]:
    """The refunds of some orders, oldest first."""
    statement = select(refunds).where(refunds.c.order_id.in_(order_ids)).order_by(refunds.c.created_ms, refunds.c.id)
    return [Refund(**row._mapping) for row in await conn.execute(statement)]


async def refuse_refund(conn: AsyncConnection, refund: str, refusals: int, due_ms: int, error: str) -> None:
    """The provider said no to try number `refusals`, counted from 0: the next is due then."""
    # A bank may have paid it meanwhile.
    this = and_(refunds.c.id == refund, refunds.c.refusals == refusals, refunds.c.state != "charged-back")
    facts = {"state": "asked", "refusals": refusals + 1, "check_ms": due_ms, "error": error}
    await conn.execute(update(refunds).where(this).values(facts))


async def claim_due_refunds(conn: AsyncConnection, now_ms: int, again_ms: int, limit: int) -> list[Refund]:
    """Refunds that the provider has not confirmed; nobody else gets them before `again_ms`."""
    due = select(refunds).where(refunds.c.check_ms <= now_ms).order_by(refunds.c.check_ms).limit(limit)
    rows = (await conn.execute(due.with_for_update(skip_locked=True))).all()
    for row in rows:
        await conn.execute(update(refunds).where(refunds.c.id == row.id).values(check_ms=again_ms))
    return [Refund(**row._mapping) for row in rows]


async def all_lines(conn: AsyncConnection, limit: int) -> list[OrderLine]:
    """The lines of the newest orders, newest order first."""
    statement = select(order_lines).join(orders, orders.c.id == order_lines.c.order_id)
    newest = statement.order_by(orders.c.created_ms.desc(), orders.c.id, order_lines.c.line).limit(limit)
    return [OrderLine(**row._mapping) for row in await conn.execute(newest)]
