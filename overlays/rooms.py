"""Who is in which room, and one write to all of them."""

import asyncio
from array import array
from collections.abc import Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager

from overlays import volley
from overlays.outbox import NOWHERE, Deliveries, Outbox, Seat

# So many viewers are written to before others have their turn, when a message has time: 10 ms of a core.
SLICE = 1000


class Room:
    """Clients side by side, their sockets in one array as the kernel is handed them.

    To collect thousands of them for every message would cost a seventh of what the sending does, so each outbox keeps
    its own entry true.
    """

    def __init__(self) -> None:
        self.sockets = array("i")
        # None left while everybody had to keep their places.
        self.seats: list[Seat | None] = []
        self._by_client: dict[str, Seat] = {}
        self._gaps: list[int] = []
        self._still = 0

    def __bool__(self) -> bool:
        return bool(self._by_client)

    def enter(self, client: str, outbox: Outbox) -> None:
        """Give a client the last place, if they have none."""
        if client in self._by_client:
            return
        seat = self._by_client[client] = Seat(outbox, self.sockets, len(self.seats))
        self.seats.append(seat)
        self.sockets.append(outbox.descriptor)
        outbox.seats.append(seat)

    def leave(self, client: str) -> None:
        """Free a client's place, if they have one."""
        seat = self._by_client.pop(client, None)
        if seat is None:
            return
        seat.outbox.seats.remove(seat)
        self.sockets[seat.place], self.seats[seat.place] = NOWHERE, None
        if self._still:
            self._gaps.append(seat.place)
        else:
            self._close(seat.place)

    def outbox(self, client: str) -> Outbox | None:
        """A client's outbox, if they are here."""
        seat = self._by_client.get(client)
        return None if seat is None else seat.outbox

    def outboxes(self) -> dict[str, Outbox]:
        """Everybody's."""
        return {client: seat.outbox for client, seat in self._by_client.items()}

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nobody changes places meanwhile: who leaves leaves a gap, who comes sits behind the others."""
        self._still += 1
        try:
            yield
        finally:
            self._still -= 1
            if not self._still:
                # From the end on: then who moves into a gap is somebody, not another gap.
                for place in sorted(self._gaps, reverse=True):
                    self._close(place)
                self._gaps.clear()

    def _close(self, place: int) -> None:
        last, descriptor = self.seats.pop(), self.sockets.pop()
        if last is not None:
            last.place = place
            self.seats[place], self.sockets[place] = last, descriptor


class Rooms:
    """Outboxes by room and client; what is written to them is counted in `counts`."""

    def __init__(self, counts: Deliveries) -> None:
        self._counts = counts
        self._rooms: dict[Hashable, Room] = {}

    def __getitem__(self, name: Hashable) -> Room:
        """A room, which may be empty."""
        return self._rooms.get(name) or Room()

    def enter(self, client: str, name: Hashable, outbox: Outbox) -> None:
        """Put a client into a room."""
        self._rooms.setdefault(name, Room()).enter(client, outbox)

    def leave(self, client: str, name: Hashable) -> None:
        """Take a client out of a room, if they are there."""
        room = self[name]
        room.leave(client)
        if not room:
            self._rooms.pop(name, None)

    def write(self, name: Hashable, frame: bytes) -> int:
        """Write a frame to everybody in a room, without waiting; how many outboxes took it."""
        room = self[name]
        return self._write(room.sockets, room.seats, frame)

    def write_to(self, outboxes: Collection[Outbox], frame: bytes) -> int:
        """Write a frame to some, without waiting; how many outboxes took it."""
        sockets = array("i", [outbox.descriptor for outbox in outboxes])
        return self._write(sockets, [Seat(outbox, sockets, place) for place, outbox in enumerate(outboxes)], frame)

    async def write_in_turns(self, name: Hashable, frame: bytes, messages: int) -> None:
        """Write the frames of several `messages` to everybody who is in a room now and still is when their turn comes.

        Between SLICE clients and the next the process does what else there is to do, so what is written then may
        overtake this on its way to the later ones.
        """
        room = self[name]
        with room.still():
            waiting = len(room.seats)
            for begin in range(0, waiting, SLICE):
                if begin:
                    await asyncio.sleep(0)
                turn = slice(begin, min(begin + SLICE, waiting))
                self._write(room.sockets[turn], room.seats[turn], frame, messages)

    def _write(self, sockets: "array[int]", seats: Sequence[Seat | None], frame: bytes, messages: int = 1) -> int:
        sent = len(sockets)
        # The kernel takes nothing for NOWHERE: there the transport has it, behind what waits.
        for index, taken in volley.send_each(sockets, frame):
            seat = seats[index]
            if seat is None or not seat.outbox.write(frame[taken:]):
                sent -= 1
        self._counts.frames += sent * messages
        self._counts.bytes += sent * len(frame)
        return sent
