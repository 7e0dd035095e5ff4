"""Delivers the outbox: at least once, the same Message-ID each time, later and later while the server says no."""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate
from urllib.parse import urlsplit

from app.backoff import TRIES_MAX, pause_ms
from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.mail import queries
from app.mail.queries import Letter
from app.mail.receipts import written_out
from app.mail.texts import MailTexts

log = logging.getLogger(__name__)

BATCH = 20
# Longer than a mail server may take for one batch; after a crash the letters are due again then.
CLAIM_MS = 5 * 60_000


class Refused(Exception):
    """The mail server will never take this letter."""


class Delayed(Exception):
    """The mail server does not take it now."""


Post = Callable[[EmailMessage], Awaitable[None]]


def envelope(letter: Letter, sender: str, host: str) -> EmailMessage:
    """The letter as mail. A second delivery is recognised by its Message-ID."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = formatdate(letter.created_ms / 1000, usegmt=True)
    message["Message-ID"] = f"<{hashlib.sha256(letter.topic.encode()).hexdigest()[:32]}@{host}>"
    message["Content-Language"] = letter.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


class Delivery:
    """The duty's work; `post` hands one message to the mail server or raises Refused or Delayed."""

    def __init__(
        self, ledger: Ledger, post: Post, clock: Clock, texts: MailTexts, *, sender: str, public_url: str
    ) -> None:
        self._ledger = ledger
        self._post = post
        self._clock = clock
        self._texts = texts
        self._sender = sender
        self._public_url = public_url

    async def perform(self) -> int:
        """Deliver what is due; how many letters that were."""
        now_ms = self._clock()
        async with self._ledger.write() as conn:
            due = await queries.claim_due(conn, now_ms, now_ms + CLAIM_MS, BATCH)
            letters = await written_out(conn, self._texts, self._public_url, due)
        for letter in letters:
            # The words that were sent are kept.
            words = {"subject": letter.subject, "text": letter.text}
            facts = {**words, **await self._deliver(letter, letter.tries + 1)}
            async with self._ledger.write() as conn:
                await queries.change(conn, letter.id, **facts)
        return len(letters)

    async def _deliver(self, letter: Letter, tries: int) -> dict[str, object]:
        """Try for the `tries`th time; what to note. A try that a crash has cut short was none."""
        host = urlsplit(self._public_url).hostname or "localhost"
        try:
            await self._post(envelope(letter, self._sender, host))
        except Refused as refused:
            log.warning("mail %s is refused for good: %s", letter.id, refused)
            return {"state": "failed", "due_ms": None, "tries": tries, "error": str(refused)[:300]}
        except Delayed as delayed:
            why = str(delayed)
        except Exception as error:
            # Nobody foresaw it; it must not keep the other letters waiting.
            log.exception("mail %s cannot be sent", letter.id)
            why = type(error).__name__
        else:
            return {"state": "sent", "due_ms": None, "tries": tries, "sent_ms": self._clock(), "error": None}
        if tries >= TRIES_MAX:
            return {"state": "failed", "due_ms": None, "tries": tries, "error": why[:300]}
        return {"due_ms": self._clock() + pause_ms(tries), "tries": tries, "error": why[:300]}
