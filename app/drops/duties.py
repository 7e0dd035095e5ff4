"""The drops' standing duties; see `app.duties`."""

from aiohttp import web

from app import keys
from app.drops import queries
from app.drops.holds import forget
from app.drops.opening import advancing
from app.duties import Duty

# A reveal may be this late; what is left is told at most this often, which is also how often viewers may hear it.
ADVANCE_S = 0.2
EXPIRE_S = 0.5
# Nobody holds anything whose time ended before the last look, but for clocks of other machines that go after ours: it
# looks back so far each time, and at everything there is so often.
LATE_MS = 5_000
THOROUGH_MS = 300_000
# A unit that a crash left between gate and ledger is back within this and the age at which it counts as left behind.
MEND_S = 2.0


class Expiry:
    """Gives back the holds whose time is over."""

    def __init__(self) -> None:
        self._looked_ms = 0
        self._thorough_ms = 0

    async def expire(self, app: web.Application) -> None:
        """Give back those whose time has ended since the last look."""
        now_ms = app[keys.CLOCK]()
        # A clock that was put back is one more reason.
        thorough = not self._looked_ms <= now_ms < self._thorough_ms + THOROUGH_MS
        # Looked for by a reader: everything there ever was takes its time, and who writes would wait.
        async with app[keys.LEDGER].read() as conn:
            oldest_ms = await queries.oldest_ended(conn, now_ms, 0 if thorough else self._looked_ms - LATE_MS)
        if oldest_ms is not None:
            await _expire(app, now_ms, oldest_ms)
        self._looked_ms = now_ms
        if thorough:
            self._thorough_ms = now_ms


async def _expire(app: web.Application, now_ms: int, oldest_ms: int) -> None:
    while True:
        async with app[keys.LEDGER].write() as conn:
            expired = await queries.expire(conn, now_ms, oldest_ms)
        await forget(app[keys.GATE], expired)
        if len(expired) < queries.EXPIRED_AT_ONCE:
            return


async def mend(app: web.Application) -> None:
    """Compare the gate of every running drop with the ledger."""
    rebuilder = app[keys.HOLDS].rebuilder
    async with app[keys.LEDGER].read() as conn:
        running = await queries.running(conn)
    for drop in running:
        await rebuilder.mend(drop.id, app[keys.CLOCK]())


def drop_duties() -> tuple[Duty, ...]:
    """The duties of one process."""
    return (
        Duty("openings", ADVANCE_S, advancing()),
        Duty("expiry", EXPIRE_S, Expiry().expire),
        Duty("mending", MEND_S, mend),
    )
