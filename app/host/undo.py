"""POST /api/host/events/{event}/undo: the host's last act, taken back within five seconds."""

import msgspec
from aiohttp import web

from app import keys
from app.drops import queries as drops
from app.drops import rules
from app.drops.opening import end_drop
from app.edge import json_response
from app.errors import Unavailable
from app.host import queries
from app.host.deeds import Done, TooLate, fresh
from app.host.guard import current_host, host_only
from app.ledger.connection import Connection
from app.ledger.ids import new_id
from app.show import cues
from app.show import queries as show
from app.show.log import Announcement, announce, publish
from overlays.cue import MIN_DURATION_MS
from overlays.messages import CueEndMessage, CueMessage, numbered


@host_only
async def undo(request: web.Request) -> web.StreamResponse:
    """POST /api/host/events/{event}/undo: 200 {undone, id}, the latest act is taken back.

    A shown cue is retracted, an ended one shown for the time that it had left, a drop withdrawn.

    409 nothing-to-undo, or too-late: the drop is open, or an ended one gave its units back.
    """
    event, app = request.match_info["event"], request.app
    host, now_ms = await current_host(request), app[keys.CLOCK]()
    assert host is not None  # noqa: S101 - the guard let the request pass
    newest_ms = await _newest_ms(request, event)
    async with app[keys.LEDGER].write() as conn:
        done = fresh(await queries.take_deed(conn, event, host.name), now_ms)
        announcement = None
        if done.deed == "dropped":
            drop = await drops.find(conn, done.about)
            if drop is None or now_ms >= drop.opens_at_ms:
                raise TooLate("The drop is open already, so somebody may be buying; end it instead.")
        else:
            announcement = await _reverse(conn, event, done, newest_ms)
    if announcement is not None:
        await publish(app, announcement)
    elif done.deed == "dropped":
        ended = await end_drop(app, done.about)
        assert ended is not None and rules.ended(ended, now_ms)  # noqa: S101 - it was found above
        app[keys.HOLDS].changed(ended)
    return json_response({"undone": done.deed, "id": done.about})


async def _reverse(conn: Connection, event: str, done: Done, newest_ms: int) -> Announcement | None:
    rows = await show.announced_about(conn, event, done.about)
    if done.deed == "shown":
        return await announce(conn, event, "cue_end", cues.end(rows, done.about, None, newest_ms))
    shown = [message for row in rows if isinstance(message := numbered(row.kind, row.body), CueMessage)]
    ends = [message for row in rows if isinstance(message := numbered(row.kind, row.body), CueEndMessage)]
    if not shown or not ends:
        return None
    # Viewers never see a cue again that they saw end, so what was left of it is a cue of its own.
    again = resumed(shown[-1], newest_ms, new_id("cue"))
    return None if again is None else await announce(conn, event, "cue", again)


def resumed(cue: CueMessage, newest_ms: int, new: str) -> dict[str, object] | None:
    """The rest of a cue that was ended by mistake, from the newest frame on; None when nothing of it is left. Pure."""
    left_ms = cue.at_ms + cue.duration_ms - newest_ms
    if left_ms < MIN_DURATION_MS:
        return None
    members: dict[str, object] = msgspec.to_builtins(cue)
    members.pop("seq")
    return {**members, "id": new, "at_ms": newest_ms, "duration_ms": left_ms}


async def _newest_ms(request: web.Request, event: str) -> int:
    try:
        return await request.app[keys.MEDIA_CLIENT].now_ms(event)
    except Unavailable:
        return request.app[keys.CLOCK]()
