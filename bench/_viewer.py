"""One Socket.IO viewer, and whose sockets are watched."""

import contextlib
import select
import selectors
import socket
import struct
import sys

# Linux's number of the option by which each read tells when the kernel had what it gives, as a timespec.
STAMPED = 35


class Viewer:
    """One connection. `inside` once its namespace is connected, `settled` once it has the answer to its first event."""

    __slots__ = ("inside", "place", "rest", "settled", "socket", "stalled")

    def __init__(self, connected: socket.socket, place: int) -> None:
        self.socket = connected
        self.place = place
        self.rest = b""
        self.inside = self.settled = self.stalled = False

    def stamp(self) -> None:
        """From now on reads tell when the kernel had what they give."""
        self.socket.setsockopt(socket.SOL_SOCKET, STAMPED, 1)

    def send(self, text: str) -> None:
        """Send a text frame; its mask is zero, which is as much work for the server."""
        payload = text.encode()
        size = len(payload)
        head = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x81, 0xFE, size)
        with contextlib.suppress(BlockingIOError, ConnectionError):
            self.socket.send(head + b"\0\0\0\0" + payload)


class Watched:
    """Whose sockets are watched: epoll itself where there is one, for `selectors` costs as much as the reading."""

    def __init__(self) -> None:
        self.viewers: dict[int, Viewer] = {}
        self._epoll = select.epoll() if sys.platform == "linux" else None
        self._selector = None if self._epoll else selectors.DefaultSelector()

    def begin(self, viewer: Viewer) -> None:
        """Watch a viewer."""
        descriptor = viewer.socket.fileno()
        self.viewers[descriptor] = viewer
        if self._epoll:
            self._epoll.register(descriptor, select.EPOLLIN)
        elif self._selector:
            self._selector.register(descriptor, selectors.EVENT_READ)

    def end(self, viewer: Viewer) -> None:
        """Watch a viewer no more, if they were."""
        descriptor = viewer.socket.fileno()
        if self.viewers.pop(descriptor, None) is None:
            return
        if self._epoll:
            self._epoll.unregister(descriptor)
        elif self._selector:
            self._selector.unregister(descriptor)

    def readable(self, timeout_s: float) -> list[tuple[int, int]]:
        """The descriptors that have something to read, at most `timeout_s` from now, each with its reason."""
        if self._epoll:
            return self._epoll.poll(timeout_s)
        assert self._selector
        return [(key.fd, reason) for key, reason in self._selector.select(timeout_s)]

    def close(self) -> None:
        """Watch nobody any more."""
        for watching in (self._epoll, self._selector):
            if watching:
                watching.close()
