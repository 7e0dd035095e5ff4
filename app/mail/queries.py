"""The outbox's SQL."""

from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.mail.tables import KEYED, outbox
from app.shop.tables import orders


class Letter(Struct, frozen=True, kw_only=True):
    """A row of the outbox."""

    id: str
    key: str | None
    recipient: str
    subject: str
    text: str
    language: str
    order_id: str | None
    state: str
    tries: int
    due_ms: int | None
    created_ms: int
    sent_ms: int | None = None
    error: str | None = None

    @property
    def topic(self) -> str:
        """What no other letter has been written for."""
        return self.key or f"receipt:{self.order_id}"


async def add(conn: AsyncConnection, letter: Letter) -> bool:
    """Put a letter into the outbox; False when one with its key is there already."""
    values = {name: getattr(letter, name) for name in letter.__struct_fields__}
    table: Any = postgresql.insert(outbox) if conn.dialect.name == "postgresql" else sqlite.insert(outbox)
    once = table.values(**values).on_conflict_do_nothing(index_elements=["key"], index_where=KEYED)
    result = await conn.execute(once)
    return bool(result.rowcount == 1)


async def claim_due(conn: AsyncConnection, now_ms: int, again_ms: int, limit: int) -> list[Letter]:
    """Letters whose delivery is due; nobody else gets them before `again_ms`."""
    due = select(outbox).where(outbox.c.due_ms <= now_ms).order_by(outbox.c.due_ms).limit(limit)
    rows = (await conn.execute(due.with_for_update(skip_locked=True))).all()
    for row in rows:
        await conn.execute(update(outbox).where(outbox.c.id == row.id).values(due_ms=again_ms))
    return [Letter(**row._mapping) for row in rows]


async def change(conn: AsyncConnection, letter: str, **facts: Any) -> None:
    """Note how a delivery went."""
    await conn.execute(update(outbox).where(outbox.c.id == letter).values(**facts))


async def newest(conn: AsyncConnection, before: tuple[int, str] | None, limit: int) -> list[Letter]:
    """The newest letters; `before`: (created_ms, id) of the last one seen."""
    # A receipt is as old as its order.
    its = outbox.c.id == "mail" + func.substr(orders.c.id, 4)
    receipts = _older(select(outbox).join(orders, its).where(outbox.c.key.is_(None)), orders.c.created_ms, before)
    others = _older(select(outbox).where(KEYED), outbox.c.created_ms, before)
    found = [
        Letter(**row._mapping) for statement in (receipts, others) for row in await conn.execute(statement.limit(limit))
    ]
    return sorted(found, key=lambda letter: (letter.created_ms, letter.id), reverse=True)[:limit]


def _older(found: Select[Any], created_ms: ColumnElement[int], before: tuple[int, str] | None) -> Select[Any]:
    if before:
        at_once = and_(created_ms == before[0], outbox.c.id < before[1])
        found = found.where(or_(created_ms < before[0], at_once))
    return found.order_by(created_ms.desc(), outbox.c.id.desc())


async def purge(conn: AsyncConnection, before_ms: int) -> None:
    """Erase letters about no order that are older than `before_ms`, and with them addresses of who bought nothing."""
    await conn.execute(delete(outbox).where(KEYED, outbox.c.order_id.is_(None), outbox.c.created_ms < before_ms))


async def about_orders(conn: AsyncConnection, orders: list[str]) -> list[Letter]:
    """The letters about some orders."""
    return [Letter(**row._mapping) for row in await conn.execute(select(outbox).where(outbox.c.order_id.in_(orders)))]
