"""One shopper in a fitting worker: the link to web, the newest frame, the fitting session and what was told."""

import asyncio
from dataclasses import replace

from app.mirror.fitter import Answer, Session
from app.mirror.guidance import Guidance
from app.mirror.ladder import Model
from app.mirror.link import Link
from app.mirror.protocol import Control, Frame, Kind, SizeAdvice, State, Told
from app.mirror.slot import Slot

# People step back to be seen whole; the range narrows then, and need not do so thirty times a second.
ADVICE_EVERY_MS = 1000


class Seat:
    """What the room knows of one shopper. Used in the event loop only; `session` also in a lane, one at a time."""

    def __init__(self, link: Link, now: float, wish: Control) -> None:
        self.link = link
        self.wish = wish
        self.slot: Slot[Frame] = Slot()
        self.guidance = Guidance()
        self.session: Session | None = None
        self.model: Model | None = None
        # The place in the queue that was told last; None while inside.
        self.position: int | None = None
        # When the last frame came, in the room's seconds.
        self.heard = now
        self.failures = 0
        # Size advice as it was told last, and the timestamp of the frame that it was made from.
        self.advice: list[SizeAdvice] = []
        self.advised_ms: int | None = None
        # Whether the chosen sizes are drawn against one that has turned out not to be right.
        self.misfits = False
        # Held while the session is in use, so that it is never changed or closed under a lane.
        self.using = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Whether a frame waits that could be worked on now."""
        return self.session is not None and self.slot.ready and not self.using.locked()

    @property
    def fits(self) -> dict[str, str]:
        """The size that is right for the body, by garment, as far as it is known."""
        return {one.garment: one.sizes[len(one.sizes) // 2] for one in self.advice if one.sizes}

    def advice_due(self, frame: Frame) -> bool:
        """Whether `frame` should also tell which sizes to take."""
        if self.wish.height_cm is None:
            return False
        due = self.advised_ms is None or frame.timestamp_ms - self.advised_ms >= ADVICE_EVERY_MS
        if due:
            self.advised_ms = frame.timestamp_ms
        return due

    async def tell(self, told: Told) -> None:
        """Send a text message."""
        await self.link.send(Kind.TOLD, told.packed())

    async def tell_state(self, state: State, position: int | None = None, detail: str | None = None) -> None:
        """Send a state for another reason than what is seen in the frames."""
        self.position = position
        self.guidance.say(state)
        await self.tell(Told(state=state, position=position, detail=detail))

    async def tell_wearing(self, refusal: Told | None) -> None:
        """Say what is worn now, with why it is not what was wished for."""
        told = refusal or Told()
        told.wearing = self.wish.wear or []
        await self.tell(told)

    async def answer(self, frame: Frame, answer: Answer) -> None:
        """Send the fitted picture, and the state when it changed."""
        state = self.guidance.see(answer.state, frame.timestamp_ms)
        if state is not None:
            await self.tell(Told(state=state))
        if answer.advice is not None and answer.advice != self.advice:
            fits, self.advice = self.fits, answer.advice
            self.misfits = self.misfits or (self.wish.sizes is not None and self.fits != fits)
            await self.tell(Told(advice=answer.advice))
        await self.link.send(Kind.FRAME, replace(frame, jpeg=answer.jpeg).packed())

    async def refuse(self, slug: str, sequence: int | None = None, detail: str | None = None) -> None:
        """Say that a frame or a wish could not be used."""
        await self.tell(Told(error=slug, sequence=sequence, detail=detail))
