"""The event streams: what one process publishes, every web process reads in order from where it stopped."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from app.gate.connection import Gate, GateDown, down

# A web process that was away longer than this many messages reads the ledger instead.
KEPT = 1000
# A blocked read ends after this time, so that a dead connection is found.
BLOCK_MS = 5_000
READ_AT_ONCE = 200
RETRY_FIRST_S, RETRY_MAX_S = 0.05, 1.0

_FIELD = b"m"
_START = "0-0"


@dataclass(frozen=True)
class Published:
    """A message and its id in the stream."""

    id: str
    message: bytes

    @property
    def published_ms(self) -> int:
        """When, by Redis's clock."""
        return int(self.id.partition("-")[0])


@dataclass(frozen=True)
class Gap:
    """Messages may have been lost (Redis came back empty or older, or the reader was away too long): what follows
    begins at `id`, and everything up to there has to be read from the ledger."""

    id: str


def stream_key(event: str) -> str:
    """Where an event's messages lie in Redis."""
    return f"laufsteg:events:{event}"


async def publish(gate: Gate, event: str, message: bytes) -> str:
    """Append `message` to the event's stream; its id. Raises GateDown."""
    with down():
        id_: Any = await gate.commands.xadd(stream_key(event), {_FIELD: message}, maxlen=KEPT, approximate=True)
    return str(id_.decode())


async def last_id(gate: Gate, event: str) -> str:
    """The id of the newest message: following from here gives everything that is published later. Raises GateDown."""
    with down():
        newest: Any = await gate.commands.xrevrange(stream_key(event), count=1)
    return newest[0][0].decode() if newest else _START


async def follow(gate: Gate, event: str, since: str | None = None) -> AsyncIterator[Published | Gap]:
    """Every message after `since` (an id; None: from now on, beginning with a Gap), forever. Outlives Redis: it waits
    until it is back, and yields a Gap when it cannot be sure that nothing was lost meanwhile."""
    place, sure, failed, retry_s = since, False, False, RETRY_FIRST_S
    while True:
        try:
            if place is None or (not sure and not await _continues(gate, event, place, failed)):
                place = await last_id(gate, event)
                yield Gap(place)
            sure = True
            for entry in await _read(gate, event, place):
                place = entry.id
                yield entry
            retry_s = RETRY_FIRST_S
        except GateDown:
            sure, failed = False, True
            await asyncio.sleep(retry_s)
            retry_s = min(RETRY_MAX_S, retry_s * 2)


async def _continues(gate: Gate, event: str, place: str, failed: bool) -> bool:
    """Whether the stream still holds the message at `place`, so that nothing after it is missing."""
    if place == _START:
        # Nothing was ever read: an untrimmed stream is complete, unless it may be another one than before.
        with down():
            return not failed and bool(await gate.commands.xlen(stream_key(event)) < KEPT)
    with down():
        return bool(await gate.commands.xrange(stream_key(event), min=place, max=place))


async def _read(gate: Gate, event: str, place: str) -> list[Published]:
    with down():
        answer: Any = await gate.follows.xread({stream_key(event): place}, count=READ_AT_ONCE, block=BLOCK_MS)
    return [
        Published(id_.decode(), fields[_FIELD])
        for _, entries in answer or []
        for id_, fields in entries
        if _FIELD in fields
    ]
