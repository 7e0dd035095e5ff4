"""Lines and reactions on their way from one shopper to everybody."""

import time
from collections import OrderedDict
from collections.abc import Sequence

from app.batch import Batch, QueueFull
from app.chat import queries
from app.chat.lines import clean, same
from app.chat.names import name_of
from app.chat.queries import Line
from app.errors import Unavailable
from app.ledger.clock import Clock, rfc3339
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from overlays.limits import Buckets, Rate
from overlays.messages import Refused, SaidMessage, ShowState

# Faster than this nobody reads it; a short dialogue still passes.
SAY_RATE = Rate(per_second=0.5, burst=4)
# A thumb on the heart.
REACT_RATE = Rate(per_second=8, burst=16)
# Who is remembered for repeating a line.
_LAST_KEPT = 10_000


class Talk:
    """The chat of every event in this process; limits are per shopper, however many connections they open."""

    def __init__(self, ledger: Ledger, secret: str, clock: Clock) -> None:
        self._ledger = ledger
        self._secret = secret
        self._clock = clock
        self._say = Buckets(SAY_RATE)
        self._react = Buckets(REACT_RATE)
        self._last: OrderedDict[str, str] = OrderedDict()
        self._lines: Batch[Line, None] = Batch(self._keep)

    async def say(self, event: str, shopper: str, text: str, state: ShowState) -> SaidMessage:
        """Keep a line in the ledger; what everybody is to hear. Raises Refused."""
        if state == "after":
            raise Refused("closed", "The show is over, and so is its chat.")
        line = clean(text)
        if same(line, self._last.get(shopper, "")):
            raise Refused("repeated", "You have just said that.")
        if not self._say.take(shopper, time.monotonic()):
            raise Refused("too-fast", "Wait a moment before the next line.")
        row = Line(new_id("say"), event, shopper, name_of(shopper, event, self._secret), line, self._clock())
        try:
            await self._lines.submit(row)
        except (Unavailable, QueueFull):
            raise Refused("busy", "The chat pauses for a moment. Please try again.") from None
        self._last[shopper] = line
        self._last.move_to_end(shopper)
        if len(self._last) > _LAST_KEPT:
            self._last.popitem(last=False)
        return message_of(row)

    def may_react(self, shopper: str) -> bool:
        """Whether another reaction of this shopper counts."""
        return self._react.take(shopper, time.monotonic())

    async def close(self) -> None:
        """Wait until every line is kept."""
        await self._lines.close()

    async def _keep(self, lines: list[Line]) -> Sequence[None]:
        async with self._ledger.write() as conn:
            await queries.add(conn, lines)
        return [None] * len(lines)


def message_of(line: Line) -> SaidMessage:
    """A line as viewers see it; who said it stays here."""
    return SaidMessage(line.id, line.author, line.text, rfc3339(line.said_ms))
