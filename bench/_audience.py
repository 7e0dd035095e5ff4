"""Many Socket.IO viewers in one process without an event loop, cheap enough not to be what is measured.

One epoll (or kqueue), one read a readable socket, frames parsed only as far as they have to be understood; those of
a crowd that only listens are searched for one event's name.
"""

import json
import os
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from bench._viewer import Viewer, Watched

# What fits into one read: many events, when a server is faster than we are. More costs the allocator's slow way.
READ = 64 * 1024
# How many handshakes are under way at once; a browser's reconnection storm has its own benchmark.
ENTERING = 64
PATIENCE_S = 180.0
# Ports on the way out are scarce: a source address for so many connections.
CONNECTIONS_PER_ADDRESS = 20_000
# A server's ping in its frame.
PING = b"\x81\x012"
# When the kernel had what a read gives.
TIMESPEC = struct.Struct("@ll")
ANCILLARY = socket.CMSG_SPACE(TIMESPEC.size)


class Audience:
    """Viewers of one server: lets them in, counts what they receive by event name and keeps when the last one came."""

    def __init__(self, port: int, namespace: str = "", path: str = "/socket.io/") -> None:
        self._address = ("127.0.0.1", port)
        self._namespace = namespace
        self._handshake = (
            f"GET {path}?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ).encode()
        self._watched = Watched()
        self._opened = 0
        self._only: tuple[str, bytes] | None = None
        self._stamped = False
        self.viewers: list[Viewer] = []
        self.inside = 0
        self.lost = 0
        self.refused = 0
        self.heard: Counter[str] = Counter()
        self.answers = 0
        self.last_at = 0.0
        self.answered: Callable[[Viewer], None] | None = None
        self.entered: Callable[[Viewer], None] | None = None
        self.gone: Callable[[Viewer], None] | None = None

    def open(self, *, receive_buffer: int = 0) -> Viewer:
        """Begin a connection."""
        connected = socket.socket()
        if receive_buffer:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if (block := self._opened // CONNECTIONS_PER_ADDRESS) > 0:
            connected.bind((f"127.0.0.{block + 1}", 0))
        self._opened += 1
        connected.connect(
            self._address
        )  # loopback: done at once, or the backlog is full and it takes as long as it takes
        connected.setblocking(False)
        connected.send(self._handshake)
        viewer = Viewer(connected, len(self.viewers))
        if self._stamped:
            viewer.stamp()
        self.viewers.append(viewer)
        self._watched.begin(viewer)
        return viewer

    def fill(self, count: int, per_second: float = float("inf")) -> None:
        """Let in `count` more viewers, so many a second at most; who is refused comes again."""
        wanted, begun, first, refused = self.inside + count, time.monotonic(), self._opened, self.refused
        while self.inside < wanted:
            due = wanted - self.inside - (len(self.viewers) - self.inside)
            paced = (time.monotonic() - begun) * per_second + 1 - (self._opened - first)
            for _ in range(int(min(due, paced, ENTERING - (len(self.viewers) - self.inside)))):
                self.open()
            self.poll(0.002)
            if time.monotonic() - begun > PATIENCE_S:
                raise TimeoutError(f"{self.inside} of {wanted} are in, {self.refused - refused} were refused")

    def leave(self, viewer: Viewer) -> None:
        """Close a connection."""
        self._gone(viewer)
        self.lost -= 1

    def listen(self, name: str | None) -> None:
        """Of who is settled count the events of this name only, found by a search of what came; None: understand all.

        A server writes an event in one piece, and what reads it takes more than that at once.
        """
        self._only = None if name is None else (name, b'["%b"' % name.encode())

    def stamp(self) -> None:
        """From now on `last_at` is when the kernel had the last event in its viewer's socket, where it says so.

        To read thousands of sockets takes one process as long as a good server takes to write to them, and a real
        audience reads each on a device of its own.
        """
        if sys.platform == "linux":
            self._stamped = True
            for viewer in self.viewers:
                viewer.stamp()

    def stall(self, viewers: Sequence[Viewer]) -> None:
        """Stop reading, for good."""
        for viewer in viewers:
            viewer.stalled = True
            self._watched.end(viewer)

    def poll(self, timeout_s: float) -> None:
        """Take what has come."""
        viewers, only, found, before = self._watched.viewers, self._only, 0, self.heard.total()
        stamped, stamps = self._stamped, list[tuple[int, int]]()
        for descriptor, _ in self._watched.readable(timeout_s):
            viewer = viewers.get(descriptor)
            if viewer is None:
                continue  # left while the others were read
            try:
                if stamped:
                    data, told, _, _ = viewer.socket.recvmsg(READ, ANCILLARY)
                    stamps += [TIMESPEC.unpack(stamp) for _, _, stamp in told]
                else:
                    data = os.read(descriptor, READ)
            except BlockingIOError:
                continue
            except ConnectionError:
                data = b""
            if not data:
                self._gone(viewer)
            elif only is None or not viewer.settled:
                self._take(viewer, data)
            else:
                found += data.count(only[1])
                if PING in data:
                    viewer.send("3")
        if only is not None and found:
            self.heard[only[0]] += found
        if self.heard.total() != before:
            now = time.monotonic()
            if stamps:
                seconds, ns = max(stamps)
                now += seconds + ns / 1e9 - time.time()
            self.last_at = max(self.last_at, now)

    def until(self, condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
        """Take what comes until `condition` holds; False when it did not in time."""
        end = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > end:
                return False
            self.poll(0.01)
        return True

    def rest(self, seconds: float) -> None:
        """Take what comes for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.poll(left)

    def close(self) -> None:
        """Close every connection."""
        for viewer in list(self.viewers):
            viewer.socket.close()
        self._watched.close()

    def emit(self, viewer: Viewer, name: str, data: Any, ack: int | None = None) -> None:
        """Send an event as a client does."""
        prefix = f"42{self._namespace + ',' if self._namespace else ''}{'' if ack is None else ack}"
        viewer.send(prefix + json.dumps([name, data], separators=(",", ":")))

    def _gone(self, viewer: Viewer) -> None:
        if not viewer.stalled:
            self._watched.end(viewer)
        viewer.socket.close()
        self.inside -= viewer.inside
        self.refused += not viewer.inside
        self.lost += 1
        last = self.viewers.pop()
        if last is not viewer:
            self.viewers[viewer.place], last.place = last, viewer.place
        if self.gone is not None:
            self.gone(viewer)

    def _take(self, viewer: Viewer, data: bytes) -> None:
        if viewer.rest:
            data = viewer.rest + data
            viewer.rest = b""
        if not viewer.inside and data.startswith(b"HTTP/"):
            head, found, after = data.partition(b"\r\n\r\n")
            if not found:
                viewer.rest = data
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._gone(viewer)
                return
            data = after
        at, end = 0, len(data)
        while at + 2 <= end:
            size, begin = data[at + 1], at + 2
            if size == 126:
                size, begin = (data[at + 2] << 8 | data[at + 3], at + 4) if at + 4 <= end else (end, end)
            elif size == 127:
                size, begin = (int.from_bytes(data[at + 2 : at + 10], "big"), at + 10) if at + 10 <= end else (end, end)
            if begin + size > end:
                break
            if data[at] == 0x81:
                self._text(viewer, data, begin, begin + size)
            elif data[at] == 0x88:
                self._gone(viewer)
                return
            at = begin + size
        viewer.rest = data[at:]

    def _text(self, viewer: Viewer, data: bytes, begin: int, end: int) -> None:
        kind = data[begin : begin + 2]
        if kind == b"42":
            name = data.index(b'["', begin) + 2
            self.heard[data[name : data.index(b'"', name)].decode()] += 1
        elif kind == b"43":
            self.answers += 1
            viewer.settled = True
            if self.answered is not None:
                self.answered(viewer)
        elif kind[:1] == b"2":
            viewer.send("3")
        elif kind[:1] == b"0":
            viewer.send(f"40{self._namespace},{{}}" if self._namespace else "40")
        elif kind == b"40":
            viewer.inside, viewer.settled = True, self.entered is None
            self.inside += 1
            if self.entered is not None:
                self.entered(viewer)
