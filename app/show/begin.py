"""What the show holds while a process runs: its events from their files, and in a web process the viewers."""

import secrets
from collections.abc import AsyncIterator

from aiohttp import web

from app import keys
from app.chat.talk import Talk
from app.config import DEMO_EVENT, Config, ConfigError
from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.show import queries
from app.show.door import Door
from app.show.live import Live
from app.show.rundown import RundownError, load_rundowns
from overlays.namespace import LiveNamespace


async def import_events(config: Config, ledger: Ledger, clock: Clock) -> None:
    """Bring the ledger's events to what their files say. Raises ConfigError that names the file and the line."""
    try:
        rundowns = load_rundowns(config)
    except RundownError as error:
        raise ConfigError(str(error)) from None
    if rundowns:
        async with ledger.write() as conn:
            for rundown in rundowns:
                given = config.stream_key if rundown.id == DEMO_EVENT else None
                await queries.save_event(conn, rundown, given, given or new_id("key"), clock())


async def stage(app: web.Application) -> AsyncIterator[None]:
    """The viewers of a web process."""
    config = app[keys.CONFIG]
    door = app[keys.DOOR]
    talk = Talk(app[keys.LEDGER], config.secret, app[keys.CLOCK])
    live = app[keys.LIVE] = Live(
        app[keys.LEDGER],
        app[keys.GATE],
        app[keys.MEDIA_CLIENT],
        door.stage,
        talk,
        process=secrets.token_hex(8),
    )
    door.register(LiveNamespace(live))
    live.start()
    yield
    await live.stop()


def install(app: web.Application) -> None:
    """Make an application serve viewers; its connections are closed before its resources."""
    app[keys.DOOR] = door = Door(app[keys.CONFIG].address_limit)
    app.cleanup_ctx.append(stage)

    async def shut(_: web.Application) -> None:
        await door.shut()

    app.on_shutdown.append(shut)
