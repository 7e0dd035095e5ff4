"""A viewer's way out: finished frames go straight to the transport, in order, with a bound in bytes."""

import asyncio
from array import array
from dataclasses import dataclass

from overlays import frames

# A stalled phone costs at most this much memory. Ten minutes of an ordinary show fit; a viewer that far behind is
# better served by a reconnection and a snapshot.
BACKLOG_CAP = 256 * 1024
# How long a farewell may wait for a client that does not read.
LINGER_S = 5.0


@dataclass
class Deliveries:
    """What a process has sent to viewers since it began, for the metrics."""

    frames: int = 0
    bytes: int = 0
    slow: int = 0
    flooded: int = 0


# No descriptor: nothing can be written past the transport.
NOWHERE = -1


@dataclass(slots=True, eq=False)
class Seat:
    """An outbox's place in a room: `sockets[place]` is its descriptor of this moment."""

    outbox: "Outbox"
    sockets: "array[int]"
    place: int


class Outbox(asyncio.Protocol):
    """One connection's frames. The transport's own buffer is the queue, so nothing can overtake anything.

    It stands between the transport and its protocol, to be told when something waits there and when the connection is
    over: `descriptor` is where a frame may go right now, past the transport, or NOWHERE. Its seats know it at once.
    """

    __slots__ = ("_cap", "_counts", "_protocol", "_socket", "_transport", "descriptor", "seats", "shut")

    def __init__(self, transport: asyncio.Transport, counts: Deliveries, cap: int = BACKLOG_CAP) -> None:
        self._transport = transport
        self._counts = counts
        self._cap = cap
        self.shut = False
        self.seats: list[Seat] = []
        # TLS is a proxy's work; should a transport do it, its socket is none of ours.
        plain = None if transport.get_extra_info("ssl_object") else transport.get_extra_info("socket")
        self._socket: int = NOWHERE if plain is None else plain.fileno()
        self.descriptor = self._socket
        # By type any kind of protocol; a server's transport has a streaming one.
        self._protocol: asyncio.Protocol = transport.get_protocol()  # type: ignore[assignment]
        transport.set_protocol(self)
        # From the first byte that waits to the last; if some do already, this tells.
        transport.set_write_buffer_limits(high=0)

    def _turn(self, descriptor: int) -> None:
        self.descriptor = descriptor
        for seat in self.seats:
            seat.sockets[seat.place] = descriptor

    def pause_writing(self) -> None:
        """Something waits in the transport, by whomever it was written."""
        self._turn(NOWHERE)
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Nothing waits any more."""
        self._turn(NOWHERE if self.shut else self._socket)
        self._protocol.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """The socket closes after this call, and its number may soon be another connection's."""
        self._socket = NOWHERE
        self._turn(NOWHERE)
        self._protocol.connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Hand on what came."""
        self._protocol.data_received(data)

    def eof_received(self) -> bool | None:
        """Hand on that nothing more will come."""
        return self._protocol.eof_received()

    def write(self, frame: bytes) -> bool:
        """Send a frame. False: the connection is over, or was cut off just now because its backlog reached the cap."""
        transport = self._transport
        if self.shut or transport.is_closing():
            # uvloop raises for a write to a closed transport, which would end a broadcast in the middle.
            self.shut = True
            return False
        if transport.get_write_buffer_size() > self._cap:
            # Who is only slow reads the reason behind what waits; who is dead is gone when the farewell has lingered.
            self._counts.slow += 1
            self.close(frames.CLOSE_SLOW, "slow")
            return False
        transport.write(frame)
        return True

    def _abandon(self) -> None:
        # Only what still waits: asyncio's transport cannot be aborted after it has ended by itself.
        if self.backlog():
            self._transport.abort()

    def backlog(self) -> int:
        """Bytes that wait for a slow client."""
        return self._transport.get_write_buffer_size()

    def close(self, code: int = frames.CLOSE_NORMAL, reason: str = "") -> None:
        """Send a closing frame behind what waits and end the connection; nothing can be written afterwards."""
        if self.shut:
            return
        self.shut = True
        self._turn(NOWHERE)
        if not self._transport.is_closing():
            self._transport.write(frames.close_frame(code, reason))
            self._transport.close()
            asyncio.get_running_loop().call_later(LINGER_S, self._abandon)
