"""One shopper in a fitting worker: the link to web, the newest frame, the fitting session and what was told."""

import asyncio
from dataclasses import replace

from app.mirror.fitter import Answer, Session
from app.mirror.guidance import Guidance
from app.mirror.ladder import Model
from app.mirror.link import Link
from app.mirror.protocol import Control, Frame, Kind, State, Told
from app.mirror.slot import Slot


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
        # Held while the session is in use, so that it is never changed or closed under a lane.
        self.using = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Whether a frame waits that could be worked on now."""
        return self.session is not None and self.slot.ready and not self.using.locked()

    async def tell(self, told: Told) -> None:
        """Send a text message."""
        await self.link.send(Kind.TOLD, told.packed())

    async def tell_state(self, state: State, position: int | None = None, detail: str | None = None) -> None:
        """Send a state for another reason than what is seen in the frames."""
        self.position = position
        self.guidance.say(state)
        await self.tell(Told(state=state, position=position, detail=detail))

    async def answer(self, frame: Frame, answer: Answer) -> None:
        """Send the fitted picture, and the state when it changed."""
        state = self.guidance.see(answer.state, frame.timestamp_ms)
        if state is not None:
            await self.tell(Told(state=state))
        await self.link.send(Kind.FRAME, replace(frame, jpeg=answer.jpeg).packed())

    async def refuse(self, slug: str, sequence: int | None = None, detail: str | None = None) -> None:
        """Say that a frame or a wish could not be used."""
        await self.tell(Told(error=slug, sequence=sequence, detail=detail))
