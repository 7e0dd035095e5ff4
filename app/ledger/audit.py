"""What `verify-ledger` compares: counters, and the rows that they count, all read at one moment of a running shop."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, and_, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.schema import complete


@dataclass(frozen=True)
class VariantCount:
    """A variant's counters, and what rows say: units in drops, and units on order lines that did not come back."""

    id: str
    quantity: int
    allotted: int
    reserved: int
    sold: int
    in_drops: int
    bought: int


@dataclass(frozen=True)
class DropCount:
    """A drop's counters, and its holds' units by state."""

    id: str
    variant: str
    quantity: int
    per_customer: int
    held: int
    reserved: int
    sold: int
    returned: int
    by_state: dict[str, int]


@dataclass(frozen=True)
class OrderCount:
    """An order's money: paid, given back as it says and as its refunds say; `document` says for what."""

    id: str
    state: str
    amount: int
    refunded: int
    document: str
    refunds: int
    lines: int


@dataclass(frozen=True)
class OpenAttempt:
    """A payment that may still become an order."""

    id: str
    document: str
    customer: tuple[str, ...]


@dataclass(frozen=True)
class Audit:
    """Everything that has to agree. Shares are units by drop and customer."""

    variants: list[VariantCount]
    drops: list[DropCount]
    orders: list[OrderCount]
    attempts: list[OpenAttempt]
    reserved_holds: set[str]
    # Sold holds without exactly one order line, and order lines whose hold is not sold although it did not come back.
    orphan_holds: list[str]
    orphan_lines: list[str]
    # Holds without a drop, and what lines without an order call it.
    dropless: list[str]
    orderless: list[str]
    # Paid attempts without an order, and orders whose attempt is not a paid one of the same amount.
    unordered: list[str]
    unpaid: list[str]
    # Refunds and disputes about no payment, and payments that came too late: their amount, and what is given back.
    strays: list[str]
    late: list[tuple[str, int, int]]
    # Orders that keep money although a dispute about it was lost, and those charged back although none was.
    keeping: list[str]
    unfounded: list[str]
    shares: dict[tuple[str, str], int]
    bought_shares: dict[tuple[str, str], int]


async def read_audit(conn: AsyncConnection, open_states: tuple[str, ...]) -> Audit:
    """Read everything; `open_states` are those of attempts under way."""
    tables = complete().tables
    attempts, holds, lines, orders = (tables[name] for name in ("attempts", "holds", "order_lines", "orders"))
    open_rows = select(attempts).where(attempts.c.state.in_(open_states)).order_by(attempts.c.id)
    return Audit(
        await _variants(conn, tables["variants"], tables["drops"], lines),
        await _drops(conn, tables["drops"], holds),
        await _orders(conn, orders, lines, tables["refunds"]),
        [
            OpenAttempt(row.id, row.document, tuple(filter(None, (row.email_key, row.payer_key))))
            for row in await conn.execute(open_rows)
        ],
        set(await conn.scalars(select(holds.c.id).where(holds.c.state == "reserved"))),
        *await _holds(conn, holds, lines),
        await _strays(conn, holds.c.id, holds.c.drop_id, tables["drops"].c.id),
        await _strays(conn, lines.c.order_id, lines.c.order_id, orders.c.id),
        *await _payments(conn, attempts, orders),
        [
            f"{name} {id_}"
            for name, table in (("refund", tables["refunds"]), ("dispute", tables["disputes"]))
            for id_ in await _strays(conn, table.c.id, table.c.order_id, attempts.c.order_id)
        ],
        await _late(conn, attempts, tables["refunds"]),
        *await _disputes(conn, tables["disputes"], orders, tables["refunds"]),
        *await _shares(conn, tables["drop_customers"], attempts, orders, lines),
    )


async def _variants(conn: AsyncConnection, variants: Table, drops: Table, lines: Table) -> list[VariantCount]:
    in_drops = await _sums(conn, drops.c.variant, drops.c.quantity - drops.c.returned)
    bought = await _sums(conn, lines.c.variant, lines.c.quantity - lines.c.restocked, lines.c.hold_id.is_(None))
    return [
        VariantCount(
            row.id, row.quantity, row.allotted, row.reserved, row.sold, in_drops.get(row.id, 0), bought.get(row.id, 0)
        )
        for row in await conn.execute(select(variants).order_by(variants.c.id))
    ]


async def _drops(conn: AsyncConnection, drops: Table, holds: Table) -> list[DropCount]:
    by_drop: dict[str, Counter[str]] = {}
    units = select(holds.c.drop_id, holds.c.state, func.sum(holds.c.quantity)).group_by(holds.c.drop_id, holds.c.state)
    for drop, state, quantity in await conn.execute(units):
        by_drop.setdefault(drop, Counter())[state] += int(quantity)
    return [
        DropCount(
            row.id, row.variant, row.quantity, row.per_customer, row.held, row.reserved, row.sold, row.returned,
            dict(by_drop.get(row.id, Counter())),
        )
        for row in await conn.execute(select(drops).order_by(drops.c.id))
    ]  # fmt: skip


async def _orders(conn: AsyncConnection, orders: Table, lines: Table, refunds: Table) -> list[OrderCount]:
    back = await _sums(conn, refunds.c.order_id, refunds.c.amount)
    goods = await _sums(conn, lines.c.order_id, lines.c.quantity * lines.c.unit_amount)
    return [
        OrderCount(row.id, row.state, row.amount, row.refunded, row.document, back.get(row.id, 0), goods.get(row.id, 0))
        for row in await conn.execute(select(orders).order_by(orders.c.id))
    ]


async def _holds(conn: AsyncConnection, holds: Table, lines: Table) -> tuple[list[str], list[str]]:
    # A hold comes back whole or not at all.
    kept = (lines.c.hold_id == holds.c.id) & (lines.c.restocked == 0)
    bought = select(holds.c.id).outerjoin(lines, kept).where(holds.c.state == "sold")
    orphan_holds = await conn.scalars(bought.group_by(holds.c.id).having(func.count(lines.c.order_id) != 1))
    lost = select(lines.c.hold_id).outerjoin(holds, holds.c.id == lines.c.hold_id)
    unsold = lines.c.hold_id.is_not(None) & (lines.c.restocked == 0)
    orphan_lines = await conn.scalars(lost.where(unsold, holds.c.state.is_(None) | (holds.c.state != "sold")))
    return list(orphan_holds), list(orphan_lines)


async def _strays(conn: AsyncConnection, name: Any, of: Any, known: Any) -> list[str]:
    """The names of rows that belong to something that is not there."""
    missing = select(name).select_from(of.table.outerjoin(known.table, known == of)).where(known.is_(None))
    return list(await conn.scalars(missing.distinct().order_by(name)))


async def _payments(conn: AsyncConnection, attempts: Table, orders: Table) -> tuple[list[str], list[str]]:
    paid = select(attempts.c.id).outerjoin(orders, orders.c.attempt == attempts.c.id)
    unordered = await conn.scalars(paid.where(attempts.c.state == "paid", orders.c.id.is_(None)))
    fits = and_(attempts.c.state == "paid", attempts.c.order_id == orders.c.id, attempts.c.amount == orders.c.amount)
    owed = select(orders.c.id).outerjoin(attempts, and_(attempts.c.id == orders.c.attempt, fits))
    unpaid = await conn.scalars(owed.where(attempts.c.id.is_(None)))
    return list(unordered), list(unpaid)


async def _late(conn: AsyncConnection, attempts: Table, refunds: Table) -> list[tuple[str, int, int]]:
    rows = (await conn.execute(select(attempts).where(attempts.c.state == "late").order_by(attempts.c.id))).all()
    back = await _sums(conn, refunds.c.order_id, refunds.c.amount)
    return [(row.id, row.amount, back.get(row.order_id, 0)) for row in rows]


async def _disputes(
    conn: AsyncConnection, disputes: Table, orders: Table, refunds: Table
) -> tuple[list[str], list[str]]:
    lost = await _sums(conn, disputes.c.order_id, disputes.c.amount, disputes.c.state == "lost")
    back = await _sums(conn, refunds.c.order_id, refunds.c.amount, refunds.c.state == "charged-back")
    rows = await conn.execute(select(orders).where(orders.c.id.in_(lost)).order_by(orders.c.id))
    keeping = [row.id for row in rows if row.refunded < min(row.amount, lost[row.id])]
    return keeping, sorted(order for order, amount in back.items() if amount > lost.get(order, 0))


async def _shares(
    conn: AsyncConnection, counted: Table, attempts: Table, orders: Table, lines: Table
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    rows = await conn.execute(select(counted).where(counted.c.quantity > 0))
    shares = {(row.drop_id, row.email_key): row.quantity for row in rows}
    names = [
        select(lines.c.drop_id, name.label("name"), lines.c.quantity)
        .join(orders, orders.c.id == lines.c.order_id)
        .join(attempts, attempts.c.id == orders.c.attempt)
        .where(lines.c.drop_id.is_not(None), name.is_not(None))
        for name in (attempts.c.email_key, attempts.c.payer_key)
    ]
    every = union_all(*names).subquery()
    sums = select(every.c.drop_id, every.c.name, func.sum(every.c.quantity)).group_by(every.c.drop_id, every.c.name)
    return shares, {(drop, name): int(quantity) for drop, name, quantity in await conn.execute(sums)}


async def _sums(conn: AsyncConnection, key: Any, value: Any, *where: Any) -> dict[str, int]:
    rows = await conn.execute(select(key, func.sum(value)).where(*where).group_by(key))
    return {name: int(number) for name, number in rows}
