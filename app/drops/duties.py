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
# A unit that a crash left between gate and ledger is back within this and the age at which it counts as left behind.
MEND_S = 2.0


async def expire(app: web.Application) -> None:
    """Give back the holds whose time is over."""
    while True:
        async with app[keys.LEDGER].write() as conn:
            expired = await queries.expire(conn, app[keys.CLOCK]())
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


DROP_DUTIES = (
    Duty("openings", ADVANCE_S, advancing()),
    Duty("expiry", EXPIRE_S, expire),
    Duty("mending", MEND_S, mend),
)
