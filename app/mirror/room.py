"""The fitting room of one worker: who is in, whose frame is worked on next, and with which pose model."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NoReturn

from app.mirror.admission import SHOPPERS_PER_LANE, Admission
from app.mirror.fitter import Answer, Session, Undecodable, fit
from app.mirror.ladder import Ladder, Model
from app.mirror.link import Link
from app.mirror.protocol import Control, Frame, Hello, Kind, ProtocolError, Told, read_control, unpack_frame
from app.mirror.seat import Seat
from app.mirror.turns import Turns
from fitting.errors import FittingError, FrameInvalid, GarmentUnknown

log = logging.getLogger(__name__)

OpenSession = Callable[[Model], Session]

# Garments are prepared and sessions opened beside the lanes, so that who comes in slows nobody who is in.
OPENERS = 2
TICK_S = 0.5
# Who has sent nothing for so long (a hidden tab, a camera that was put away) makes room when others wait.
IDLE_S = 20.0
# Who sent a frame within this time counts as load.
ACTIVE_S = 2.0
# Weight of the newest frame in the running mean of what a frame costs.
SMOOTHING = 0.1
# After so many frames in a row that could not be fitted, the session is made anew.
FAILURES_MAX = 3
# A frame takes a twentieth of a second; a lane that is busy this long will not come back.
STUCK_S = 20.0


class Room:
    """Serves links from web. `open_session` blocks and may raise FittingError; `now` is in seconds, monotonic."""

    def __init__(
        self, open_session: OpenSession, lanes: int, limit: int | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._open_session = open_session
        self._now = now
        self._lanes = ThreadPoolExecutor(lanes, "lane")
        self._openers = ThreadPoolExecutor(OPENERS, "opener")
        self._lane_count = self._free = lanes
        self._admission: Admission[Seat] = Admission(lanes * SHOPPERS_PER_LANE if limit is None else limit)
        self._turns: Turns[Seat] = Turns()
        self._ladder = Ladder(lanes)
        self._inside: list[Seat] = []
        self._cost_ms = 0.0
        self._working: dict[Seat, float] = {}
        self._swapping = False
        self._tasks: set[asyncio.Task[None]] = set()

    def welcome(self, link: Link) -> None:
        """Serve a link from the greeting to its end."""
        self._start(self._host(link))

    async def _host(self, link: Link) -> None:
        seat: Seat | None = None
        try:
            admission = self._admission
            hello = Hello(admission.shoppers, admission.waiting, admission.limit)
            await link.send(Kind.HELLO, hello.packed())
            first = await link.receive()
            if first is None or first[0] is not Kind.CONTROL:
                return
            seat = Seat(link, self._now(), read_control(first[1]))
            if admission.enter(seat):
                self._let_in(seat)
            else:
                self._start(self._tell_positions())
            while (message := await link.receive()) is not None:
                await self._take(seat, *message)
        except (ConnectionError, ProtocolError):
            pass  # web is gone, or speaks another version's language: either way the link ends
        finally:
            link.close()
            if seat is not None:
                self._start(self._leave(seat))

    async def tend(self) -> NoReturn:
        """Twice a second, for ever: choose the pose model, give idle places to who waits. Raises RoomStuck."""
        while True:
            await asyncio.sleep(TICK_S)
            now = self._now()
            if any(now - since > STUCK_S for since in self._working.values()):
                raise RoomStuck
            model = self._ladder.observe(int(now * 1000), active=self._active(), cost_ms=self._cost_ms)
            other = next((seat for seat in self._inside if seat.session is not None and seat.model != model), None)
            if other is not None and not self._swapping:
                self._swapping = True
                self._start(self._swap(other))
            for seat in [seat for seat in self._inside if now - seat.heard > IDLE_S]:
                if admitted := self._admission.step_aside(seat):
                    self._inside.remove(seat)
                    self._start(self._close_session(seat))
                    self._come_in(admitted)

    async def close(self) -> None:
        """Stop working and hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lanes.shutdown(wait=False, cancel_futures=True)
        self._openers.shutdown(wait=False, cancel_futures=True)

    async def _take(self, seat: Seat, kind: Kind, payload: bytes) -> None:
        seat.heard = self._now()
        if kind is Kind.CONTROL:
            await self._change(seat, read_control(payload))
        elif kind is Kind.FRAME and seat in self._inside:
            seat.slot.put(unpack_frame(payload))
        self._dispatch()

    async def _change(self, seat: Seat, control: Control) -> None:
        before, seat.wish = seat.wish, control.over(seat.wish)
        if seat.session is None or control.only_mirror:
            return
        async with seat.using:
            if (refusal := await self._dress(seat, seat.session)) is not None:
                seat.wish = before
        seat.advised_ms = None
        await seat.tell_wearing(refusal)

    async def _dress(self, seat: Seat, session: Session) -> Told | None:
        """Put the seat's wish on; what to tell when it cannot be had."""
        wish = seat.wish
        try:
            await self._beside(session.wear, wish.wear or [], wish.sizes, seat.fits)
        except GarmentUnknown as error:
            return Told(error="unknown-garment", detail=str(error))
        except FittingError as error:
            return Told(error="garment-unusable", detail=str(error))
        return None

    def _let_in(self, seat: Seat) -> None:
        self._inside.append(seat)
        self._start(self._open(seat))

    def _come_in(self, admitted: list[Seat]) -> None:
        for seat in admitted:
            self._let_in(seat)
        self._start(self._tell_positions())

    async def _open(self, seat: Seat) -> None:
        """Give the seat a session, or a new one, in what the shopper wants to wear."""
        model = self._ladder.model
        try:
            session = await self._beside(self._open_session, model)
        except Exception as error:
            # Only our own sentences are for shoppers.
            if not isinstance(error, FittingError):
                log.exception("a fitting session could not be opened")
            detail = str(error) if isinstance(error, FittingError) else "The mirror could not be opened."
            await seat.tell_state("unavailable", detail=detail)
            return
        refusal = await self._dress(seat, session)
        if refusal is not None:
            seat.wish = Control(wear=[]).over(seat.wish)
        async with seat.using:
            if seat not in self._inside:
                await self._beside(session.close)
                return
            fresh, old = seat.session is None, seat.session
            seat.session, seat.model, seat.failures = session, model, 0
        if old is not None:
            await self._beside(old.close)
        if fresh:
            await seat.tell_state("ok")
            await seat.tell_wearing(refusal)
        self._dispatch()

    async def _swap(self, seat: Seat) -> None:
        try:
            await self._open(seat)
        finally:
            self._swapping = False

    def _dispatch(self) -> None:
        """Hand waiting frames to free lanes."""
        ready = [seat for seat in self._inside if seat.ready]
        while self._free > 0 and ready:
            now_ms = self._now() * 1000
            seat = self._turns.next(ready, now_ms)
            if seat is None:
                wakes_ms = self._turns.wakes_in(ready, now_ms)
                if wakes_ms is not None:
                    asyncio.get_running_loop().call_later(wakes_ms / 1000, self._dispatch)
                return
            ready.remove(seat)
            self._free -= 1
            self._start(self._work(seat, seat.slot.take()))

    async def _work(self, seat: Seat, frame: Frame) -> None:
        self._working[seat] = started = self._now()
        try:
            async with seat.using:
                result = await self._in_lane(seat, frame)
        finally:
            del self._working[seat]
            sharers = self._active() / self._lane_count
            self._turns.charge(seat, started * 1000, (self._now() - started) * 1000, sharers)
            self._free += 1
            self._dispatch()
        # Sending waits for a slow shopper, with no lane in hand.
        if isinstance(result, Answer):
            seat.failures = 0
            self._cost_ms += (result.cost_ms - self._cost_ms) * (SMOOTHING if self._cost_ms else 1)
            fits = seat.fits
            await seat.answer(frame, result)
            if seat.fits != fits and seat.wish.sizes:
                await self._change(seat, Control(sizes=seat.wish.sizes))
        elif result is not None:
            await seat.refuse(result, frame.sequence)
        if seat.failures >= FAILURES_MAX:
            seat.failures = 0
            self._start(self._open(seat))
        seat.slot.done()
        self._dispatch()

    async def _in_lane(self, seat: Seat, frame: Frame) -> Answer | str | None:
        """The answer, why there is none, or None when the shopper has left meanwhile."""
        session = seat.session
        if session is None:
            return None
        step = partial(fit, session, frame, seat.wish, advise=seat.advice_due(frame))
        try:
            return await asyncio.get_running_loop().run_in_executor(self._lanes, step)
        except (Undecodable, FrameInvalid):
            return "damaged"
        except Exception:
            # The traceback names code, never the picture.
            log.exception("a frame could not be fitted")
            seat.failures += 1
            return "failed"

    def _active(self) -> int:
        now = self._now()
        return sum(now - seat.heard < ACTIVE_S for seat in self._inside)

    async def _leave(self, seat: Seat) -> None:
        if seat in self._inside:
            self._inside.remove(seat)
        self._turns.leave(seat)
        self._come_in(self._admission.leave(seat))
        await self._close_session(seat)

    async def _close_session(self, seat: Seat) -> None:
        seat.slot.clear()
        async with seat.using:
            session, seat.session = seat.session, None
            if session is not None:
                await self._beside(session.close)

    async def _tell_positions(self) -> None:
        for seat, position in list(self._admission.positions()):
            if position != seat.position:
                with contextlib.suppress(ConnectionError):
                    await seat.tell_state("busy", position)

    async def _beside(self, function: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._openers, function, *arguments)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, ConnectionError):
            log.error("unexpected error in the fitting room", exc_info=error)


class RoomStuck(Exception):
    """A lane does not come back; the process has to be started anew."""
