"""The sandbox provider's SQL."""

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.payments.tables import sandbox_payments, sandbox_refunds


async def state(conn: AsyncConnection, attempt: str) -> str | None:
    """What the sandbox remembers of a payment."""
    found: str | None = await conn.scalar(select(sandbox_payments.c.state).where(sandbox_payments.c.attempt == attempt))
    return found


async def remember(conn: AsyncConnection, attempt: str, new: str, amount: int, at_ms: int) -> str:
    """Begin a payment in the state `new`, unless it is known already; its state."""
    known = await state(conn, attempt)
    if known is not None:
        return known
    row = {"attempt": attempt, "state": new, "amount": amount, "created_ms": at_ms}
    await conn.execute(insert(sandbox_payments).values(row))
    return new


async def decide(conn: AsyncConnection, attempt: str, new: str) -> bool:
    """Move a waiting payment on; False when it waits no longer."""
    waiting = (sandbox_payments.c.attempt == attempt) & (sandbox_payments.c.state == "waiting")
    result = await conn.execute(update(sandbox_payments).where(waiting).values(state=new))
    return result.rowcount == 1


async def refund(conn: AsyncConnection, key: str, attempt: str, amount: int, at_ms: int) -> None:
    """Record a refund once a key."""
    if await conn.scalar(select(exists().where(sandbox_refunds.c.key == key))):
        return
    row = {"key": key, "attempt": attempt, "amount": amount, "created_ms": at_ms}
    await conn.execute(insert(sandbox_refunds).values(row))


async def refunded(conn: AsyncConnection, attempt: str) -> int:
    """The sum of a payment's refunds."""
    amounts = select(func.coalesce(func.sum(sandbox_refunds.c.amount), 0))
    return int(await conn.scalar(amounts.where(sandbox_refunds.c.attempt == attempt)) or 0)
