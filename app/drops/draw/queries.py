"""The draws' SQL: who takes part. The first argument is a connection of the ledger; `enter` needs a writing one."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.drops.draw.rules import Entry
from app.drops.tables import drop_entries, drops, holds


async def enter(conn: AsyncConnection, entries: Sequence[Entry]) -> list[bool]:
    """Keep entries for their drops' draws, the first of each customer; False where the draw is over."""
    named = sorted({entry.drop for entry in entries})
    waiting = (drops.c.drawn_ms.is_(None)) & (drops.c.ended_ms.is_(None))
    # Shared with others who enter, and not with the draw.
    statement = select(drops.c.id).where(drops.c.id.in_(named), waiting).order_by(drops.c.id)
    undrawn = set(await conn.scalars(statement.with_for_update(read=True)))
    rows = [
        {"drop_id": e.drop, "shopper": e.shopper, "id": e.id, "quantity": e.quantity, "entered_ms": e.entered_ms}
        for e in entries
        if e.drop in undrawn
    ]
    if rows:
        dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
        await conn.execute(dialect.insert(drop_entries).on_conflict_do_nothing(), rows)
    return [entry.drop in undrawn for entry in entries]


async def entries_of(conn: AsyncConnection, drop: str) -> list[Entry]:
    """Everybody who takes part in the drop's draw."""
    rows = await conn.execute(select(drop_entries).where(drop_entries.c.drop_id == drop))
    return [Entry(row.id, row.drop_id, row.shopper, row.quantity, row.entered_ms) for row in rows]


async def entries_by(conn: AsyncConnection, shopper: str) -> list[Entry]:
    """Every draw that the shopper took part in."""
    rows = await conn.execute(select(drop_entries).where(drop_entries.c.shopper == shopper))
    return [Entry(row.id, row.drop_id, row.shopper, row.quantity, row.entered_ms) for row in rows]


async def entries_with_outcome(conn: AsyncConnection, drop: str) -> list[tuple[str, str, int, bool]]:
    """Id, shopper and quantity of everybody in the draw, and whether they won."""
    entry = drop_entries.c
    # Who lost may have got a unit that came back later, under the same key and id.
    won = (holds.c.id == entry.id) & (holds.c.created_ms == drops.c.drawn_ms)
    statement = select(entry.id, entry.shopper, entry.quantity, holds.c.id.is_not(None).label("won"))
    joined = statement.join(drops, drops.c.id == entry.drop_id).outerjoin(holds, won)
    rows = await conn.execute(joined.where(entry.drop_id == drop))
    return [(row.id, row.shopper, row.quantity, bool(row.won)) for row in rows]
