"""The lanes of a fitting worker: so many frames are worked on at once, in fair turns."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from app.mirror.errands import Errands
from app.mirror.fitter import Answer, Undecodable, fit
from app.mirror.protocol import Frame
from app.mirror.seat import Seat
from app.mirror.turns import Turns
from fitting.errors import FrameInvalid

log = logging.getLogger(__name__)

# Who sent something within this time counts as load.
ACTIVE_S = 2.0
# Weight of the newest frame in the running mean of what a frame costs.
SMOOTHING = 0.1
# A frame takes a twentieth of a second; a lane that is busy this long will not come back.
STUCK_S = 20.0


class Lanes:
    """Works on the frames of `seats`, a list that the room keeps. `now` is in seconds, monotonic."""

    def __init__(self, count: int, seats: list[Seat], errands: Errands, now: Callable[[], float]) -> None:
        self.cost_ms = 0.0
        self._count = self._free = count
        self._seats = seats
        self._errands = errands
        self._now = now
        self._threads = ThreadPoolExecutor(count, "lane")
        self._turns: Turns[Seat] = Turns()
        self._working: dict[Seat, float] = {}

    def dispatch(self) -> None:
        """Hand waiting frames to free lanes."""
        ready = [seat for seat in self._seats if seat.ready]
        while self._free > 0 and ready:
            now_ms = self._now() * 1000
            seat = self._turns.next(ready, now_ms)
            if seat is None:
                wakes_ms = self._turns.wakes_in(ready, now_ms)
                if wakes_ms is not None:
                    asyncio.get_running_loop().call_later(wakes_ms / 1000, self.dispatch)
                return
            ready.remove(seat)
            self._free -= 1
            self._errands.start(self._work(seat, seat.slot.take()))

    def active(self) -> int:
        """How many shoppers are sending."""
        now = self._now()
        return sum(now - seat.heard < ACTIVE_S for seat in self._seats)

    def stuck(self) -> bool:
        """Whether a lane does not come back."""
        return any(self._now() - since > STUCK_S for since in self._working.values())

    def leave(self, seat: Seat) -> None:
        """Forget a shopper who is no longer among the seats."""
        self._turns.leave(seat)

    async def close(self, *, wait: bool) -> None:
        """End the threads, after the frames that they are working on."""
        await asyncio.to_thread(self._threads.shutdown, wait, cancel_futures=True)

    async def _work(self, seat: Seat, frame: Frame) -> None:
        self._working[seat] = started = self._now()
        try:
            async with seat.using:
                result = await self._fit(seat, frame)
        finally:
            del self._working[seat]
            if seat in self._seats:
                cost_ms = (self._now() - started) * 1000
                self._turns.charge(seat, started * 1000, cost_ms, self.active() / self._count)
            self._free += 1
            self.dispatch()
        # Sending waits for a slow shopper, with no lane in hand.
        if isinstance(result, Answer):
            self.cost_ms += (result.cost_ms - self.cost_ms) * (SMOOTHING if self.cost_ms else 1)
            await seat.answer(frame, result)
        elif result is not None:
            await seat.refuse(result, frame.sequence)
        seat.slot.done()
        self.dispatch()

    async def _fit(self, seat: Seat, frame: Frame) -> Answer | str | None:
        """The answer, why there is none, or None when the shopper has left meanwhile."""
        if seat.session is None:
            return None
        step = partial(fit, seat.session, frame, seat.wish, advise=seat.advice_due(frame))
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, step)
        except (Undecodable, FrameInvalid):
            return "damaged"
        except Exception:
            # The traceback names code, never the picture.
            log.exception("a frame could not be fitted")
            seat.failures += 1
            return "failed"
        seat.failures = 0
        return answer
