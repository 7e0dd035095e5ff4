"""The fitting room of one worker: who is in, who waits, and with which pose model everybody is served."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import NoReturn

from app.mirror.admission import SHOPPERS_PER_LANE, Admission
from app.mirror.dressing import Dressing, OpenSession
from app.mirror.errands import Errands
from app.mirror.ladder import Ladder
from app.mirror.lanes import Lanes
from app.mirror.link import Link
from app.mirror.protocol import Control, Hello, Kind, ProtocolError, read_control, unpack_frame
from app.mirror.seat import Seat

TICK_S = 0.5
# Who has sent nothing for so long (a hidden tab, a camera that was put away) makes room when others wait.
IDLE_S = 20.0
# After so many frames in a row that could not be fitted, the session is made anew.
FAILURES_MAX = 3


class RoomStuck(Exception):
    """A lane does not come back; the process has to be started anew."""


class Room:
    """Serves links from web. `open_session` blocks and may raise FittingError; `now` is in seconds, monotonic."""

    def __init__(
        self, open_session: OpenSession, lanes: int, limit: int | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._errands = Errands()
        self._inside: list[Seat] = []
        self._lanes = Lanes(lanes, self._inside, self._errands, now)
        self._dressing = Dressing(open_session)
        self._ladder = Ladder(lanes)
        self._admission: Admission[Seat] = Admission(lanes * SHOPPERS_PER_LANE if limit is None else limit)
        self._renewing = False
        self._closing = False

    def welcome(self, link: Link) -> None:
        """Serve a link from the greeting to its end; whoever comes while the room closes is hung up on."""
        if self._closing:
            link.close()
            return
        # A task that is cancelled before its first step tidies nothing up itself.
        self._errands.start(self._host(link)).add_done_callback(lambda _: link.close())

    async def tend(self) -> NoReturn:
        """Twice a second, for ever: choose the pose model, give idle places to who waits. Raises RoomStuck."""
        while True:
            await asyncio.sleep(TICK_S)
            if self._lanes.stuck():
                raise RoomStuck
            now = self._now()
            self._ladder.observe(int(now * 1000), active=self._lanes.active(), cost_ms=self._lanes.cost_ms)
            worn_out = next((seat for seat in self._inside if self._worn_out(seat)), None)
            if worn_out is not None and not self._renewing:
                self._renewing = True
                self._errands.start(self._renew(worn_out))
            for seat in [seat for seat in self._inside if seat.misfits]:
                seat.misfits = False
                self._errands.start(self._dressing.change(seat, Control(sizes=seat.wish.sizes)))
            for seat in [seat for seat in self._inside if now - seat.heard > IDLE_S]:
                if admitted := self._admission.step_aside(seat):
                    self._go_out(seat)
                    self._errands.start(self._dressing.close_session(seat))
                    self._come_in(admitted)

    async def close(self, *, stuck: bool = False) -> None:
        """Stop working, hang up and close every session; when a lane is `stuck`, nothing that it uses is touched."""
        self._closing = True
        await self._errands.close()
        await self._lanes.close(wait=not stuck)
        if not stuck:
            for seat in self._inside:
                await self._dressing.close_session(seat)
        self._dressing.close()

    async def _host(self, link: Link) -> None:
        seat: Seat | None = None
        try:
            admission = self._admission
            await link.send(Kind.HELLO, Hello(admission.shoppers, admission.waiting, admission.limit).packed())
            first = await link.receive()
            if first is None or first[0] is not Kind.CONTROL:
                return
            seat = Seat(link, self._now(), read_control(first[1]))
            self._come_in([seat] if admission.enter(seat) else [])
            while (message := await link.receive()) is not None:
                await self._take(seat, *message)
        except (ConnectionError, ProtocolError):
            pass  # web is gone, or speaks another version's language: either way the link ends
        finally:
            link.close()
            # At the end of everything lanes may still be at work on the sessions.
            if seat is not None and not self._closing:
                self._leave(seat)

    async def _take(self, seat: Seat, kind: Kind, payload: bytes) -> None:
        seat.heard = self._now()
        if kind is Kind.CONTROL:
            await self._dressing.change(seat, read_control(payload))
        elif kind is Kind.FRAME and seat in self._inside:
            seat.slot.put(unpack_frame(payload))
        self._lanes.dispatch()

    def _come_in(self, admitted: list[Seat]) -> None:
        for seat in admitted:
            self._inside.append(seat)
            self._errands.start(self._open(seat))
        self._errands.start(self._tell_positions())

    def _go_out(self, seat: Seat) -> None:
        if seat in self._inside:
            self._inside.remove(seat)
        self._lanes.leave(seat)

    def _leave(self, seat: Seat) -> None:
        self._go_out(seat)
        self._errands.start(self._dressing.close_session(seat))
        self._come_in(self._admission.leave(seat))

    async def _open(self, seat: Seat) -> None:
        if await self._dressing.open(seat, self._ladder.model, present=lambda: seat in self._inside):
            self._lanes.dispatch()

    def _worn_out(self, seat: Seat) -> bool:
        """Whether the seat's session is of another model than the ladder's, or keeps failing."""
        return seat.session is not None and (seat.model != self._ladder.model or seat.failures >= FAILURES_MAX)

    async def _renew(self, seat: Seat) -> None:
        """One at a time: opening a session takes a good part of a core."""
        try:
            await self._open(seat)
        finally:
            self._renewing = False

    async def _tell_positions(self) -> None:
        for seat, position in list(self._admission.positions()):
            if position != seat.position:
                with contextlib.suppress(ConnectionError):
                    await seat.tell_state("busy", position)
