"""The show over HTTP: what is on, and what a host does with it."""

from typing import Any

import msgspec
from aiohttp import web

from app import keys
from app.catalogue import queries as catalogue
from app.catalogue.views import ProductView, summaries, text_in
from app.config import Config
from app.edge import json_response, read_json
from app.errors import BadRequest, NotFound
from app.host.guard import host_only
from app.host.memory import did
from app.language import language_of
from app.ledger.connection import Connection
from app.ledger.ids import new_id
from app.show import cues, queries
from app.show.event import Phase, move
from app.show.log import announce, publish, tell
from app.show.queries import Event
from overlays.cue import MAX_PRODUCTS
from overlays.messages import CueMessage, DropMessage, ShowState, StateMessage


class EventSummary(msgspec.Struct, frozen=True):
    """An event in the list of events."""

    id: str
    title: str
    state: ShowState
    starts_at: str | None
    playlist: str


class EventView(msgspec.Struct, frozen=True):
    """An event as it is right now."""

    id: str
    title: str
    state: ShowState
    starts_at: str | None
    playlist: str
    products: list[ProductView]
    cues: list[CueMessage]
    drops: tuple[DropMessage, ...]
    viewers: int
    seq: int
    now_ms: int


class PhaseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /api/events/{event}/state."""

    state: Phase


class AutopilotRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PUT /api/events/{event}/autopilot."""

    on: bool


def playlist_url(config: Config, event: str) -> str:
    """Where the player finds the picture: here, or at the CDN in front of /hls."""
    return f"{config.media_url}/hls/{event}/index.m3u8"


async def list_events(request: web.Request) -> web.Response:
    """GET /api/events: every event with its state and its title."""
    async with request.app[keys.LEDGER].read() as conn:
        rows = await queries.all_events(conn)
    language, live, config = language_of(request), request.app[keys.LIVE], request.app[keys.CONFIG]
    found = [
        EventSummary(
            row.id,
            text_in(row.rundown.title, language),
            (await live.feed(row.id)).state,
            row.rundown.starts_at,
            playlist_url(config, row.id),
        )
        for row in rows
    ]
    return json_response({"events": found})


async def show_event(request: web.Request) -> web.Response:
    """GET /api/events/{event}: the state, the playlist, the products and what is live right now."""
    event, language = request.match_info["event"], language_of(request)
    feed = await request.app[keys.LIVE].feed(event)
    async with request.app[keys.LEDGER].read() as conn:
        row = await _event(conn, event)
        products = await summaries(conn, row.rundown.products() or None, language)
    if row.seq > feed.seq:
        await request.app[keys.LIVE].catch_up(feed)  # who has just posted a cue finds it here
    now_ms = await request.app[keys.PRESENT].about_ms(event)
    shown = {cue.id for cue in feed.timeline.live(now_ms)}
    state = feed.timeline.state()
    view = EventView(
        row.id, text_in(row.rundown.title, language), feed.state, row.rundown.starts_at,
        playlist_url(request.app[keys.CONFIG], row.id), products, [cue for cue in state.cues if cue.id in shown],
        feed.drops(), feed.viewers, feed.seq, now_ms,
    )  # fmt: skip
    return json_response(view)


@host_only
async def post_cue(request: web.Request) -> web.Response:
    """POST /api/events/{event}/cues: 201 {id, seq, at_ms}."""
    event = request.match_info["event"]
    asked = await read_json(request, cues.CueRequest)
    ledger = request.app[keys.LEDGER]
    async with ledger.read() as conn:
        await _event(conn, event)
        known = await catalogue.existing_skus(conn, asked.products[:MAX_PRODUCTS])
    present = request.app[keys.PRESENT]
    now_ms = await (present.exact_ms(event) if asked.at_ms is None else present.about_ms(event))
    cue = cues.plan(asked, new_id("cue"), now_ms, known)
    async with ledger.write() as conn:
        announcement = await announce(conn, event, "cue", msgspec.to_builtins(cue))
        await did(conn, request, "shown", event, cue.id)
    await publish(request.app, announcement)
    answer = {"id": cue.id, "seq": announcement.seq, "at_ms": cue.at_ms}
    return json_response(answer, 201, {"Location": f"/api/events/{event}/cues/{cue.id}"})


@host_only
async def delete_cue(request: web.Request) -> web.Response:
    """DELETE /api/events/{event}/cues/{id}: taken back at once, or ended on the frame of ?at_ms=; {id, seq, at_ms}."""
    event, cue_id = request.match_info["event"], request.match_info["id"]
    at_ms = _media_ms(request.query.get("at_ms"))
    async with request.app[keys.LEDGER].read() as conn:
        await _event(conn, event)
    now_ms = 0 if at_ms is None else await request.app[keys.PRESENT].about_ms(event)
    async with request.app[keys.LEDGER].write() as conn:
        rows = await queries.announced_about(conn, event, cue_id)
        announcement = await announce(conn, event, "cue_end", cues.end(rows, cue_id, at_ms, now_ms))
        await did(conn, request, "ended", event, cue_id)
    await publish(request.app, announcement)
    return json_response({"id": cue_id, "seq": announcement.seq, "at_ms": at_ms})


@host_only
async def post_state(request: web.Request) -> web.Response:
    """POST /api/events/{event}/state {state}: begin, end or reset the show."""
    event = request.match_info["event"]
    wanted = (await read_json(request, PhaseRequest)).state
    async with request.app[keys.LEDGER].read() as conn:
        await _event(conn, event)
    now_ms = await request.app[keys.PRESENT].about_ms(event)
    async with request.app[keys.LEDGER].write() as conn:
        row = await _event(conn, event)
        changed = move(row.phase, wanted)
        if changed:
            await queries.set_phase(conn, event, wanted, now_ms)
    if changed:
        await tell(request.app, event, StateMessage(wanted, now_ms))
    return json_response({"state": wanted, "since_ms": now_ms if changed else row.since_ms})


@host_only
async def rundown(request: web.Request) -> web.Response:
    """GET /api/events/{event}/rundown: the run of show with its numbers, for the console."""
    async with request.app[keys.LEDGER].read() as conn:
        row = await _event(conn, request.match_info["event"])
    rows: list[dict[str, Any]] = [
        {"number": number, **msgspec.to_builtins(entry)} for number, entry in enumerate(row.rundown.rows, 1)
    ]
    return json_response({"id": row.id, "title": row.rundown.title, "autopilot": row.autopilot, "rows": rows})


@host_only
async def put_autopilot(request: web.Request) -> web.Response:
    """PUT /api/events/{event}/autopilot {on}: whether the run of show follows the looping film by itself."""
    event = request.match_info["event"]
    wanted = (await read_json(request, AutopilotRequest)).on
    async with request.app[keys.LEDGER].write() as conn:
        await _event(conn, event)
        await queries.set_autopilot(conn, event, wanted)
    return json_response({"autopilot": wanted})


@host_only
async def stream_key(request: web.Request) -> web.Response:
    """GET, POST /api/events/{event}/stream-key: what to paste into the encoder; POST replaces the key."""
    event = request.match_info["event"]
    async with request.app[keys.LEDGER].write() as conn:
        key = (await _event(conn, event)).stream_key
        if request.method == "POST":
            key = new_id("key")
            await queries.set_stream_key(conn, event, key)
    url = f"{request.app[keys.CONFIG].public_url}/whip/{event}"
    return json_response({"url": url, "key": key})


async def _event(conn: Connection, event_id: str) -> Event:
    found = await queries.event(conn, event_id)
    if found is None:
        raise NotFound(f"There is no event {event_id!r}.")
    return found


def _media_ms(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadRequest("at_ms is a media time in epoch milliseconds, such as 1790000000000.")
    return int(text)
