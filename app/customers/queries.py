"""The shoppers' SQL."""

from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.customers.confirmation import Confirmation
from app.customers.tables import confirmations, shoppers


async def revoked(conn: AsyncConnection, shopper: str) -> bool:
    """Whether the shopper's cookie has lost its worth."""
    found = await conn.scalar(select(shoppers.c.revoked_ms).where(shoppers.c.id == shopper))
    return found is not None


async def forget(conn: AsyncConnection, shopper: str, at_ms: int) -> None:
    """Erase the shopper's data and take the cookie's worth away."""
    await conn.execute(delete(confirmations).where(confirmations.c.shopper == shopper))
    dialect: Any = postgresql if conn.dialect.name == "postgresql" else sqlite
    row = dialect.insert(shoppers).values(id=shopper, revoked_ms=at_ms)
    await conn.execute(row.on_conflict_do_nothing())


async def confirmation(conn: AsyncConnection, shopper: str, email_key: str) -> Confirmation | None:
    """What is known of a shopper's address, locked until a writing transaction ends."""
    mine = _mine(shopper, email_key)
    row = (await conn.execute(select(confirmations).where(mine).with_for_update())).one_or_none()
    return None if row is None else Confirmation(**row._mapping)


async def confirmed(conn: AsyncConnection, shopper: str, email_key: str) -> bool:
    """Whether the shopper has shown that the address is theirs."""
    found = select(confirmations.c.confirmed_ms).where(_mine(shopper, email_key))
    return await conn.scalar(found) is not None


async def confirmations_of(conn: AsyncConnection, shopper: str) -> list[Confirmation]:
    """Every address that the shopper has confirmed or was asked to."""
    found = select(confirmations).where(confirmations.c.shopper == shopper).order_by(confirmations.c.email_key)
    return [Confirmation(**row._mapping) for row in await conn.execute(found)]


async def await_code(conn: AsyncConnection, asked: Confirmation) -> None:
    """From now on the code of `asked` confirms its address, and no earlier one; confirmed addresses stay so."""
    dialect: Any = postgresql if conn.dialect.name == "postgresql" else sqlite
    row = {name: getattr(asked, name) for name in asked.__struct_fields__}
    facts = {name: row[name] for name in ("email", "digest", "expires_ms", "guesses")}
    statement = dialect.insert(confirmations).values(row)
    await conn.execute(statement.on_conflict_do_update(index_elements=["shopper", "email_key"], set_=facts))


async def guessed(conn: AsyncConnection, row: Confirmation) -> None:
    """Somebody typed a code that does not fit."""
    facts = {"guesses": confirmations.c.guesses + 1}
    await conn.execute(update(confirmations).where(_mine(row.shopper, row.email_key)).values(facts))


async def confirm(conn: AsyncConnection, row: Confirmation, now_ms: int) -> None:
    """The address is the shopper's; its code has done its work."""
    facts = {"digest": None, "confirmed_ms": now_ms}
    await conn.execute(update(confirmations).where(_mine(row.shopper, row.email_key)).values(facts))


async def purge_confirmations(conn: AsyncConnection, before_ms: int) -> None:
    """Erase addresses that nobody confirmed and whose codes ended before."""
    over = and_(confirmations.c.confirmed_ms.is_(None), confirmations.c.expires_ms < before_ms)
    await conn.execute(delete(confirmations).where(over))


def _mine(shopper: str, email_key: str) -> ColumnElement[bool]:
    return and_(confirmations.c.shopper == shopper, confirmations.c.email_key == email_key)
