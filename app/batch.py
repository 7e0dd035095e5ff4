"""Group commit: whoever waits at the same moment is served by one call."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# One call serves at most this many: the gain per item flattens here, and nobody waits long for a huge call.
BATCH_MAX = 256
# Beyond this many waiting items an answer would come too late to be useful.
WAITING_MAX = 4096
# Who comes together comes within this: enough for a crowd's requests to be read, and nothing to a single person.
CALM_S = 0.002
# A crowd that goes on coming is waited for so many times as long.
CALMS_MAX = 5


class QueueFull(Exception):
    """Too many wait already; the item was not taken."""


class Batch(Generic[Item, Answer]):
    """Serves items in the order of their arrival, as many at a time as are waiting.

    `serve` gets 1 to `most` items and returns an answer, or an exception to raise, for each in the same order. Who
    stops waiting before the call is left out and blocks nobody. Calls begin `pace_s` apart, so that the more come in a
    second the more share one; whoever comes after a pause as long, or is the last that fits, waits for no timer.
    """

    def __init__(
        self,
        serve: Callable[[list[Item]], Awaitable[Sequence[Answer | Exception]]],
        *,
        most: int = BATCH_MAX,
        waiting: int = WAITING_MAX,
        pace_s: float = 0.0,
        calm_s: float = 0.0,
    ) -> None:
        self._serve = serve
        self._most = most
        self._limit = waiting
        self._pace_s = pace_s
        self._calm_s = calm_s
        self._next_s = 0.0
        self._queue: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._running: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many wait and are not being served yet."""
        return len(self._queue)

    def submit(self, item: Item) -> asyncio.Future[Answer]:
        """Where the answer to `item` will be, or what `serve` raised or answered for it. Raises QueueFull at once."""
        if len(self._queue) >= self._limit:
            raise QueueFull
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return future

    async def close(self) -> None:
        """Wait until everything that was submitted is answered."""
        while self._running is not None:
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        try:
            while self._queue:
                await self._in_pace()
                await self._next()
        finally:
            self._running = None

    async def _in_pace(self) -> None:
        clock = asyncio.get_running_loop().time
        pause_s = self._next_s - clock()
        if pause_s > 0 and len(self._queue) < self._most:
            await asyncio.sleep(pause_s)
        if self._calm_s:
            await self._calm()
        self._next_s = clock() + self._pace_s

    async def _calm(self) -> None:
        for _ in range(CALMS_MAX):
            before = len(self._queue)
            if before >= self._most:
                return
            await asyncio.sleep(self._calm_s)
            if len(self._queue) == before:
                return

    async def _next(self) -> None:
        taken: list[tuple[Item, asyncio.Future[Answer]]] = []
        while self._queue and len(taken) < self._most:
            entry = self._queue.popleft()
            if not entry[1].done():
                taken.append(entry)
        if not taken:
            return
        try:
            answers = await self._serve([item for item, _ in taken])
        except Exception as error:
            answers = [error] * len(taken)
        for (_, future), answer in zip(taken, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
