"""The autopilot: stamps the run of show onto the exact frames of the looping film, ahead of time, once a loop.

It keeps to the film: as soon as a publisher is live, the show is not, or a host switches it off, what it had announced
ahead is taken back.
"""

import logging
from dataclasses import dataclass, field

import msgspec
from aiohttp import web

from app import keys
from app.catalogue import queries as catalogue
from app.drops import queries as drops
from app.drops.opening import proclaim
from app.drops.planning import DropRequest
from app.drops.planning import plan as plan_drop
from app.duties import Duty
from app.ledger.clock import rfc3339
from app.ledger.connection import Connection
from app.ledger.ids import new_id
from app.media.client import MediaState
from app.show import queries
from app.show.log import Announcement, announce, publish
from app.show.queries import Event
from app.show.rundown import PlannedDrop, Rundown
from overlays.cue import Cue

log = logging.getLogger(__name__)

# A loop's first tags are announced within this after its first frame; the nearest viewer is a second behind it.
EVERY_S = 0.25
# The same clock reads differently in two processes by less than this.
_EARLY_MS = 500


def stamp(rundown: Rundown, loop_ms: int, now_ms: int) -> list[Cue]:
    """The cues of the loop whose first frame has the media time `loop_ms`, apart from those that are over. Pure."""
    cues = [
        row.cue(f"cue_film_{loop_ms}_{number}", loop_ms + row.at_ms)
        for number, row in enumerate(rundown.rows, 1)
        if row.drop is None
    ]
    return [cue for cue in cues if cue.end_ms > now_ms]


def drop_due(planned: PlannedDrop, last_ms: int | None, loop_ms: int, duration_ms: int) -> bool:
    """Whether it is a drop's turn in this loop; `last_ms` is the media time of its last reveal. Pure."""
    return last_ms is None or loop_ms - last_ms >= (planned.every_loops - 1) * duration_ms


@dataclass
class Director:
    """Follows the film of every event. It may run in several processes: a loop is claimed in the ledger."""

    stamped: dict[str, list[Cue]] = field(default_factory=dict)

    async def perform(self, app: web.Application) -> None:
        """Do what is due."""
        async with app[keys.LEDGER].read() as conn:
            events = await queries.all_events(conn)
        for event in events:
            media = app[keys.MEDIA_CLIENT].state(event.id)
            if event.autopilot and event.phase == "live" and media.source == "film" and media.film is not None:
                if media.film.loop_ms > event.loop_ms:
                    await self._begin_loop(app, event, media)
            elif event.id in self.stamped:
                await self._take_back(app, event, media.newest_ms)

    async def _begin_loop(self, app: web.Application, event: Event, media: MediaState) -> None:
        assert media.film is not None  # noqa: S101 - seen by the caller
        loop_ms, duration_ms = media.film.loop_ms, media.film.duration_ms
        async with app[keys.LEDGER].write() as conn:
            if not await queries.claim_loop(conn, event.id, loop_ms):
                return
            self.stamped[event.id] = stamp(event.rundown, loop_ms, media.newest_ms)
            made = [await announce(conn, event.id, "cue", msgspec.to_builtins(cue)) for cue in self.stamped[event.id]]
            made += await _prepare_drops(app, conn, event, loop_ms, duration_ms)
        for announcement in made:
            await publish(app, announcement)

    async def _take_back(self, app: web.Application, event: Event, now_ms: int) -> None:
        made = []
        async with app[keys.LEDGER].write() as conn:
            for cue in self.stamped.pop(event.id):
                if cue.end_ms > now_ms:
                    end = None if cue.at_ms > now_ms else now_ms
                    made.append(await announce(conn, event.id, "cue_end", {"id": cue.id, "at_ms": end}))
        for announcement in made:
            await publish(app, announcement)


async def _prepare_drops(
    app: web.Application, conn: Connection, event: Event, loop_ms: int, duration_ms: int
) -> list[Announcement]:
    made = []
    now_ms = app[keys.CLOCK]()
    for row in event.rundown.rows:
        planned, reveal_at_ms = row.drop, loop_ms + row.at_ms
        if planned is None or reveal_at_ms < now_ms + _EARLY_MS:
            continue
        last = [drop for drop in await drops.of_event(conn, event.id) if drop.variant == planned.variant]
        if not drop_due(planned, last[-1].reveal_at_ms if last else None, loop_ms, duration_ms):
            continue
        on_sale = await catalogue.variants_on_sale(conn, [planned.variant])
        if planned.variant not in on_sale:
            log.warning("the run of show of %s drops %s, which is not on sale", event.id, planned.variant)
            continue
        if app[keys.CONFIG].demo and on_sale[planned.variant][0].left < planned.quantity:
            # The demo's stock is make-believe, and it should still sell on its second day.
            await catalogue.adjust(conn, planned.variant, planned.quantity)
        asked = DropRequest(
            event.id, planned.sku, planned.variant, planned.quantity, planned.per_customer, reveal_at_ms,
            planned.opens_after_ms, planned.draw_ms, rfc3339(reveal_at_ms + planned.opens_after_ms + planned.open_ms),
            planned.confirm_email,
        )  # fmt: skip
        drop = plan_drop(asked, new_id("drp"), reveal_at_ms, now_ms)
        if not await drops.add(conn, drop):
            log.warning("too few of %s are left for its drop", planned.variant)
        elif announcement := await proclaim(conn, drop.id, now_ms):
            made.append(announcement)
    return made


def show_duties() -> tuple[Duty, ...]:
    """The show's standing duties."""
    return (Duty("run of show", EVERY_S, Director().perform),)
