"""What a process of the shop holds while it runs: each resource is acquired, yielded and released in one function."""

from collections.abc import AsyncIterator

from aiohttp import web

from app import keys
from app.gate.connection import Gate
from app.ledger.engine import Ledger
from app.ledger.migrate import check_revision


async def ledger(app: web.Application) -> AsyncIterator[None]:
    """The ledger; a schema of another version refuses the start."""
    app[keys.LEDGER] = opened = Ledger.of(app[keys.CONFIG])
    try:
        await check_revision(opened)
        yield
    finally:
        await opened.close()


async def gate(app: web.Application) -> AsyncIterator[None]:
    """Redis; it may be away at the start, and then what needs it answers busy until it is back."""
    app[keys.GATE] = opened = Gate(app[keys.CONFIG].redis_url or "redis://localhost")
    yield
    await opened.close()


# In the order in which they need each other; they are released in the opposite one.
RESOURCES = (ledger, gate)
