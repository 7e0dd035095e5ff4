"""The webhooks' SQL."""

from typing import Any

from msgspec import Struct
from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.webhooks.tables import webhooks


class Message(Struct, frozen=True, kw_only=True):
    """A row of `webhooks`; `body` is JSON."""

    id: str
    key: str
    type: str
    order_id: str
    body: str
    state: str
    tries: int
    due_ms: int | None
    created_ms: int
    sent_ms: int | None = None
    error: str | None = None


async def add(conn: AsyncConnection, message: Message) -> None:
    """Put a message into the queue, once a key."""
    values = {name: getattr(message, name) for name in message.__struct_fields__}
    table: Any = postgresql.insert(webhooks) if conn.dialect.name == "postgresql" else sqlite.insert(webhooks)
    await conn.execute(table.values(**values).on_conflict_do_nothing(index_elements=["key"]))


async def claim_due(conn: AsyncConnection, now_ms: int, again_ms: int, limit: int) -> list[Message]:
    """Messages whose delivery is due, oldest first; nobody else gets them before `again_ms`."""
    due = select(webhooks).where(webhooks.c.due_ms <= now_ms).order_by(webhooks.c.due_ms).limit(limit)
    rows = (await conn.execute(due.with_for_update(skip_locked=True))).all()
    for row in rows:
        await conn.execute(update(webhooks).where(webhooks.c.id == row.id).values(due_ms=again_ms))
    return [Message(**row._mapping) for row in rows]


async def change(conn: AsyncConnection, message: str, **facts: Any) -> None:
    """Note how a delivery went."""
    await conn.execute(update(webhooks).where(webhooks.c.id == message).values(**facts))


async def newest(conn: AsyncConnection, before: tuple[int, str] | None, limit: int) -> list[Message]:
    """The newest messages; `before`: (created_ms, id) of the last one seen."""
    statement = select(webhooks)
    if before:
        older = and_(webhooks.c.created_ms == before[0], webhooks.c.id < before[1])
        statement = statement.where(or_(webhooks.c.created_ms < before[0], older))
    rows = await conn.execute(statement.order_by(webhooks.c.created_ms.desc(), webhooks.c.id.desc()).limit(limit))
    return [Message(**row._mapping) for row in rows]


async def send_again(conn: AsyncConnection, message: str, now_ms: int) -> bool:
    """Have a message that was given up delivered anew, under its old id; False when there is none such."""
    failed = and_(webhooks.c.id == message, webhooks.c.state == "failed")
    facts = {"state": "waiting", "tries": 0, "due_ms": now_ms, "error": None}
    return (await conn.execute(update(webhooks).where(failed).values(facts))).rowcount == 1
