"""The mail's standing duty; see `app.duties`."""

from aiohttp import web

from app import keys
from app.duties import Duty
from app.mail.delivery import BATCH, Delivery
from app.mail.smtp import smtp_post

# A receipt should be there before its reader looks.
DELIVER_S = 1.0


async def deliver(app: web.Application) -> None:
    """Deliver what is due; without a mail server everything waits in the outbox."""
    config = app[keys.CONFIG]
    if config.mail is None:
        return
    post, texts = smtp_post(config.mail), app[keys.DESK].texts
    given = {"sender": config.mail.sender, "public_url": config.public_url}
    delivery = Delivery(app[keys.LEDGER], post, app[keys.CLOCK], texts, **given)
    while await delivery.perform() == BATCH:
        pass  # a drop has sold hundreds at once


MAIL_DUTIES = (Duty("mail", DELIVER_S, deliver),)
