"""The shop's standing duty; see `app.duties`."""

from aiohttp import web

from app import keys
from app.duties import Duty

# Nobody waits for it: it looks after what a crash, an outage or an absent customer left open.
UPKEEP_S = 1.0


async def upkeep(app: web.Application) -> None:
    """Settle attempts and refunds that have no answer."""
    await app[keys.DESK].upkeep.perform()


SHOP_DUTIES = (Duty("payments", UPKEEP_S, upkeep),)
