"""The way from web to the fitting workers: the emptiest one is chosen; who waits in the wrong queue may move."""

import asyncio
from pathlib import Path

from app.mirror.link import Link
from app.mirror.protocol import Control, Hello, Kind, ProtocolError, read_hello

# A worker greets at once, or it hangs.
GREETING_S = 1.0


class Pool:
    """Finds workers by their sockets, `fitting-N.sock` in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def join(self, wish: Control) -> Link | None:
        """A link to the emptiest worker, which now knows `wish`; None when no worker answers."""
        greeted = await self._greeted()
        if not greeted:
            return None
        greeted.sort(key=lambda pair: _fullness(pair[1]))
        chosen = greeted[0][0]
        for other, _ in greeted[1:]:
            other.close()
        try:
            await chosen.send(Kind.CONTROL, wish.packed())
        except BaseException as error:
            chosen.close()
            if not isinstance(error, ConnectionError):
                raise
            return None
        return chosen

    async def room_elsewhere(self) -> bool:
        """Whether some worker would let a shopper in right now."""
        greeted = await self._greeted()
        for link, _ in greeted:
            link.close()
        return any(hello.shoppers < hello.limit and not hello.waiting for _, hello in greeted)

    async def ready(self) -> bool:
        """Whether any worker answers."""
        greeted = await self._greeted()
        for link, _ in greeted:
            link.close()
        return bool(greeted)

    async def _greeted(self) -> list[tuple[Link, Hello]]:
        paths = sorted(await asyncio.to_thread(lambda: list(self._folder.glob("fitting-*.sock"))))
        greetings = [asyncio.create_task(_greet(path)) for path in paths]
        try:
            answers = await asyncio.gather(*greetings)
        except asyncio.CancelledError:
            for greeting in greetings:
                greeting.add_done_callback(_hang_up)
            raise
        return [answer for answer in answers if answer is not None]


def _fullness(hello: Hello) -> tuple[float, float]:
    """Smaller is emptier: queues first, then the share of places that are taken."""
    limit = max(1, hello.limit)
    return hello.waiting / limit, hello.shoppers / limit


async def _greet(path: Path) -> tuple[Link, Hello] | None:
    link: Link | None = None
    try:
        async with asyncio.timeout(GREETING_S):
            link = await Link.connect(path)
            message = await link.receive()
        if message is not None and message[0] is Kind.HELLO:
            hello = read_hello(message[1])
            greeted, link = link, None
            return greeted, hello
    except (OSError, TimeoutError, ProtocolError):
        pass  # nobody listens there, or nobody who can be understood
    finally:
        if link is not None:
            link.close()
    return None


def _hang_up(greeting: asyncio.Task[tuple[Link, Hello] | None]) -> None:
    """The browser left while the workers were asked."""
    if not greeting.cancelled() and (answer := greeting.result()) is not None:
        answer[0].close()
