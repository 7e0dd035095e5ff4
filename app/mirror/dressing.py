"""Opens, dresses and closes fitting sessions, beside the lanes: who comes in or changes slows nobody who is in."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.mirror.fitter import Session
from app.mirror.ladder import Model
from app.mirror.protocol import Control, Told
from app.mirror.seat import Seat
from fitting.errors import FittingError, GarmentUnknown

log = logging.getLogger(__name__)

OpenSession = Callable[[Model], Session]

OPENERS = 2


class Dressing:
    """`open_session` blocks and may raise FittingError."""

    def __init__(self, open_session: OpenSession) -> None:
        self._open_session = open_session
        self._threads = ThreadPoolExecutor(OPENERS, "opener")

    async def open(self, seat: Seat, model: Model, *, present: Callable[[], bool]) -> bool:
        """Give the seat a session, or a new one, in what the shopper wants to wear; whether it has one now.

        `present` tells whether the shopper is still there when the session is ready.
        """
        try:
            session: Session = await self._beside(self._open_session, model)
        except Exception as error:
            # Only our own sentences are for shoppers.
            if not isinstance(error, FittingError):
                log.exception("a fitting session could not be opened")
            if seat.session is None:
                detail = str(error) if isinstance(error, FittingError) else "The mirror could not be opened."
                await seat.tell_state("unavailable", detail=detail)
            return False
        async with seat.using:
            refusal = await self._dress(seat, session) if present() else None
            if not present():
                await self._beside(session.close)
                return False
            if refusal is not None:
                seat.wish = Control(wear=[]).over(seat.wish)
            old, seat.session, seat.model, seat.failures = seat.session, session, model, 0
        if old is not None:
            await self._beside(old.close)
        else:
            await seat.tell_state("ok")
            await seat.tell_wearing(refusal)
        return True

    async def change(self, seat: Seat, control: Control) -> None:
        """The shopper wants something else; a wish that cannot be had changes nothing."""
        before, seat.wish = seat.wish, control.over(seat.wish)
        if seat.session is None or control.only_mirror:
            return
        refusal = None
        async with seat.using:
            if seat.session is not None:
                refusal = await self._dress(seat, seat.session)
            if refusal is not None:
                seat.wish = before
        seat.advised_ms = None
        await seat.tell_wearing(refusal)

    async def close_session(self, seat: Seat) -> None:
        """Give the session's memory back."""
        seat.slot.clear()
        async with seat.using:
            session, seat.session = seat.session, None
            if session is not None:
                await self._beside(session.close)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

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

    async def _beside(self, function: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
