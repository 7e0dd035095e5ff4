"""The chat's SQL. Every function takes a connection of the ledger; those that change something a writing one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.chat.tables import said


@dataclass(frozen=True)
class Line:
    """A chat line's row."""

    id: str
    event: str
    shopper: str
    author: str
    text: str
    said_ms: int


async def add(conn: AsyncConnection, lines: Sequence[Line]) -> None:
    """Insert lines."""
    rows = [
        {"id": line.id, "event": line.event, "shopper": line.shopper, "author": line.author, "text": line.text,
         "said_ms": line.said_ms}
        for line in lines
    ]  # fmt: skip
    await conn.execute(insert(said), rows)


async def recent(conn: AsyncConnection, event: str, most: int) -> list[Line]:
    """The last lines that are not hidden, oldest first."""
    columns = (said.c.id, said.c.event, said.c.shopper, said.c.author, said.c.text, said.c.said_ms)
    rows = await conn.execute(
        select(*columns)
        .where(said.c.event == event, said.c.hidden_ms.is_(None))
        .order_by(said.c.said_ms.desc(), said.c.id)
        .limit(most)
    )
    return [Line(**row._mapping) for row in rows][::-1]


async def of_shopper(conn: AsyncConnection, shopper: str) -> list[Line]:
    """Everything that a shopper has said, oldest first."""
    columns = (said.c.id, said.c.event, said.c.shopper, said.c.author, said.c.text, said.c.said_ms)
    rows = await conn.execute(select(*columns).where(said.c.shopper == shopper).order_by(said.c.said_ms, said.c.id))
    return [Line(**row._mapping) for row in rows]


async def forget(conn: AsyncConnection, shopper: str) -> None:
    """Erase what a shopper has said."""
    await conn.execute(delete(said).where(said.c.shopper == shopper))


async def hide(conn: AsyncConnection, event: str, line: str, now_ms: int) -> bool:
    """Hide a line; False when there is no such line (one that is hidden already is no mistake)."""
    where = (said.c.event == event) & (said.c.id == line)
    await conn.execute(update(said).where(where, said.c.hidden_ms.is_(None)).values(hidden_ms=now_ms))
    return await conn.scalar(select(said.c.id).where(where)) is not None
