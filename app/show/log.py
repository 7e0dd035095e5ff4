"""Announcing to every viewer: a numbered ledger row in the caller's transaction, then the event's stream.

A crash or an absent Redis between the two loses nothing: every web process compares its own number with the ledger's
once a second and reads what is missing from there (`app.show.live`).
"""

import logging
import time
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from app import keys
from app.errors import NotFound
from app.gate import events as stream
from app.gate.connection import Gate, GateDown
from app.ledger.connection import Connection
from app.show import queries
from app.show.envelope import envelope
from overlays.messages import NUMBERED, Outgoing, body

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Announcement:
    """A numbered message of an event, as it goes over the wire."""

    event: str
    seq: int
    kind: str
    body: bytes


async def announce(conn: Connection, event: str, kind: str, message: dict[str, Any]) -> Announcement:
    """Insert the event's next announcement inside the caller's write transaction.

    `kind` is cue, cue_end or drop; `message` its members without `seq`, checked against `overlays.messages`.
    Raises NotFound for an unknown event and msgspec.ValidationError for a message that viewers would not understand.
    """
    seq = await queries.next_seq(conn, event)
    if seq is None:
        raise NotFound(f"There is no event {event!r}.")
    encoded = body(msgspec.convert({"seq": seq, **message}, NUMBERED[kind], strict=False, from_attributes=True))
    now_ms = time.time_ns() // 1_000_000
    await queries.add_announcement(conn, event, queries.Announced(seq, kind, encoded), message["id"], now_ms)
    return Announcement(event, seq, kind, encoded)


async def publish(app: web.Application, announcement: Announcement) -> None:
    """Hand an announcement to every web process, after the commit."""
    await _send(app[keys.GATE], announcement.event, announcement.kind, announcement.body)


async def tell(app: web.Application, event: str, message: Outgoing) -> None:
    """Hand a message that has no number (stock, said, state...) to every web process; without Redis it is not sent."""
    await _send(app[keys.GATE], event, message.name, body(message))


async def _send(gate: Gate, event: str, name: str, encoded: bytes) -> None:
    try:
        await stream.publish(gate, event, envelope(name, encoded))
    except GateDown:
        log.warning("%s of %s waits for Redis", name, event, extra={"event": event})
