"""The disputes' standing duty; see `app.duties`."""

from aiohttp import web

from app import keys
from app.disputes.following import BATCH
from app.duties import Duty

# Each open one is due once a day.
LOOK_S = 600.0


async def look(app: web.Application) -> None:
    """Ask how the open ones stand of which nobody has told anything for long."""
    while await app[keys.DESK].disputes.perform() == BATCH:
        pass


DISPUTE_DUTIES = (Duty("disputes", LOOK_S, look),)
