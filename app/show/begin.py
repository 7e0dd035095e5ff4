"""What the show holds while a process runs: its events from their files, and in a web process the viewers."""

import secrets
from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from app import keys
from app.chat.talk import Talk
from app.config import DEMO_EVENT, Config, ConfigError
from app.drops import queries as drops
from app.drops.rules import revealed
from app.ledger.clock import Clock
from app.ledger.connection import Connection
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.metrics import METRICS
from app.show import queries
from app.show.door import Door
from app.show.figures import Audience, announcement_seconds
from app.show.live import Live
from app.show.present import Present
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


async def stock_of_drops(clock: Clock, conn: Connection, event: str) -> list[tuple[str, int]]:
    """What is left of each drop that viewers may know about: for a process that begins in the middle of one."""
    now_ms = clock()
    return [
        (drop.id, drop.left) for drop in await drops.running(conn) if drop.event == event and revealed(drop, now_ms)
    ]


async def stage(app: web.Application) -> AsyncIterator[None]:
    """The viewers of a web process."""
    config = app[keys.CONFIG]
    door = app[keys.DOOR]
    talk = Talk(app[keys.LEDGER], config.secret, app[keys.CLOCK])
    app[keys.PRESENT] = Present(app[keys.MEDIA_CLIENT], app[keys.CLOCK])
    live = app[keys.LIVE] = Live(
        app[keys.LEDGER],
        app[keys.GATE],
        app[keys.MEDIA_CLIENT],
        door.stage,
        talk,
        process=secrets.token_hex(8),
        snapshot_drops=partial(stock_of_drops, app[keys.CLOCK]),
        clock=app[keys.CLOCK],
        told=announcement_seconds(app[METRICS].registry).observe,
    )
    door.register(LiveNamespace(live))
    app[METRICS].registry.register(Audience(door.stage))
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
