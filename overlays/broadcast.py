"""Socket.IO events to many viewers at the cost of one: framed once, written straight to every transport.

python-socketio's own way makes a task, a queue entry and a timer a client and event. Here an Engine.IO connection has
an `Outbox` in the place of its queue and a plain read loop in the place of its reader and writer tasks. Private parts
of python-socketio 5.18 and python-engineio 4.15 that this relies on are all in this file:

- `AsyncServer.eio._async["websocket"]`: the class that an upgrade is handed to, called with
  `(bound AsyncSocket._websocket_handler, eio)` and then with the environ that holds `aiohttp.request`;
- `AsyncSocket.queue`, `.connected`, `.upgraded`, `.closed`, `.schedule_ping()`, `.close(...)`, and
  `eio.handlers["message"](eio sid, text)`, which is python-socketio's end;
- `AsyncServer._trigger_event(name, namespace, sid, *data)`, which calls the namespace, and `.not_handled`;
- `AsyncManager.rooms[namespace][room][sid] -> eio sid` and `eio.sockets[eio sid] -> AsyncSocket`;
- `BaseManager.basic_enter_room`, `.basic_leave_room` and `.basic_disconnect`, with `.callbacks[sid]` and the lists
  `.pending_connect[namespace]` and `.pending_disconnect[namespace]` that the last one clears.
"""

import asyncio
import logging
import re
from typing import Any

import msgspec
import socketio
from aiohttp import WSMsgType
from aiohttp.web import Response, WebSocketResponse
from engineio import packet as engine
from socketio import packet as protocol

from overlays import frames
from overlays.codec import Json
from overlays.limits import Rate, TokenBucket
from overlays.outbox import BACKLOG_CAP, Deliveries, Outbox
from overlays.rooms import Rooms
from overlays.watch import Watch

log = logging.getLogger(__name__)

SOCKETIO_VERSION = "5.18."
ENGINEIO_VERSION = "4.15."

# The longest client event is a chat line of 200 characters, at most 800 bytes, in its envelope.
MAX_CLIENT_MESSAGE = 4096
# A viewer taps, types and answers pings; a hundred at once is a program.
FRAME_RATE = Rate(per_second=20, burst=100)
# Phones sleep their radio: a pong may take long, but a viewer who is gone must not be counted for a minute.
PING_INTERVAL_S = 25
PING_TIMEOUT_S = 20

# CONNECT, DISCONNECT, EVENT and ACK; a client has no reason to send errors or binary attachments.
_ACCEPTED = ("40", "41", "42", "43")
# Namespace and number of an event that is text only; its JSON follows.
_EVENT = re.compile(r"42(?:(/[^,]*),)?(\d{0,15})(?=\[)")


class PacketOutbox(Outbox):
    """An outbox that also takes Engine.IO packets, in the place of `AsyncSocket.queue`."""

    async def put(self, packet: Any) -> None:
        """Send a packet."""
        self.put_nowait(packet)

    def put_nowait(self, packet: Any) -> None:
        """Send a packet; CLOSE ends the connection after it."""
        self.write(packet_frame(packet.encode()))
        if packet.packet_type == engine.CLOSE:
            self.close()

    async def join(self) -> None:
        """Nothing waits here: the transport has it."""


def packet_frame(encoded: str | bytes) -> bytes:
    """The frame of an encoded Engine.IO packet."""
    if isinstance(encoded, str):
        return frames.frame(encoded.encode())
    return frames.frame(encoded, frames.BINARY)


class DirectManager(socketio.AsyncManager):  # type: ignore[misc]
    """Emits by writing one frame to every transport; sends that want an answer of each client take the stock way."""

    def __init__(self) -> None:
        super().__init__()
        self.deliveries = Deliveries()
        self._inside: dict[str, list[Any]] = {}
        self._rooms = Rooms(self.deliveries)

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        """Put a client into a room."""
        super().basic_enter_room(sid, namespace, room, eio_sid)
        inside = self._inside.setdefault(sid, [])
        if room in inside:
            return
        inside.append(room)
        socket = self.server.eio.sockets.get(self.rooms[namespace][room][sid])
        if socket is not None and room != sid:
            self._rooms.enter(sid, (namespace, room), socket.queue)

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        """Take a client out of a room."""
        super().basic_leave_room(sid, namespace, room)
        if room in (inside := self._inside.get(sid, [])):
            inside.remove(room)
        self._rooms.leave(sid, (namespace, room))

    def basic_disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        """Forget a client. The library looks for it in every room, and each client has one of its own: that would make
        a house that empties wait for the square of its number."""
        for room in self._inside.pop(sid, []):
            super().basic_leave_room(sid, namespace, room)
            self._rooms.leave(sid, (namespace, room))
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in (waiting := pending.get(namespace, [])):
                waiting.remove(sid)
                if not waiting:
                    del pending[namespace]

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | None = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Emit to a client, a room or everybody in the namespace, as `AsyncManager.emit`."""
        if callback is not None:
            await super().emit(event, data, namespace, to or room, skip_sid, callback, **kwargs)
            return
        arguments = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        encoded = self.server.packet_class(protocol.EVENT, namespace=namespace, data=[event, *arguments]).encode()
        parts = encoded if isinstance(encoded, list) else [encoded]
        # Text and its binary attachments in one write: nothing can come between them.
        joined = b"".join(packet_frame(engine.Packet(engine.MESSAGE, part).encode()) for part in parts)
        self.deliver(namespace, to or room, joined, skip_sid)

    def deliver(self, namespace: str, room: Any, frame: bytes, skip_sid: Any = None) -> int:
        """Write `frame` to everybody in `room` (None: in the namespace), without waiting; how many got it."""
        if skip_sid is None and not isinstance(room, list | tuple):
            own = self._rooms[namespace, None].outbox(room)  # a client's own room
            return self._rooms.write((namespace, room), frame) if own is None else self._rooms.write_to([own], frame)
        skip = skip_sid if isinstance(skip_sid, list) else [skip_sid]
        members = self._members(namespace, room)
        return self._rooms.write_to([outbox for sid, outbox in members.items() if sid not in skip], frame)

    async def deliver_in_turns(self, namespace: str, room: str, frame: bytes, messages: int) -> None:
        """Write the frames of several `messages` to everybody in `room`; what is urgent may overtake them."""
        await self._rooms.write_in_turns((namespace, room), frame, messages)

    def _members(self, namespace: str, room: Any) -> dict[str, Outbox]:
        if isinstance(room, list | tuple):
            return {sid: outbox for each in room for sid, outbox in self._members(namespace, each).items()}
        own = self._rooms[namespace, None].outbox(room)
        return self._rooms[namespace, room].outboxes() if own is None else {room: own}

    def backlog(self) -> int:
        """Bytes that wait for slow clients in this process."""
        sockets = list(self.server.eio.sockets.values())
        return sum(socket.queue.backlog() for socket in sockets if isinstance(socket.queue, Outbox))


class DirectWebSocket:
    """One viewer's websocket on aiohttp: no deflate (it costs 90 kB a connection), no task beside the request's own."""

    def __init__(self, handler: Any, server: socketio.AsyncServer, deliveries: Deliveries, cap: int) -> None:
        self._socket = handler.__self__
        self._server = server
        self._engine = server.eio
        self._deliveries = deliveries
        self._cap = cap

    async def __call__(self, environ: dict[str, Any]) -> Response | WebSocketResponse:
        """Serve the connection until it ends."""
        request, socket = environ["aiohttp.request"], self._socket
        websocket = WebSocketResponse(max_msg_size=self._engine.max_http_buffer_size, compress=False)
        reason = self._engine.reason.TRANSPORT_CLOSE
        outbox: PacketOutbox | None = None
        try:
            await websocket.prepare(request)
            if request.transport is None or request.transport.is_closing():
                raise ConnectionResetError
            outbox = PacketOutbox(request.transport, self._deliveries, self._cap)
            waiting, socket.queue = socket.queue, outbox
            while not waiting.empty():
                outbox.put_nowait(waiting.get_nowait())
            socket.connected = socket.upgraded = True
            await self._read(websocket, outbox)
        except ConnectionError:
            reason = self._engine.reason.TRANSPORT_ERROR  # gone while it came in or was written to: nobody to tell
        except asyncio.CancelledError:
            reason = self._engine.reason.TRANSPORT_ERROR
            raise
        finally:
            if outbox is not None:
                outbox.close()
            await socket.close(wait=False, abort=True, reason=reason)
            socket.closed = True
            self._engine.sockets.pop(socket.sid, None)
        # aiohttp finishes what it is given: a websocket that was never opened cannot be, an answer to nobody can.
        return Response() if outbox is None else websocket

    async def _read(self, websocket: WebSocketResponse, outbox: Outbox) -> None:
        """Hand over the client's packets one after the other, so that a flood waits for itself."""
        loop = asyncio.get_running_loop()
        allowance = TokenBucket(FRAME_RATE, loop.time())
        watch = Watch(loop, PING_INTERVAL_S + PING_TIMEOUT_S, outbox.close)
        try:
            while not outbox.shut:
                message = await websocket.receive()
                if message.type is WSMsgType.BINARY:
                    outbox.close(frames.CLOSE_UNREADABLE, "binary")
                if message.type is not WSMsgType.TEXT or message.data == "1":  # gone, or says goodbye
                    return
                watch.heard(now := loop.time())
                if not allowance.take(now):
                    self._deliveries.flooded += 1
                    outbox.close(frames.CLOSE_FLOOD, "flood")
                elif not await self._receive(message.data, outbox):
                    outbox.close(frames.CLOSE_UNREADABLE, "unreadable")
        finally:
            watch.stop()

    async def _receive(self, text: str, outbox: Outbox) -> bool:
        """Whether `text` was a packet that a client may send."""
        if text == "3":
            self._socket.schedule_ping()
            return True
        if text[:2] not in _ACCEPTED:
            return False
        try:
            if event := _EVENT.match(text):
                await self._event(event[1] or "/", event[2], Json.loads(text[event.end() :]), outbox)
                return True
            # Not through `AsyncSocket.receive`: it would log a traceback for everything hostile.
            await self._engine.handlers["message"](self._socket.sid, text[1:])
        except (ValueError, LookupError, TypeError, AttributeError):
            # Raised by the parsers on hostile packets; handlers' own errors end in the namespace.
            log.debug("unreadable packet from %s", self._socket.sid, exc_info=True)
            return False
        return True

    async def _event(self, namespace: str, number: str, data: list[Any], outbox: Outbox) -> None:
        """What the library does with an event, without a packet each way. Answers are JSON, never binary."""
        manager, server = self._server.manager, self._server
        sid = manager.sid_from_eio_sid(self._socket.sid, namespace)
        if not manager.is_connected(sid, namespace):
            return
        answer = await server._trigger_event(data[0], namespace, sid, *data[1:])
        if number and answer != server.not_handled:
            arguments = list(answer) if isinstance(answer, tuple) else [] if answer is None else [answer]
            outbox.write(frames.answer_frame(namespace, number, msgspec.json.encode(arguments)))


def close_all(server: socketio.AsyncServer) -> None:
    """Tell every client that this process goes away; they come back to another one, or to this one later."""
    for socket in list(server.eio.sockets.values()):
        if isinstance(socket.queue, Outbox):
            socket.queue.close(frames.CLOSE_GOING_AWAY, "restart")


def _quiet(name: str) -> logging.Logger:
    """A logger for the library, which at INFO would write down every packet and so what people say."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.WARNING)
    return logger


def live_server(backlog_cap: int = BACKLOG_CAP) -> socketio.AsyncServer:
    """A Socket.IO server for viewers: websocket only, events of one client handled in order, direct delivery.

    Its `manager` is a DirectManager. Origins are checked by the web process for every websocket alike.
    """
    manager = DirectManager()
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        client_manager=manager,
        transports=["websocket"],
        allow_upgrades=False,
        async_handlers=False,
        cors_allowed_origins=[],
        json=Json,
        logger=_quiet("overlays.socketio"),
        engineio_logger=_quiet("overlays.engineio"),
        max_http_buffer_size=MAX_CLIENT_MESSAGE,
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
    )

    def open_websocket(handler: Any, engine_server: Any) -> DirectWebSocket:
        return DirectWebSocket(handler, server, manager.deliveries, backlog_cap)

    server.eio._async = {**server.eio._async, "websocket": open_websocket}
    return server
