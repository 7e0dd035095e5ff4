"""A drop's way through time: what is due is done and announced, by whichever process comes first."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from app import keys
from app.drops import queries, rules
from app.drops.draw import queries as draws
from app.drops.draw.rules import winners
from app.drops.holds import winner
from app.drops.rules import Drop
from app.drops.views import message
from app.errors import Unavailable
from app.ledger.connection import Connection
from app.show.log import Announcement, announce, publish, tell
from overlays.messages import StockMessage

log = logging.getLogger(__name__)


async def proclaim(conn: Connection, drop_id: str, now_ms: int) -> Announcement | None:
    """Announce the state of a drop that this transaction has locked or made, unless it was announced before."""
    drop = await queries.find(conn, drop_id)
    if drop is None or drop.announced == (state := rules.state(drop, now_ms)):
        return None
    await queries.set_announced(conn, drop, state)
    return await announce(conn, drop.event, "drop", message(drop, now_ms))


async def end_drop(app: web.Application, drop_id: str) -> Drop | None:
    """End the drop now, unless it has ended; it is told to everybody. None when there is no such drop."""
    now_ms = app[keys.CLOCK]()
    async with app[keys.LEDGER].write() as conn:
        drop = await queries.find(conn, drop_id, lock=True)
        if drop is None:
            return None
        await queries.end(conn, drop, now_ms)
        announcement = await proclaim(conn, drop_id, now_ms)
        drop = await queries.find(conn, drop_id)
    if announcement:
        await publish(app, announcement)
    return drop


async def draw_drop(app: web.Application, drop_id: str) -> None:
    """Perform the drop's draw when it is due and nobody has; the result and the seed are told to everybody."""
    now_ms = app[keys.CLOCK]()
    async with app[keys.LEDGER].write() as conn:
        drop = await queries.find(conn, drop_id, lock=True)
        if drop is None or not rules.draws(drop, now_ms) or now_ms < rules.draw_due_ms(drop):
            return
        entries = await draws.entries_of(conn, drop_id)
        won = winners(drop.seed, entries, drop.left)
        await queries.keep_draw(conn, drop, [winner(entry, drop, now_ms) for entry in won], now_ms)
        drawn = await queries.find(conn, drop_id)
        assert drawn is not None  # noqa: S101 - it is locked
        # Announced even if the state stays "open": with it goes the seed.
        await queries.set_announced(conn, drawn, rules.state(drawn, now_ms))
        announcement = await announce(conn, drop.event, "drop", message(drawn, now_ms))
    log.info("the draw of %s: %d entries, %d served", drop_id, len(entries), len(won))
    await publish(app, announcement)


@dataclass
class Told:
    """What viewers know of each drop's stock, so that only changes are told."""

    left: dict[str, int] = field(default_factory=dict)


def advancing() -> Callable[[web.Application], Awaitable[None]]:
    """The duty that moves every drop on: reveal, opening, draw, sold out, restock, end, and what is left."""
    told = Told()

    async def advance(app: web.Application) -> None:
        now_ms = app[keys.CLOCK]()
        async with app[keys.LEDGER].read() as conn:
            running = await queries.running(conn)
        for drop in running:
            try:
                await _advance(app, drop, now_ms)
            except Unavailable:
                raise
            except Exception:
                log.exception("%s does not move on", drop.id)  # and keeps no other drop from moving
            if told.left.get(drop.id, drop.quantity) != drop.left and rules.revealed(drop, now_ms):
                told.left[drop.id] = drop.left
                await tell(app, drop.event, StockMessage(drop.id, drop.left))
        for gone in told.left.keys() - {drop.id for drop in running}:
            del told.left[gone]

    return advance


async def _advance(app: web.Application, drop: Drop, now_ms: int) -> None:
    if rules.ended(drop, now_ms):
        await end_drop(app, drop.id)
    elif rules.draws(drop, now_ms) and now_ms >= rules.draw_due_ms(drop):
        await draw_drop(app, drop.id)
    elif drop.announced != rules.state(drop, now_ms):
        async with app[keys.LEDGER].write() as conn:
            await queries.find(conn, drop.id, lock=True)
            announcement = await proclaim(conn, drop.id, now_ms)
        if announcement:
            await publish(app, announcement)
