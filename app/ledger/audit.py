"""What `verify-ledger` compares: counters, and the rows that they count, all read at one moment of a running shop."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.schema import complete


@dataclass(frozen=True)
class VariantCount:
    """A variant's counters, and what rows say: units in drops, and units on order lines (those refunded apart)."""

    id: str
    quantity: int
    allotted: int
    reserved: int
    sold: int
    in_drops: int
    ordered: int
    refunded: int


@dataclass(frozen=True)
class DropCount:
    """A drop's counters, and its holds' units by state."""

    id: str
    quantity: int
    held: int
    reserved: int
    sold: int
    returned: int
    by_state: dict[str, int]


@dataclass(frozen=True)
class Audit:
    """Everything that has to agree. `open_attempts`: (id, document) of payments that may still become orders."""

    variants: list[VariantCount]
    drops: list[DropCount]
    open_attempts: list[tuple[str, str]]
    # Sold holds without exactly one order line, and order lines whose hold is neither sold nor refunded.
    orphan_holds: list[str]
    orphan_lines: list[str]
    # Paid attempts without an order, and orders whose attempt is not a paid one of the same amount.
    unordered: list[str]
    unpaid: list[str]


async def read_audit(conn: AsyncConnection, open_states: tuple[str, ...]) -> Audit:
    """Read everything; `open_states` are those of attempts under way."""
    tables = complete().tables
    attempts = tables["attempts"]
    open_rows = select(attempts.c.id, attempts.c.document).where(attempts.c.state.in_(open_states))
    return Audit(
        await _variants(conn, tables["variants"], tables["drops"], tables["order_lines"]),
        await _drops(conn, tables["drops"], tables["holds"]),
        [(row.id, row.document) for row in await conn.execute(open_rows)],
        *await _holds(conn, tables["holds"], tables["order_lines"]),
        *await _payments(conn, attempts, tables["orders"]),
    )


async def _variants(conn: AsyncConnection, variants: Table, drops: Table, lines: Table) -> list[VariantCount]:
    in_drops = dict(await _pairs(conn, drops.c.variant, func.sum(drops.c.quantity - drops.c.returned)))
    regular = lines.c.hold_id.is_(None)
    ordered = dict(await _pairs(conn, lines.c.variant, func.sum(lines.c.quantity), regular))
    refunded = dict(await _pairs(conn, lines.c.variant, func.sum(lines.c.refunded), regular))
    return [
        VariantCount(
            row.id, row.quantity, row.allotted, row.reserved, row.sold,
            in_drops.get(row.id, 0), ordered.get(row.id, 0), refunded.get(row.id, 0),
        )
        for row in await conn.execute(select(variants).order_by(variants.c.id))
    ]  # fmt: skip


async def _drops(conn: AsyncConnection, drops: Table, holds: Table) -> list[DropCount]:
    by_drop: dict[str, Counter[str]] = {}
    units = select(holds.c.drop_id, holds.c.state, func.sum(holds.c.quantity)).group_by(holds.c.drop_id, holds.c.state)
    for drop, state, quantity in await conn.execute(units):
        by_drop.setdefault(drop, Counter())[state] += int(quantity)
    return [
        DropCount(
            row.id, row.quantity, row.held, row.reserved, row.sold, row.returned, dict(by_drop.get(row.id, Counter()))
        )
        for row in await conn.execute(select(drops).order_by(drops.c.id))
    ]


async def _holds(conn: AsyncConnection, holds: Table, lines: Table) -> tuple[list[str], list[str]]:
    bought = select(holds.c.id).outerjoin(lines, lines.c.hold_id == holds.c.id).where(holds.c.state == "sold")
    orphan_holds = await conn.scalars(bought.group_by(holds.c.id).having(func.count(lines.c.order_id) != 1))
    unsold = lines.c.hold_id.is_not(None) & (lines.c.refunded == 0)
    lost = select(lines.c.hold_id).outerjoin(holds, holds.c.id == lines.c.hold_id)
    orphan_lines = await conn.scalars(lost.where(unsold, holds.c.state.is_(None) | (holds.c.state != "sold")))
    return list(orphan_holds), list(orphan_lines)


async def _payments(conn: AsyncConnection, attempts: Table, orders: Table) -> tuple[list[str], list[str]]:
    paid = select(attempts.c.id).outerjoin(orders, orders.c.attempt == attempts.c.id)
    unordered = await conn.scalars(paid.where(attempts.c.state == "paid", orders.c.id.is_(None)))
    fits = and_(attempts.c.state == "paid", attempts.c.order_id == orders.c.id, attempts.c.amount == orders.c.amount)
    owed = select(orders.c.id).outerjoin(attempts, and_(attempts.c.id == orders.c.attempt, fits))
    unpaid = await conn.scalars(owed.where(attempts.c.id.is_(None)))
    return list(unordered), list(unpaid)


async def _pairs(conn: AsyncConnection, key: Any, value: Any, *where: Any) -> list[tuple[str, int]]:
    rows = await conn.execute(select(key, value).where(*where).group_by(key))
    return [(name, int(number)) for name, number in rows]
