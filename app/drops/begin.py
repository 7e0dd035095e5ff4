"""What the drops hold while a process runs."""

from collections.abc import AsyncIterator

from aiohttp import web

from app import keys
from app.drops.holds import Holds
from app.drops.opening import draw_drop
from app.gate.limits import Limits


async def holds(app: web.Application) -> AsyncIterator[None]:
    """The door to every drop, and the limits before it."""

    async def draw(drop_id: str) -> None:
        await draw_drop(app, drop_id)

    app[keys.LIMITS] = Limits(app[keys.GATE], app[keys.CONFIG].address_limit)
    app[keys.HOLDS] = opened = Holds(app[keys.LEDGER], app[keys.GATE], app[keys.LIMITS], app[keys.CLOCK], draw)
    yield
    await opened.close()
