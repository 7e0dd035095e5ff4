"""Follows a dispute: who has to know hears of it, and what a bank has taken back is counted on the order, once.

Most card networks let the merchant answer; a direct debit's customer has eight weeks to take the money back and nobody
is asked (SEPA Core Rulebook, section 4.3), so such a dispute is lost as soon as it is told. A bank may decide anew.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping

from msgspec.structs import replace

from app.disputes import queries
from app.disputes.queries import Dispute
from app.disputes.taking import give_back, take
from app.drops.rules import Hold
from app.ledger.clock import Clock
from app.ledger.connection import Connection
from app.ledger.engine import Ledger
from app.payments.provider import Provider, ProviderDown, Standing, Told
from app.shop import queries as shop
from app.shop.attempt import Attempt, AttemptState
from app.shop.order import OrderState
from app.shop.record import Order, Refund, order_of
from app.shop.settlement import Forget
from app.shop.snapshot import decoded
from app.webhooks.announcing import Announce

log = logging.getLogger(__name__)

# A provider tells by itself how a dispute goes on; asking only makes sure.
CHECK_MS = 86_400_000
# One pass never holds up the other duties for long.
BATCH = 50

# The provider is asked about refunds so often before a loss is counted; new ones may come meanwhile.
HEARINGS = 5

# resolve(attempt, reference): ask the provider how a payment stands, and settle it.
Resolve = Callable[[str, str | None], Awaitable[None]]
# pay(refund): ask the provider to pay a counted refund; again for one that it has paid already.
Pay = Callable[[Refund], Awaitable[None]]


class Disputes:
    """Follows disputes. Safe to repeat, in any order, by any number of processes."""

    def __init__(
        self,
        ledger: Ledger,
        providers: Mapping[str, Provider],
        forget: Forget,
        announce: Announce,
        resolve: Resolve,
        pay: Pay,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._providers = providers
        self._forget = forget
        self._announce = announce
        self._resolve = resolve
        self._pay = pay
        self._clock = clock

    async def follow(self, method: str, dispute: str) -> None:
        """Ask the provider how a dispute stands and do what follows from it. Raises ProviderDown."""
        told = await self._providers[method].dispute(dispute)
        if told is None:
            return
        async with self._ledger.read() as conn:
            attempt = await shop.attempt_by_id(conn, told.attempt)
        if attempt is not None:
            # The news that it was paid, or paid after all, may still be on its way.
            await self._resolve(attempt.id, None)
        for hearing in range(HEARINGS + 1):
            async with self._ledger.write() as conn:
                order = await _paid_with(conn, attempt) if attempt else None
                if order is None:
                    log.warning("dispute %s is about a payment that became no order", told.id)
                    return
                unheard = (
                    await _unheard(conn, order.id) if told.standing == Standing.LOST and hearing < HEARINGS else []
                )
                freed = [] if unheard else await self._note(conn, order, told)
            if not unheard:
                break
            for refund in unheard:
                await self._pay(refund)
        if freed:
            await self._forget(freed)

    async def perform(self) -> int:
        """Ask about those that are open for long; how many those were."""
        now_ms = self._clock()
        async with self._ledger.write() as conn:
            due = await queries.claim_due(conn, now_ms, now_ms + CHECK_MS, BATCH)
            attempts = [await shop.attempt_of_order(conn, dispute.order_id) for dispute in due]
        for dispute, attempt in zip(due, attempts, strict=True):
            try:
                await self.follow(attempt.method if attempt else "", dispute.id)
            except ProviderDown:
                log.warning("the provider of dispute %s does not answer; it is asked again", dispute.id)
        return len(due)

    async def _note(self, conn: Connection, order: Order, told: Told) -> list[Hold]:
        known = await queries.find(conn, told.id)
        # While a lost one is looked at again the bank keeps the money.
        if known is None or known.state != Standing.LOST or (told.standing == Standing.WON and known.taken):
            return await self._keep(conn, order, told, known)
        if told.standing == Standing.WON:
            log.error("dispute %s was lost by an older version, which did not note what it took; look at it", told.id)
        return []

    async def _keep(self, conn: Connection, order: Order, told: Told, known: Dispute | None) -> list[Hold]:
        now_ms, open_ = self._clock(), told.standing == Standing.OPEN
        new = Dispute(
            id=told.id,
            order_id=order.id,
            state=str(told.standing),
            amount=told.amount,
            reason=told.reason[:64],
            due_ms=told.due_ms if open_ else None,
            created_ms=now_ms if known is None else known.created_ms,
            check_ms=now_ms + CHECK_MS if open_ else None,
        )
        freed: list[Hold] = []
        if told.standing == Standing.LOST:
            taken, freed = await take(conn, order, new, now_ms)
            new = replace(new, taken=taken)
        elif known is not None and known.taken:
            await give_back(conn, order, known.taken, now_ms)
        await queries.keep(conn, new)
        if known is None or known.state != new.state:
            type_ = "order.disputed" if open_ else f"order.dispute-{new.state}"
            # Decided anew, it may be told a second time.
            anew = known is not None and known.state != Standing.OPEN
            await self._announce(conn, type_, order.id, now_ms, f"{new.id}:{now_ms}" if anew else new.id)
        return freed


async def _unheard(conn: Connection, order: str) -> list[Refund]:
    """Of several refunds that wait those that the provider may have paid without anybody having heard of it.

    What a bank takes beyond the order is to pay the others; a refused one is one of these for certain.
    """
    waiting = await shop.asked_refunds(conn, order)
    return [refund for refund in waiting if refund.error is None] if len(waiting) > 1 else []


async def _paid_with(conn: Connection, attempt: Attempt) -> Order | None:
    """The order of a payment, locked until the transaction ends; None: nothing was charged.

    A payment that came too late is like an order that was called off: all of its money is owed back.
    """
    order = await shop.order_by_id(conn, attempt.order_id or "", lock=True)
    if order is not None:
        return order
    late = await shop.attempt_by_id(conn, attempt.id, lock=True)
    if late is None or late.state != AttemptState.LATE:
        return None
    order = order_of(late, decoded(late.document), late.created_ms)
    return replace(order, state=str(OrderState.CANCELLED), refunded=order.amount)
