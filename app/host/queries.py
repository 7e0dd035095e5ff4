"""The SQL of accounts and sessions. Every function takes the connection first; times are epoch milliseconds."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.host.deeds import Done
from app.host.roles import Role
from app.host.tables import host_deeds, host_sessions, hosts
from app.shop.tables import orders


@dataclass(frozen=True)
class Account:
    """One person who may sign in."""

    name: str
    password_hash: str
    role: Role
    created_ms: int


@dataclass(frozen=True)
class SessionRow:
    """A session that was not revoked, with its owner's present role."""

    id: str
    name: str
    role: Role
    created_ms: int
    seen_ms: int


async def account(conn: AsyncConnection, name: str) -> Account | None:
    """The account called `name`."""
    row = (await conn.execute(select(hosts).where(hosts.c.name == name))).first()
    return None if row is None else Account(row.name, row.password_hash, Role(row.role), row.created_ms)


async def accounts(conn: AsyncConnection) -> list[Account]:
    """Every account by name."""
    rows = await conn.execute(select(hosts).order_by(hosts.c.name))
    return [Account(row.name, row.password_hash, Role(row.role), row.created_ms) for row in rows]


async def add_account(conn: AsyncConnection, account: Account) -> bool:
    """Insert an account; False when the name is taken, be it at this instant by another process."""
    dialect: Any = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(hosts).values(
        name=account.name,
        password_hash=account.password_hash,
        role=account.role.value,
        created_ms=account.created_ms,
    )
    return (await conn.execute(statement.on_conflict_do_nothing(index_elements=["name"]))).rowcount == 1


async def set_password(conn: AsyncConnection, name: str, password_hash: str) -> None:
    """Replace the password and revoke every session that the old one opened."""
    await conn.execute(update(hosts).where(hosts.c.name == name).values(password_hash=password_hash))
    await revoke_all(conn, name)


async def remove_account(conn: AsyncConnection, name: str) -> bool:
    """Delete an account with its sessions; whether there was one."""
    await revoke_all(conn, name)
    return (await conn.execute(delete(hosts).where(hosts.c.name == name))).rowcount == 1


async def open_session(conn: AsyncConnection, id_: str, name: str, now_ms: int) -> None:
    """Insert a session."""
    await conn.execute(insert(host_sessions).values(id=id_, name=name, created_ms=now_ms, seen_ms=now_ms))


async def session(conn: AsyncConnection, id_: str) -> SessionRow | None:
    """The session with its owner's role."""
    joined = host_sessions.join(hosts, hosts.c.name == host_sessions.c.name)
    query = select(host_sessions, hosts.c.role).select_from(joined).where(host_sessions.c.id == id_)
    row = (await conn.execute(query)).first()
    return None if row is None else SessionRow(row.id, row.name, Role(row.role), row.created_ms, row.seen_ms)


async def touch_session(conn: AsyncConnection, id_: str, now_ms: int) -> None:
    """Note that the session is in use."""
    await conn.execute(update(host_sessions).where(host_sessions.c.id == id_).values(seen_ms=now_ms))


async def revoke_session(conn: AsyncConnection, id_: str) -> None:
    """End one session."""
    await conn.execute(delete(host_sessions).where(host_sessions.c.id == id_))


async def revoke_all(conn: AsyncConnection, name: str) -> None:
    """End every session of one account."""
    await conn.execute(delete(host_sessions).where(host_sessions.c.name == name))


async def forget_expired(conn: AsyncConnection, *, seen_before_ms: int, created_before_ms: int) -> None:
    """Delete sessions that can no longer be used."""
    await conn.execute(
        delete(host_sessions).where(
            or_(host_sessions.c.seen_ms < seen_before_ms, host_sessions.c.created_ms < created_before_ms)
        )
    )


async def keep_deed(conn: AsyncConnection, event: str, name: str, done: Done) -> None:
    """Remember what a host did last at an event."""
    await take_deed(conn, event, name)
    values = {"deed": done.deed, "about": done.about, "at_ms": done.at_ms}
    await conn.execute(insert(host_deeds).values(event=event, name=name, **values))


async def take_deed(conn: AsyncConnection, event: str, name: str) -> Done | None:
    """What a host did last at an event; it is forgotten with that, so that it is undone once."""
    mine = (host_deeds.c.event == event) & (host_deeds.c.name == name)
    row = (await conn.execute(delete(host_deeds).where(mine).returning(host_deeds))).first()
    return None if row is None else Done(row.deed, row.about, row.at_ms)


@dataclass(frozen=True)
class Takings:
    """Orders in one currency; `amount` in minor units, refunds taken off."""

    currency: str
    orders: int
    amount: int


async def takings(conn: AsyncConnection, since_ms: int) -> list[Takings]:
    """The shop's orders since `since_ms`, by currency."""
    count, amount = func.count(), func.sum(orders.c.amount - orders.c.refunded)
    query = select(orders.c.currency, count, amount).where(orders.c.created_ms >= since_ms)
    rows = await conn.execute(query.group_by(orders.c.currency).order_by(orders.c.currency))
    return [Takings(currency, many, int(total)) for currency, many, total in rows]
