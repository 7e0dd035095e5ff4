"""The disputes' SQL. Functions that write take a writing connection."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.disputes.tables import disputes


class Dispute(Struct, frozen=True, kw_only=True):
    """A row of `disputes`."""

    id: str
    order_id: str
    state: str
    amount: int
    reason: str
    due_ms: int | None
    created_ms: int
    check_ms: int | None
    taken: str | None = None


async def find(conn: AsyncConnection, dispute: str) -> Dispute | None:
    """A dispute."""
    row = (await conn.execute(select(disputes).where(disputes.c.id == dispute))).one_or_none()
    return None if row is None else Dispute(**row._mapping)


async def keep(conn: AsyncConnection, dispute: Dispute) -> None:
    """Write a dispute down as it is now; its order is locked by the caller."""
    await conn.execute(delete(disputes).where(disputes.c.id == dispute.id))
    await conn.execute(insert(disputes).values({name: getattr(dispute, name) for name in dispute.__struct_fields__}))


async def of_orders(conn: AsyncConnection, orders: Sequence[str]) -> list[Dispute]:
    """The disputes about some orders, the oldest first."""
    found = select(disputes).where(disputes.c.order_id.in_(orders)).order_by(disputes.c.created_ms, disputes.c.id)
    return [Dispute(**row._mapping) for row in await conn.execute(found)]


async def claim_due(conn: AsyncConnection, now_ms: int, again_ms: int, limit: int) -> list[Dispute]:
    """Open disputes that nobody has told anything about for long; nobody else gets them before `again_ms`."""
    due = select(disputes).where(disputes.c.check_ms <= now_ms).order_by(disputes.c.check_ms).limit(limit)
    rows = (await conn.execute(due.with_for_update(skip_locked=True))).all()
    for row in rows:
        await conn.execute(update(disputes).where(disputes.c.id == row.id).values(check_ms=again_ms))
    return [Dispute(**row._mapping) for row in rows]
