"""What the ledger knows of an event: for a process that begins in its middle, and after its stream had a gap."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from app.chat import queries as chat
from app.chat.talk import message_of
from app.errors import NotFound
from app.ledger.connection import Connection
from app.ledger.engine import Ledger
from app.show import queries
from app.show.feed import SAID_KEPT, Feed
from app.show.queries import Announced
from overlays.messages import DropMessage, StockMessage, UnsaidMessage, body, numbered

# A process that begins in the middle of a show reads this many announcements, and this many about drops before them.
READ_BACK = 2000
DROPS_BACK = 200

# The drops of an event with what is left of each: (id, left), from the domain that sells them.
SnapshotDrops = Callable[[Connection, str], Awaitable[Sequence[tuple[str, int]]]]


@dataclass(frozen=True)
class Recall:
    """Reads the ledger for a process's feeds. Every method may raise Unavailable."""

    ledger: Ledger
    snapshot_drops: SnapshotDrops

    async def begin(self, event: str) -> Feed:
        """The event's feed as of now. Raises NotFound."""
        async with self.ledger.read() as conn:
            row = await queries.event(conn, event)
            if row is None:
                raise NotFound(f"There is no event {event!r}.")
            begin = max(0, row.seq - READ_BACK)
            drops = await queries.announced_drops(conn, event, begin, DROPS_BACK)
            rows = await queries.announced_after(conn, event, begin)
            left = await self.snapshot_drops(conn, event)
            lines = await chat.recent(conn, event, SAID_KEPT)
        last = {message.id: message for message in (numbered(drop.kind, drop.body) for drop in drops)}
        feed = Feed(event, [message for message in last.values() if isinstance(message, DropMessage)], begin)
        feed.accept_rows(rows)
        for drop, count in left:
            feed.count(StockMessage.name, body(StockMessage(drop, count)))
        for line in lines:
            feed.remember(message_of(line))
        feed.phase, feed.since_ms = row.phase, row.since_ms
        return feed

    async def announced(self, feed: Feed) -> list[Announced]:
        """Announcements that the stream has not brought; they are to be sent on."""
        async with self.ledger.read() as conn:
            rows = await queries.announced_after(conn, feed.event, feed.seq)
        return feed.accept_rows(rows)

    async def spoken(self, feed: Feed) -> None:
        """Let the feed take what has no number and may have been lost: chat lines, hidden ones, and what is left."""
        async with self.ledger.read() as conn:
            lines = await chat.recent(conn, feed.event, SAID_KEPT)
            left = await self.snapshot_drops(conn, feed.event)
        kept = {line.id: message_of(line) for line in lines}
        # Fewer than could be are all that there are.
        oldest = "" if len(kept) < SAID_KEPT else min(line.said_at for line in kept.values())
        for known in [line for line in feed.said.values() if line.said_at >= oldest and line.id not in kept]:
            feed.forget(UnsaidMessage(known.id))
        for line in kept.values():
            feed.say(line)
        for drop, count in left:
            feed.count(StockMessage.name, body(StockMessage(drop, count)))
