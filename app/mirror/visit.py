"""One browser's visit to the mirror: its socket on one side, a place at some fitting worker on the other.

The place may move: when a worker dies, the shopper is let in elsewhere in the same clothes.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable

from aiohttp import WSCloseCode, WSMsgType, web

from app.mirror.conduct import Conduct, Refused
from app.mirror.link import Link
from app.mirror.pool import Pool
from app.mirror.protocol import Control, Frame, Kind, ProtocolError, Told, read_told, unpack_frame
from app.mirror.slot import Slot

# How soon to look again for a worker: one that died is back within a second or two.
RETRY_S = 0.4
# Who waits looks this often whether another worker has a place.
LOOK_AROUND_S = 3.0


class Visit:
    """`now` is in seconds, monotonic."""

    def __init__(self, socket: web.WebSocketResponse, pool: Pool, now: Callable[[], float] = time.monotonic) -> None:
        self._socket = socket
        self._pool = pool
        self._now = now
        self._conduct = Conduct(now())
        self._wish = Control()
        # What the worker has not been told yet: changes merge, frames replace each other.
        self._changes: Control | None = None
        self._slot: Slot[Frame] = Slot()
        self._news = asyncio.Event()
        self._position: int | None = None
        # Frames that a worker has and has not answered.
        self._out: list[int] = []

    async def stay(self) -> None:
        """Serve until the browser leaves, is replaced or misbehaves."""
        sides = [asyncio.create_task(self._listen()), asyncio.create_task(self._keep_seat())]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            ended = await asyncio.gather(*sides, return_exceptions=True)
            await self.end(WSCloseCode.OK, "")
        for error in ended:
            # A browser that is gone and being cancelled are how visits end; anything else is a surprise.
            if isinstance(error, Exception) and not isinstance(error, ConnectionError):
                raise error

    async def end(self, code: int, reason: str) -> None:
        """Close the browser's socket."""
        await self._socket.close(code=code, message=reason.encode())

    async def _listen(self) -> None:
        async for message in self._socket:
            try:
                if message.type is WSMsgType.TEXT:
                    self._asked(self._conduct.control(message.data, self._now()))
                elif message.type is WSMsgType.BINARY:
                    self._slot.put(self._conduct.frame(message.data, self._now()))
                    self._news.set()
            except Refused as refused:
                with contextlib.suppress(ConnectionError):
                    await self._tell(Told(error=refused.slug, sequence=refused.sequence))
            if self._conduct.abusive:
                await self.end(WSCloseCode.POLICY_VIOLATION, "too many messages that cannot be used")

    def _asked(self, control: Control) -> None:
        self._wish = control.over(self._wish)
        self._changes = control if self._changes is None else control.over(self._changes)
        self._news.set()

    async def _keep_seat(self) -> None:
        told = False
        while True:
            self._changes = None  # the wish that the worker is given holds them
            link = await self._pool.join(self._wish)
            if link is None:
                if not told:
                    await self._tell(Told(state="busy", detail="The mirror is getting ready."))
                    told = True
                await asyncio.sleep(RETRY_S)
                continue
            told = False
            await self._sit(link)
            # The frames that the worker had are gone; without a word the browser would wait for them.
            for sequence in self._out:
                await self._tell(Told(error="lost", sequence=sequence))
            self._out.clear()

    async def _sit(self, link: Link) -> None:
        """Carry messages both ways until the worker is gone, or has no place while another has."""
        self._position = None
        self._news.set()
        beside = [asyncio.create_task(self._forward(link)), asyncio.create_task(self._look_around(link))]
        try:
            while (message := await link.receive()) is not None:
                await self._worker_said(*message)
        except ProtocolError:
            pass  # a worker of another version: looking for another place is all that helps
        finally:
            for task in beside:
                task.cancel()
            link.close()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _forward(self, link: Link) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self._news.wait()
                self._news.clear()
                if (changes := self._changes) is not None:
                    self._changes = None
                    await link.send(Kind.CONTROL, changes.packed())
                if self._slot.ready:
                    frame = self._slot.take()
                    self._slot.done()
                    if self._position is None:
                        self._out.append(frame.sequence)
                        await link.send(Kind.FRAME, frame.packed())

    async def _look_around(self, link: Link) -> None:
        while True:
            await asyncio.sleep(LOOK_AROUND_S)
            if self._position is not None and await self._pool.room_elsewhere():
                link.close()

    async def _worker_said(self, kind: Kind, payload: bytes) -> None:
        if kind is Kind.FRAME:
            sequence = unpack_frame(payload).sequence
            # Frames are answered in order, so older ones were replaced on the way.
            if sequence in self._out:
                del self._out[: self._out.index(sequence) + 1]
            await self._socket.send_bytes(payload)
            return
        told = read_told(payload)
        if told.state is not None:
            self._position = told.position
        if told.sequence in self._out:
            self._out.remove(told.sequence)
        if told.wearing is not None:
            self._wish = Control(wear=told.wearing).over(self._wish)
        await self._socket.send_str(payload.decode())

    async def _tell(self, told: Told) -> None:
        await self._socket.send_str(told.packed().decode())
