"""The shop's standing duties; see `app.duties`."""

from aiohttp import web

from app import keys
from app.duties import Duty
from app.shop.upkeep import BATCH

# Nobody waits for it: it looks after what a crash, an outage or an absent customer left open.
UPKEEP_S = 1.0
PURGE_S = 3600.0


async def upkeep(app: web.Application) -> None:
    """Settle attempts and refunds that have no answer."""
    while await app[keys.DESK].upkeep.perform() >= BATCH:
        pass  # a crash under load leaves more than one pass takes


async def purge(app: web.Application) -> None:
    """Erase what need not be kept."""
    await app[keys.DESK].upkeep.purge()


SHOP_DUTIES = (Duty("payments", UPKEEP_S, upkeep), Duty("purging", PURGE_S, purge))
