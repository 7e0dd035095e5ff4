"""What viewers hear: the app's side of the `/live` namespace. One `Live` a web process.

For each event that somebody watches there is a Feed and a task that follows the event's stream. Two beats run beside
them: a quick one that sends counters when their turn comes, and a slow one that compares with the ledger, reports the
number of viewers and looks at the picture.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from app.chat.talk import Talk
from app.errors import NotFound, Unavailable
from app.gate import counters
from app.gate import events as stream
from app.gate.connection import Gate, GateDown
from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.media.client import MediaClient
from app.show import queries
from app.show.envelope import envelope, opened
from app.show.feed import Feed, is_numbered
from app.show.recall import Recall, SnapshotDrops
from overlays.messages import (
    Join,
    React,
    ReactionsMessage,
    Refused,
    SaidMessage,
    Say,
    StateMessage,
    StockMessage,
    UnsaidMessage,
    body,
)
from overlays.namespace import Stage, Viewer
from overlays.timeline import Step

log = logging.getLogger(__name__)

# Counters have five turns a second; looking more often makes each turn punctual.
QUICK_S = 0.05
# Reactions of this process are put into one message for the others this often.
REACTIONS_S = 0.2
# How long an announcement may be late whose publication was lost.
LEDGER_S = 1.0
# The picture's absence shows within its own four seconds and this.
PICTURE_S = 0.5
# Well within the time after which a silent process's viewers are forgotten.
REPORT_S = 1.0
STOP_S = 0.1
# Redis answers within a few milliseconds or it hangs, and who joins first should not notice.
PLACE_S = 0.5
VIEWER = web.RequestKey[str]("viewer", str)


class Live:
    """Feeds the stage. `start` and `stop` bound its tasks."""

    def __init__(
        self,
        ledger: Ledger,
        gate: Gate,
        media: MediaClient,
        stage: Stage,
        talk: Talk,
        *,
        process: str,
        snapshot_drops: SnapshotDrops,
        clock: Clock,
        told: Callable[[float], object],
    ) -> None:
        """`told` hears after how many seconds an announcement from the stream was written to its last viewer."""
        self._ledger = ledger
        self._recall = Recall(ledger, snapshot_drops)
        self._gate = gate
        self._media = media
        self._stage = stage
        self._talk = talk
        self._process = process
        self._clock = clock
        self._told = told
        self._feeds: dict[str, Feed] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._reacted: dict[str, Counter[str]] = {}
        self._said: list[tuple[str, SaidMessage]] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin the beats."""
        beats = ((QUICK_S, self._send_counters), (QUICK_S, self._publish_lines), (REACTIONS_S, self._publish_reactions),
                 (LEDGER_S, self._compare), (PICTURE_S, self._look), (REPORT_S, self._report))  # fmt: skip
        self._tasks += [asyncio.create_task(self._beat(every_s, perform)) for every_s, perform in beats]

    async def stop(self) -> None:
        """End every task, and tell the others what was said last."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._publish_lines()
        running = set(self._tasks)
        while running:
            # Again and again: the Redis client swallows a cancellation that meets it while it connects.
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=STOP_S)
        await self._talk.close()

    async def feed(self, event: str) -> Feed:
        """The event's feed, opened when it is first asked for. Raises NotFound."""
        if event not in self._feeds:
            async with self._opening.setdefault(event, asyncio.Lock()):
                if event not in self._feeds:
                    # Taken first: what is published while the ledger is read is not lost, and is taken once.
                    place = await self._place(event)
                    feed = await self._recall.begin(event)
                    state = await asyncio.to_thread(self._media.state, event)
                    feed.see(state.live, state.newest_ms, time.monotonic())
                    self._feeds[event] = feed
                    self._tasks.append(asyncio.create_task(self._follow(feed, place)))
            self._opening.pop(event, None)
        return self._feeds[event]

    async def catch_up(self, feed: Feed) -> None:
        """Read from the ledger what the stream has not brought, and send it."""
        sent = await self._recall.announced(feed)
        if sent:
            ids = {"event": feed.event, "seq": feed.seq, "count": len(sent)}
            log.info("%s takes announcements from the ledger that its stream did not bring", feed.event, extra=ids)
        for row in sent:
            self._stage.send_encoded(feed.event, row.kind, row.body)

    # What viewers do

    async def admit(self, environ: Mapping[str, Any]) -> str:
        """Who watches: decided by the HTTP handler that accepted the connection."""
        return str(environ["aiohttp.request"][VIEWER])

    async def open(self, event: str) -> None:
        """Make the event's feed ready. Raises Refused."""
        try:
            await self.feed(event)
        except NotFound:
            raise Refused("unknown-event", "There is no such event.") from None
        except Unavailable:
            raise Refused("busy", "The shop is catching its breath. Please try again in a moment.") from None

    def joined(self, viewer: Viewer, message: Join) -> object:
        """The answer to a join."""
        feed = self._feeds[message.event]
        feed.watched(max(feed.viewers, self._stage.watching(feed.event)))
        now = time.monotonic()
        missed = feed.missed(message.since, now) if message.since is not None else None
        return feed.welcome(now) if missed is None else missed

    async def react(self, viewer: Viewer, message: React) -> object:
        """Count a reaction; it is told to everybody with the others."""
        if not self._talk.may_react(viewer.shopper):
            raise Refused("too-fast", "We see that you like it. Wait a moment before the next one.")
        self._reacted.setdefault(viewer.event or "", Counter())[message.kind] += 1
        return {"ok": True}

    async def say(self, viewer: Viewer, message: Say) -> object:
        """Keep a line; everybody is told it soon, however long Redis takes."""
        event = viewer.event or ""
        line = await self._talk.say(event, viewer.shopper, message.text, self._feeds[event].state)
        self._said.append((event, line))
        return {"ok": True, "id": line.id}

    def left(self, viewer: Viewer) -> None:
        """Nothing to do: the next report counts the room."""

    # What the shop does

    async def _place(self, event: str) -> str | None:
        """Where the event's stream ends now; None while Redis is away or hangs, which viewers do not wait for."""
        try:
            async with asyncio.timeout(PLACE_S):
                return await stream.last_id(self._gate, event)
        except (GateDown, TimeoutError):
            return None

    async def _follow(self, feed: Feed, place: str | None) -> None:
        async for entry in stream.follow(self._gate, feed.event, place):
            try:
                if isinstance(entry, stream.Gap):
                    await self.catch_up(feed)
                    await self._recall.spoken(feed)
                else:
                    name, encoded = opened(entry.message)
                    await self._hear(feed, name, encoded)
                    if is_numbered(name):
                        self._told(max(0, self._clock() - entry.published_ms) / 1000)
            except Unavailable:
                log.warning(
                    "%s waits for the ledger", feed.event, extra={"event": feed.event}
                )  # the next comparison catches up
            except Exception:
                # A message that this version cannot read must not end what follows.
                log.exception("a message in the stream of %s was left out", feed.event, extra={"event": feed.event})

    async def _hear(self, feed: Feed, name: str, encoded: bytes) -> None:
        if is_numbered(name):
            step = feed.accept(name, encoded)
            if step is Step.APPLIED:
                self._stage.send_encoded(feed.event, name, encoded)
            elif step is Step.GAP:
                await self.catch_up(feed)
        elif name in (StockMessage.name, ReactionsMessage.name):
            feed.count(name, encoded)
        elif name == SaidMessage.name:
            feed.say(msgspec.json.decode(encoded, type=SaidMessage))
        elif name == UnsaidMessage.name:
            feed.forget(msgspec.json.decode(encoded, type=UnsaidMessage))
        elif name == StateMessage.name:
            await self._compare()  # somebody moved the show: the ledger says where to

    async def _compare(self) -> None:
        if not self._feeds:
            return
        async with self._ledger.read() as conn:
            found = await queries.seqs(conn, list(self._feeds))
        for event, (seq, phase, since_ms) in found.items():
            feed = self._feeds[event]
            if phase != feed.phase:
                feed.phase, feed.since_ms = phase, since_ms
                await self._look()
            if seq > feed.seq:
                await self.catch_up(feed)

    async def _look(self) -> None:
        for feed in list(self._feeds.values()):
            state = await asyncio.to_thread(self._media.state, feed.event)
            changed = feed.see(state.live, state.newest_ms, time.monotonic())
            if changed is not None:
                log.info("%s is %s", feed.event, changed.state, extra={"event": feed.event})
                self._stage.send(feed.event, changed)

    async def _report(self) -> None:
        for feed in list(self._feeds.values()):
            here = self._stage.watching(feed.event)
            try:
                feed.watched(await counters.report(self._gate, f"viewers:{feed.event}", self._process, here))
            except GateDown:
                feed.watched(max(here, feed.viewers))

    async def _send_counters(self) -> None:
        now_ms = time.monotonic() * 1000
        for feed in list(self._feeds.values()):
            if together := feed.coalescer.take(now_ms):
                await self._stage.send_together(feed.event, together)

    async def _publish_lines(self) -> None:
        said, self._said = self._said, []
        await self._publish(said)

    async def _publish_reactions(self) -> None:
        reacted, self._reacted = self._reacted, {}
        await self._publish([(event, ReactionsMessage(dict(counts))) for event, counts in reacted.items()])

    async def _publish(self, messages: Sequence[tuple[str, ReactionsMessage | SaidMessage]]) -> None:
        for number, (event, message) in enumerate(messages):
            try:
                await stream.publish(self._gate, event, envelope(message.name, body(message)))
            except GateDown:
                # Whoever watches on this process still hears it, and the rest is not tried in vain.
                for event, message in messages[number:]:
                    await self._hear(self._feeds[event], message.name, body(message))
                return

    async def _beat(self, every_s: float, perform: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await perform()
            except Unavailable as away:
                log.warning("the show waits: %s", away)
            except Exception:
                log.exception("a beat of the show failed")
            await asyncio.sleep(every_s)
