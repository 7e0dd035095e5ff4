"""The show's SQL. Every function takes a connection of the ledger; those that change something a writing one."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.show.event import Phase
from app.show.rundown import Rundown
from app.show.tables import announcements, events


@dataclass(frozen=True)
class Event:
    """An event's row."""

    id: str
    rundown: Rundown
    phase: Phase
    since_ms: int | None
    stream_key: str
    seq: int
    autopilot: bool
    loop_ms: int


@dataclass(frozen=True)
class Announced:
    """An announcement's row; `body` is the JSON that viewers receive."""

    seq: int
    kind: str
    body: bytes


_COLUMNS = (
    events.c.id,
    events.c.rundown,
    events.c.phase,
    events.c.since_ms,
    events.c.stream_key,
    events.c.seq,
    events.c.autopilot,
    events.c.loop_ms,
)


async def all_events(conn: AsyncConnection) -> list[Event]:
    """Every event, by id."""
    rows = await conn.execute(select(*_COLUMNS).order_by(events.c.id))
    return [_event(row) for row in rows]


async def event(conn: AsyncConnection, event_id: str) -> Event | None:
    """One event."""
    row = (await conn.execute(select(*_COLUMNS).where(events.c.id == event_id))).one_or_none()
    return None if row is None else _event(row)


async def save_event(
    conn: AsyncConnection, rundown: Rundown, stream_key: str | None, new_key: str, now_ms: int
) -> None:
    """Insert an event, or bring the known one's run of show up to date.

    `stream_key` replaces the known key when it is given; `new_key` is for an event that has none yet.
    """
    text = msgspec.json.encode(rundown).decode()
    changes = {"rundown": text} | ({"stream_key": stream_key} if stream_key else {})
    known = await conn.execute(update(events).where(events.c.id == rundown.id).values(changes))
    if known.rowcount == 0:
        first = {"phase": rundown.begins, "autopilot": rundown.autopilot, "created_ms": now_ms, "stream_key": new_key}
        # Several processes may start at once; the first one's row stays.
        insert_once = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
        values = {"id": rundown.id, **first, **changes}
        await conn.execute(insert_once(events).values(values).on_conflict_do_nothing())


async def set_phase(conn: AsyncConnection, event_id: str, phase: Phase, since_ms: int) -> None:
    """Move an event to another phase."""
    await conn.execute(update(events).where(events.c.id == event_id).values(phase=phase, since_ms=since_ms))


async def set_stream_key(conn: AsyncConnection, event_id: str, key: str) -> None:
    """Replace the publisher's key."""
    await conn.execute(update(events).where(events.c.id == event_id).values(stream_key=key))


async def set_autopilot(conn: AsyncConnection, event_id: str, on: bool) -> None:
    """Switch the autopilot."""
    await conn.execute(update(events).where(events.c.id == event_id).values(autopilot=on))


async def claim_loop(conn: AsyncConnection, event_id: str, loop_ms: int) -> bool:
    """Whether the film's loop that began at `loop_ms` is now ours to stamp: once a loop, whoever asks and restarts."""
    row = events.c.id == event_id
    taken = await conn.execute(update(events).where(row, events.c.loop_ms < loop_ms).values(loop_ms=loop_ms))
    return taken.rowcount == 1


async def next_seq(conn: AsyncConnection, event_id: str) -> int | None:
    """Take the event's next number; held until the transaction ends, so that commits follow the numbers."""
    counted = update(events).where(events.c.id == event_id).values(seq=events.c.seq + 1).returning(events.c.seq)
    taken: int | None = (await conn.execute(counted)).scalar_one_or_none()
    return taken


async def add_announcement(conn: AsyncConnection, event_id: str, row: Announced, about: str, now_ms: int) -> None:
    """Insert an announcement under its number."""
    values = {"seq": row.seq, "kind": row.kind, "body": row.body.decode(), "about": about, "created_ms": now_ms}
    await conn.execute(insert(announcements).values(event=event_id, **values))


async def announced_after(conn: AsyncConnection, event_id: str, seq: int) -> list[Announced]:
    """Announcements with a greater number, in order."""
    return await _announced(conn, announcements.c.event == event_id, announcements.c.seq > seq)


async def announced_about(conn: AsyncConnection, event_id: str, about: str) -> list[Announced]:
    """Announcements about one cue or drop, in order."""
    return await _announced(conn, announcements.c.event == event_id, announcements.c.about == about)


async def announced_drops(conn: AsyncConnection, event_id: str, upto: int, most: int) -> list[Announced]:
    """The last `most` announcements about drops up to a number, in order."""
    about_drops = (announcements.c.event == event_id) & (announcements.c.kind == "drop") & (announcements.c.seq <= upto)
    newest = select(announcements.c.seq).where(about_drops).order_by(announcements.c.seq.desc()).limit(most)
    return await _announced(conn, announcements.c.event == event_id, announcements.c.seq.in_(newest))


async def seqs(conn: AsyncConnection, ids: list[str]) -> dict[str, tuple[int, Phase, int | None]]:
    """Last number, phase and its beginning, by event."""
    rows = await conn.execute(
        select(events.c.id, events.c.seq, events.c.phase, events.c.since_ms).where(events.c.id.in_(ids))
    )
    return {row.id: (row.seq, row.phase, row.since_ms) for row in rows}


async def _announced(conn: AsyncConnection, *where: object) -> list[Announced]:
    columns = select(announcements.c.seq, announcements.c.kind, announcements.c.body)
    rows = await conn.execute(columns.where(*where).order_by(announcements.c.seq))  # type: ignore[arg-type]
    return [Announced(row.seq, row.kind, row.body.encode()) for row in rows]


def _event(row: object) -> Event:
    values = dict(row._mapping)  # type: ignore[attr-defined]
    return Event(**{**values, "rundown": msgspec.json.decode(values["rundown"], type=Rundown)})
