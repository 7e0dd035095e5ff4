"""The shoppers' SQL."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
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
    """Keep what a checkout said, for the next one; nothing of who asked to be forgotten before the bank answered."""
    facts = {"email": email, "address": address, "language": language}
    known = shoppers.c.revoked_ms.is_(None)
    await conn.execute(_upsert(conn, {"id": shopper, "created_ms": at_ms, **facts}, facts, known))


async def forget(conn: AsyncConnection, shopper: str, at_ms: int) -> None:
    """Erase the shopper's data and take the cookie's worth away."""
    facts = {"email": None, "address": None, "language": None, "revoked_ms": at_ms}
    await conn.execute(_upsert(conn, {"id": shopper, "created_ms": at_ms, **facts}, facts))


def _upsert(conn: AsyncConnection, row: dict[str, Any], facts: dict[str, Any], where: Any = None) -> Any:
    dialect: Any = postgresql if conn.dialect.name == "postgresql" else sqlite
    return dialect.insert(shoppers).values(row).on_conflict_do_update(index_elements=["id"], set_=facts, where=where)
