"""What the shop holds while a process runs."""

from collections.abc import AsyncIterator

from aiohttp import web

from app import keys
from app.shop.desk import open_desk


async def desk(app: web.Application) -> AsyncIterator[None]:
    """Checkout, payments, refunds."""
    recent = app[keys.HOLDS].recent
    app[keys.DESK] = opened = open_desk(app[keys.CONFIG], app[keys.LEDGER], app[keys.GATE], recent, app[keys.CLOCK])
    yield
    await opened.close()
