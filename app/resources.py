"""What a process of the shop holds while it runs: each resource is acquired, yielded and released in one function."""

from collections.abc import AsyncIterator

from aiohttp import web

from app import keys
from app.drops.begin import holds
from app.gate.connection import Gate
from app.host.accounts import Accounts
from app.host.sessions import Sessions
from app.ledger.engine import Ledger
from app.ledger.migrate import check_revision
from app.media.client import MediaClient
from app.media.files import MediaFiles
from app.mirror.mirrors import Mirrors
from app.shop.begin import desk


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


async def hosts(app: web.Application) -> AsyncIterator[None]:
    """The console's accounts and sessions; a shop that has no account gets its first."""
    config, clock, opened = app[keys.CONFIG], app[keys.CLOCK], app[keys.LEDGER]
    app[keys.HOST_ACCOUNTS] = Accounts(opened, config.data, clock, config.address_limit)
    app[keys.HOST_SESSIONS] = Sessions(opened, config.secret, clock)
    await app[keys.HOST_ACCOUNTS].prepare()
    yield


async def media(app: web.Application) -> AsyncIterator[None]:
    """The way to the media process, and the files that it writes."""
    data = app[keys.CONFIG].data
    app[keys.MEDIA_CLIENT] = client = MediaClient(data)
    app[keys.MEDIA_FILES] = files = MediaFiles(data)
    yield
    await files.close()
    await client.close()


async def mirrors(app: web.Application) -> AsyncIterator[None]:
    """The way to the fitting workers, and the shoppers who stand before the mirror."""
    config = app[keys.CONFIG]
    app[keys.MIRRORS] = Mirrors(config.data / "run", config.address_limit)
    yield


# In the order in which they need each other; they are released in the opposite one.
RESOURCES = (ledger, hosts, gate, holds, desk, media, mirrors)
