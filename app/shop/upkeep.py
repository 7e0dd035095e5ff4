"""Looks after attempts and refunds without an answer: after a crash, a provider's outage, a customer who went away.

An attempt past its deadline is cancelled at the provider first; its units come back only when that is confirmed.
"""

import logging
from collections.abc import Awaitable, Mapping
from contextlib import suppress

from msgspec import structs

from app.customers import queries as customers
from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.mail import queries as mail
from app.payments.provider import Approved, Declined, Outcome, Processing, Provider, ProviderDown
from app.shop import queries
from app.shop.attempt import CHECK_MS, GIVEN_UP, Attempt, AttemptState
from app.shop.idempotency import InProgress
from app.shop.refunds import Refunds
from app.shop.settlement import Settlement
from app.shop.snapshot import decoded

log = logging.getLogger(__name__)

# One pass never holds up the other duties for long.
BATCH = 50
# How long a key is remembered, and what it stands for.
KEPT_MS = 30 * 86_400_000


class Upkeep:
    """The duty's work. Two processes at once share it: what one has claimed, the other does not get."""

    def __init__(
        self, ledger: Ledger, providers: Mapping[str, Provider], settlement: Settlement, refunds: Refunds, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._providers = providers
        self._settlement = settlement
        self._refunds = refunds
        self._clock = clock

    async def perform(self) -> int:
        """Look after everything that is due; how much that was."""
        now_ms = self._clock()
        async with self._ledger.write() as conn:
            attempts = await queries.claim_due_attempts(conn, now_ms, now_ms + CHECK_MS, BATCH)
            refunds = await queries.claim_due_refunds(conn, now_ms, now_ms + CHECK_MS, BATCH)
        for attempt in attempts:
            await self._trying(f"attempt {attempt.id}", self._look_after(attempt, now_ms))
        for refund in refunds:
            await self._trying(f"refund {refund.id}", self._refunds.pay(refund))
        return len(attempts) + len(refunds)

    async def purge(self) -> None:
        """Erase attempts and codes that came to nothing long ago: addresses of people who bought nothing."""
        before_ms = self._clock() - KEPT_MS
        async with self._ledger.write() as conn:
            await queries.purge_attempts(conn, before_ms)
            await customers.purge_confirmations(conn, before_ms)
            await mail.purge(conn, before_ms)

    async def resolve(self, attempt_id: str, reference: str | None = None) -> None:
        """Ask the provider about one attempt now, because its customer came back or its webhook arrived.

        `reference`: the provider's own id of the payment, if it told one.
        """
        async with self._ledger.read() as conn:
            attempt = await queries.attempt_by_id(conn, attempt_id)
        if attempt is None or not (attempt.open or attempt.state in GIVEN_UP):
            return
        if attempt.reference is None:
            attempt = structs.replace(attempt, reference=reference)
        outcome = await self._status(attempt)
        # One that was given up matters only if it was charged after all.
        if attempt.open or isinstance(outcome, Approved):
            await self._settle(attempt, outcome)

    async def _trying(self, name: str, work: Awaitable[None]) -> None:
        """Do what can be done; one that fails must not keep the others waiting, and is due again later."""
        try:
            await work
        except ProviderDown:
            log.warning("the provider of %s does not answer; it is asked again", name)
        except Exception:
            log.exception("%s cannot be looked after; it is tried again", name)

    async def _look_after(self, attempt: Attempt, now_ms: int) -> None:
        if now_ms < attempt.deadline_ms:
            await self._settle(attempt, await self._status(attempt))
        elif attempt.state == AttemptState.PROCESSING:
            # Nobody can cancel it any more; the bank decides.
            await self._settle(attempt, await self._status(attempt))
        else:
            outcome = await self._cancel(attempt)
            # Neither yes nor no: the provider cannot tell yet, so the units stay reserved.
            if isinstance(outcome, Approved | Declined | Processing):
                await self._settlement.settle(attempt, outcome, given_up="expired")

    async def call_off(self, attempt: Attempt) -> None:
        """Cancel an open attempt at the provider, whatever its deadline; one that was charged meanwhile is paid."""
        outcome = await self._cancel(attempt)
        if isinstance(outcome, Approved | Declined | Processing):
            await self._settlement.settle(attempt, outcome, given_up="cancelled")

    async def _settle(self, attempt: Attempt, outcome: Outcome) -> None:
        # The attempt's own request, or a later check, goes on.
        with suppress(InProgress):
            await self._settlement.settle(attempt, outcome)

    async def _status(self, attempt: Attempt) -> Outcome:
        snapshot = decoded(attempt.document)
        return await self._providers[attempt.method].status(attempt.charge(snapshot.email, snapshot.language))

    async def _cancel(self, attempt: Attempt) -> Outcome:
        snapshot = decoded(attempt.document)
        return await self._providers[attempt.method].cancel(attempt.charge(snapshot.email, snapshot.language))
