"""Delivers the queue: at least once, the same id each time, later and later while the receiver says no."""

import logging
from collections.abc import Awaitable, Callable

import aiohttp

from app.backoff import TRIES_MAX, pause_ms
from app.config import Webhook
from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.webhooks import queries
from app.webhooks.queries import Message
from app.webhooks.signature import headers

log = logging.getLogger(__name__)

BATCH = 20
# A receiver should note a message and answer at once; what takes longer belongs behind its own queue.
TIMEOUT_S = 10.0
# Longer than a batch may take; after a crash its messages are due again then.
CLAIM_MS = 5 * 60_000
# The receiver says that it wants nothing more (RFC 9110 section 15.5.11).
GONE = 410

# Sends one message; the receiver's status.
Post = Callable[[bytes, dict[str, str]], Awaitable[int]]


class Delivery:
    """The duty's work."""

    def __init__(self, ledger: Ledger, secret: bytes, post: Post, clock: Clock) -> None:
        self._ledger = ledger
        self._secret = secret
        self._post = post
        self._clock = clock

    async def perform(self) -> int:
        """Deliver what is due; how many messages that were."""
        now_ms = self._clock()
        async with self._ledger.write() as conn:
            messages = await queries.claim_due(conn, now_ms, now_ms + CLAIM_MS, BATCH)
        for message in messages:
            facts = await self._deliver(message, message.tries + 1)
            async with self._ledger.write() as conn:
                await queries.change(conn, message.id, **facts)
        return len(messages)

    async def _deliver(self, message: Message, tries: int) -> dict[str, object]:
        """Try for the `tries`th time; what to note. A try that a crash has cut short was none."""
        body = message.body.encode()
        try:
            # Signed at this moment: receivers refuse old times, so that nobody can play messages again.
            status = await self._post(body, headers(self._secret, message.id, self._clock() // 1000, body))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            status, why = 0, type(error).__name__
        else:
            why = f"answered {status}"
        if 200 <= status < 300:
            return {"state": "sent", "due_ms": None, "tries": tries, "sent_ms": self._clock(), "error": None}
        if status == GONE or tries >= TRIES_MAX:
            log.warning("webhook %s is given up: %s", message.id, why)
            return {"state": "failed", "due_ms": None, "tries": tries, "error": why}
        return {"due_ms": self._clock() + pause_ms(tries), "tries": tries, "error": why}


async def post(session: aiohttp.ClientSession, webhook: Webhook, body: bytes, signed: dict[str, str]) -> int:
    """Send one message to the configured address; a redirect is an answer, not an invitation."""
    sent = {"Content-Type": "application/json", **signed}
    async with session.post(webhook.url, data=body, headers=sent, allow_redirects=False) as answer:
        return answer.status
