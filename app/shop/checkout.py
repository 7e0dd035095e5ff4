"""The checkout: a cart becomes a payment attempt, its units are reserved, the provider is asked, the answer is settled.

In this order, so that no crash loses or doubles anything: the attempt and its reservations are one transaction *before*
the provider is asked; the order, the sold units and the receipt are one transaction after it said yes. An attempt whose
request died in between is found by `app.shop.upkeep`, which asks the provider how it stands. Checkouts of the same
moment share both transactions.
"""

from collections.abc import Mapping

from app.batch import CALM_S, Batch, QueueFull
from app.deadline import within
from app.drops.errors import Busy
from app.drops.recent import Recent
from app.ledger.batch import work_batch
from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.payments.provider import Provider, ProviderDown
from app.shop import queries
from app.shop.attempt import ASKING_MS, PROVIDER_TIMEOUT_S, Attempt, AttemptState
from app.shop.idempotency import Answer
from app.shop.placing import Overtaken, Placing, place
from app.shop.settlement import Settlement
from app.shop.snapshot import decoded
from app.shop.wish import Wish

# Each try loses to somebody else's commit, so that one of us always gets on.
TRIES = 5


class Checkout:
    """Places orders. Safe to repeat with the same key, in any process, after any crash."""

    def __init__(
        self,
        ledger: Ledger,
        providers: Mapping[str, Provider],
        settlement: Settlement,
        recent: Recent,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._recent = recent
        self._providers = providers
        self._settlement = settlement
        self._clock = clock
        self._placed: Batch[Placing, Attempt | Answer] = work_batch(ledger, place, calm_s=CALM_S)

    async def place(self, wish: Wish) -> Answer:
        """The answer to a checkout: a new one, or the one that its key got before.

        Raises InProgress, KeyReused, Unprocessable, EmailUnconfirmed, Busy or ProviderDown; refusals about stock are
        answers and are kept.
        """
        payer = await self._payer(wish) if wish.body.holds else None
        placed = await self._open(wish, payer)
        if isinstance(placed, Answer):
            return placed
        return await self._pay(placed)

    async def _payer(self, wish: Wish) -> str | None:
        """Who pays, as the provider knows them: a drop's share is counted under it, whatever the e-mail address."""
        try:
            return await within(PROVIDER_TIMEOUT_S, self._providers[wish.body.payment.method].payer(wish.token))
        except TimeoutError:
            raise _away() from None

    async def _open(self, wish: Wish, payer: str | None) -> Attempt | Answer:
        """Reserve everything and write the attempt down, or find what the key stands for."""
        now_ms = self._clock()
        held = self._recent.take(wish.body.holds, now_ms)
        for _ in range(TRIES):
            try:
                return await self._placed.submit(Placing(wish, payer, now_ms, held))
            except Overtaken:
                now_ms, held = self._clock(), ()
            except QueueFull:
                break
        raise Busy

    async def _pay(self, attempt: Attempt) -> Answer:
        snapshot = decoded(attempt.document)
        charge = attempt.charge(snapshot.email, snapshot.language)
        try:
            outcome = await within(PROVIDER_TIMEOUT_S, self._providers[attempt.method].start(charge))
        except (ProviderDown, TimeoutError):
            again = self._clock() + ASKING_MS
            async with self._ledger.write() as conn:
                await queries.move_attempt(
                    conn, attempt.id, AttemptState.UNANSWERED, before=[AttemptState.STARTED], check_ms=again
                )
            raise _away() from None
        return await self._settlement.settle(attempt, outcome)


def _away() -> ProviderDown:
    return ProviderDown("The payment provider does not answer. Nothing is lost: repeat with the same Idempotency-Key.")
