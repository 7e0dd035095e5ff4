"""Who is in which room, as outboxes, and one write to all of them."""

import asyncio
from array import array
from collections.abc import Collection, Hashable, Mapping

from overlays import volley
from overlays.outbox import Deliveries, Outbox

# So many viewers are written to before others have their turn, when a message has time: 10 ms of a core.
SLICE = 1000


class Rooms:
    """Outboxes by room and client; what is written to them is counted in `counts`."""

    def __init__(self, counts: Deliveries) -> None:
        self._counts = counts
        self._rooms: dict[Hashable, dict[str, Outbox]] = {}

    def enter(self, client: str, room: Hashable, outbox: Outbox) -> None:
        """Put a client into a room."""
        self._rooms.setdefault(room, {})[client] = outbox

    def leave(self, client: str, room: Hashable) -> None:
        """Take a client out of a room, if it is there."""
        members = self._rooms.get(room, {})
        members.pop(client, None)
        if not members:
            self._rooms.pop(room, None)

    def members(self, room: Hashable) -> Mapping[str, Outbox]:
        """Who is in a room right now."""
        return self._rooms.get(room, {})

    def write(self, outboxes: Collection[Outbox], frame: bytes, messages: int = 1) -> int:
        """Write a frame, or the frames of several `messages`, without waiting; how many outboxes took it."""
        idle = [outbox for outbox in outboxes if not (outbox.shut or outbox.waiting() or outbox.closing())]
        sent = len(idle)
        if sent < len(outboxes):
            first = set(idle)
            sent += sum(outbox.write(frame) for outbox in outboxes if outbox not in first)
        for index, taken in volley.send_each(array("i", [outbox.descriptor for outbox in idle]), frame):
            sent -= not idle[index].write(frame[taken:])
        self._counts.frames += sent * messages
        self._counts.bytes += sent * len(frame)
        return sent

    async def write_in_turns(self, room: Hashable, frame: bytes, messages: int = 1) -> None:
        """Write to everybody who is in `room` now and still is when their turn comes.

        Between SLICE clients and the next the process does what else there is to do, so what is written then may
        overtake this on its way to the later ones.
        """
        waiting = list(self.members(room))
        for begin in range(0, len(waiting), SLICE):
            if begin:
                await asyncio.sleep(0)
            members = self.members(room)
            turn = [members[client] for client in waiting[begin : begin + SLICE] if client in members]
            self.write(turn, frame, messages)
