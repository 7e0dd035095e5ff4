"""A viewer's way out: finished frames go straight to the transport, in order, with a bound in bytes."""

import asyncio
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


class Outbox:
    """One connection's frames. The transport's own buffer is the queue, so nothing can overtake anything."""

    __slots__ = ("_cap", "_counts", "_transport", "closing", "descriptor", "shut", "waiting")

    def __init__(self, transport: asyncio.Transport, counts: Deliveries, cap: int = BACKLOG_CAP) -> None:
        self._transport = transport
        self._counts = counts
        self._cap = cap
        # A frame may go to `descriptor` right now if the connection lives and nothing waits before it: neither `shut`,
        # `waiting()` nor `closing()`. Asked of every viewer at every message, so without a call in between.
        self.shut = False
        self.waiting = transport.get_write_buffer_size
        self.closing = transport.is_closing
        # TLS is a proxy's work; should a transport do it, its socket is none of ours, and -1 takes nothing.
        plain = None if transport.get_extra_info("ssl_object") else transport.get_extra_info("socket")
        self.descriptor: int = -1 if plain is None else plain.fileno()

    def write(self, frame: bytes) -> bool:
        """Send a frame. False: the connection is over, or was cut off just now because its backlog reached the cap."""
        transport = self._transport
        if self.shut or self.closing():
            # uvloop raises for a write to a closed transport, which would end a broadcast in the middle.
            self.shut = True
            return False
        if self.waiting() > self._cap:
            # Who is only slow reads the reason behind what waits; who is dead is gone when the farewell has lingered.
            self._counts.slow += 1
            self.close(frames.CLOSE_SLOW, "slow")
            return False
        transport.write(frame)
        return True

    def _abandon(self) -> None:
        # Only what still waits: asyncio's transport cannot be aborted after it has ended by itself.
        if self.waiting():
            self._transport.abort()

    def backlog(self) -> int:
        """Bytes that wait for a slow client."""
        return self.waiting()

    def close(self, code: int = frames.CLOSE_NORMAL, reason: str = "") -> None:
        """Send a closing frame behind what waits and end the connection; nothing can be written afterwards."""
        if self.shut:
            return
        self.shut = True
        if not self.closing():
            self._transport.write(frames.close_frame(code, reason))
            self._transport.close()
            asyncio.get_running_loop().call_later(LINGER_S, self._abandon)
