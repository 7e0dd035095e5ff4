"""The webhooks' standing duty; see `app.duties`."""

from functools import partial

import aiohttp
from aiohttp import web

from app import keys
from app.duties import Duty
from app.webhooks.delivery import BATCH, TIMEOUT_S, Delivery, post

DELIVER_S = 1.0


async def deliver(app: web.Application) -> None:
    """Deliver what is due; without a receiver nothing is queued."""
    webhook = app[keys.CONFIG].webhook
    if webhook is None:
        return
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
        sending = partial(post, session, webhook)
        delivery = Delivery(app[keys.LEDGER], webhook.secret, sending, app[keys.CLOCK])
        while await delivery.perform() == BATCH:
            pass  # a drop has sold hundreds at once


WEBHOOK_DUTIES = (Duty("webhooks", DELIVER_S, deliver),)
