"""The `/live` namespace: who may say what in which order. What the events mean is passed in as `Handlers`."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import socketio

from overlays import frames
from overlays.broadcast import DirectManager
from overlays.limits import Rate, TokenBucket
from overlays.messages import Join, Outgoing, React, Refused, Say, body, parse
from overlays.outbox import Deliveries

log = logging.getLogger(__name__)

NAMESPACE = "/live"
# A thumb hammering on the heart makes about eight taps a second.
EVENT_RATE = Rate(per_second=10, burst=20)


class Viewer:
    """One connection: whose it is and, after `join`, which event it watches."""

    __slots__ = ("allowance", "event", "shopper", "sid")

    def __init__(self, sid: str, shopper: str, now: float) -> None:
        self.sid = sid
        self.shopper = shopper
        self.event: str | None = None
        self.allowance = TokenBucket(EVENT_RATE, now)


class Handlers(Protocol):
    """What the show does with viewers. Every method may raise Refused, which the client gets as its answer."""

    async def admit(self, environ: Mapping[str, Any]) -> str:
        """The id of the shopper whose browser connects."""

    async def open(self, event: str) -> None:
        """Make sure that `joined` can answer for this event at once."""

    def joined(self, viewer: Viewer, message: Join) -> object:
        """The snapshot, or what was missed. Called in the room and without a wait, so nothing falls between."""

    async def react(self, viewer: Viewer, message: React) -> object:
        """Take a reaction."""

    async def say(self, viewer: Viewer, message: Say) -> object:
        """Take a chat line."""

    def left(self, viewer: Viewer) -> None:
        """The viewer has left `viewer.event`."""


class LiveNamespace(socketio.AsyncNamespace):  # type: ignore[misc]
    """Checks, limits and dispatches the viewers' events; an answer is `{...}` or `{"error": slug, "detail": ...}`."""

    def __init__(self, handlers: Handlers) -> None:
        super().__init__(NAMESPACE)
        self._handlers = handlers
        self._viewers: dict[str, Viewer] = {}

    async def trigger_event(self, event: Any, *args: Any) -> Any:
        """Called by python-socketio for everything that happens in the namespace."""
        sid, *rest = args
        manager = self.server.manager
        if event == "connect" and sid not in self._viewers:
            return await self._connect(sid, rest[0])
        if event == "disconnect" and not manager.is_connected(sid, NAMESPACE):
            return await self._disconnect(sid)
        viewer = self._viewers.get(sid)
        if viewer is None:
            return None
        try:
            return await self._answer(viewer, event, rest)
        except Refused as refused:
            return {"error": refused.slug, "detail": refused.detail}
        except Exception:
            log.exception("unexpected error in the viewers' event %s", str(event)[:40])
            return {"error": "internal", "detail": "Something went wrong on our side. Please try again."}

    async def _connect(self, sid: str, environ: Mapping[str, Any]) -> None:
        try:
            shopper = await self._handlers.admit(environ)
        except Refused as refused:
            raise socketio.exceptions.ConnectionRefusedError(
                refused.detail, {"error": refused.slug, "detail": refused.detail}
            ) from None
        self._viewers[sid] = Viewer(sid, shopper, time.monotonic())

    async def _disconnect(self, sid: str) -> None:
        viewer = self._viewers.pop(sid, None)
        if viewer and viewer.event:
            self._handlers.left(viewer)

    async def _answer(self, viewer: Viewer, event: Any, rest: list[Any]) -> object:
        if not viewer.allowance.take(time.monotonic()):
            raise Refused("too-fast", "That was a lot at once. Wait a moment and go on.")
        if not isinstance(event, str) or len(rest) > 1:
            raise Refused("invalid", "An event has a name and one object.")
        message = parse(event, rest[0] if rest else None)
        if isinstance(message, Join):
            return await self._join(viewer, message)
        if viewer.event is None:
            raise Refused("join-first", "Send join with the event's id before anything else.")
        if isinstance(message, React):
            return await self._handlers.react(viewer, message)
        return await self._handlers.say(viewer, message)

    async def _join(self, viewer: Viewer, message: Join) -> object:
        await self._handlers.open(message.event)
        if viewer.event not in (None, message.event):
            await self.leave_room(viewer.sid, viewer.event)
            self._handlers.left(viewer)
        await self.enter_room(viewer.sid, message.event)
        viewer.event = message.event
        return self._handlers.joined(viewer, message)


class Stage:
    """What the show sees of its viewers: send to everybody who watches an event."""

    def __init__(self, server: socketio.AsyncServer) -> None:
        self._manager: DirectManager = server.manager

    def send(self, event: str, message: Outgoing) -> int:
        """Send a message; how many viewers it went to in this process."""
        return self.send_encoded(event, message.name, body(message))

    def send_encoded(self, event: str, name: str, encoded: bytes) -> int:
        """Send a message whose JSON is at hand, as it comes from another process."""
        return self._manager.deliver(NAMESPACE, event, frames.event_frame(NAMESPACE, name, encoded))

    async def send_together(self, event: str, messages: Sequence[Outgoing]) -> None:
        """Send several messages that have time in one write a viewer, which costs as much as one message."""
        burst = b"".join(frames.event_frame(NAMESPACE, message.name, body(message)) for message in messages)
        await self._manager.deliver_in_turns(NAMESPACE, event, burst, len(messages))

    def watching(self, event: str) -> int:
        """How many viewers of an event are connected to this process."""
        return len(self._manager.rooms.get(NAMESPACE, {}).get(event, ()))

    def rooms(self) -> dict[str, int]:
        """Viewers of this process by event."""
        rooms: dict[Any, Any] = self._manager.rooms.get(NAMESPACE, {})
        # The library keeps a room of its own for everybody (None) and for each client (its id).
        clients = rooms.get(None, {})
        return {room: len(members) for room, members in rooms.items() if room is not None and room not in clients}

    @property
    def deliveries(self) -> Deliveries:
        """Counters since the process began."""
        return self._manager.deliveries

    def backlog(self) -> int:
        """Bytes that wait for slow viewers."""
        return self._manager.backlog()
