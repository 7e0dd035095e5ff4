"""The shoppers' SQL."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.customers.tables import shoppers


@dataclass(frozen=True)
class Profile:
    """What a shopper told us; `address` is JSON."""

    id: str
    created_ms: int
    email: str | None
    address: str | None
    language: str | None
    revoked_ms: int | None


async def profile(conn: AsyncConnection, shopper: str) -> Profile | None:
    """The row of `shopper`, if there is one."""
    row = (await conn.execute(select(shoppers).where(shoppers.c.id == shopper))).one_or_none()
    return None if row is None else Profile(**row._mapping)


async def revoked(conn: AsyncConnection, shopper: str) -> bool:
    """Whether the shopper's cookie has lost its worth."""
    found = await conn.scalar(select(shoppers.c.revoked_ms).where(shoppers.c.id == shopper))
    return found is not None


async def remember(conn: AsyncConnection, shopper: str, email: str, address: str, language: str, at_ms: int) -> None:
    """Keep what a checkout said, for the next one."""
    facts = {"email": email, "address": address, "language": language}
    known = await conn.execute(update(shoppers).where(shoppers.c.id == shopper).values(facts))
    if not known.rowcount:
        await conn.execute(insert(shoppers).values(id=shopper, created_ms=at_ms, **facts))


async def forget(conn: AsyncConnection, shopper: str, at_ms: int) -> None:
    """Erase the shopper's data and take the cookie's worth away."""
    facts = {"email": None, "address": None, "language": None, "revoked_ms": at_ms}
    known = await conn.execute(update(shoppers).where(shoppers.c.id == shopper).values(facts))
    if not known.rowcount:
        await conn.execute(insert(shoppers).values(id=shopper, created_ms=at_ms, **facts))
