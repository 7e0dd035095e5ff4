"""Follows a dispute: who has to know hears of it, and what a bank has taken back is counted on the order, once.

Most card networks let the merchant answer; a direct debit's customer has eight weeks to take the money back and nobody
is asked (SEPA Core Rulebook, section 4.3), so such a dispute is lost as soon as it is told.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping

from app.disputes import queries
from app.disputes.queries import Dispute
from app.drops.rules import Hold
from app.ledger.clock import Clock
from app.ledger.connection import Connection
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.payments.provider import Provider, ProviderDown, Standing, Told
from app.shop import queries as shop
from app.shop import stock
from app.shop.order import OrderState, after_refund
from app.shop.record import Order, Refund
from app.shop.settlement import Forget
from app.webhooks.announcing import Announce

log = logging.getLogger(__name__)

# A provider tells by itself how a dispute goes on; asking only makes sure.
CHECK_MS = 86_400_000
# One pass never holds up the other duties for long.
BATCH = 50
# In these nothing has left the house, so what the bank took back can be sold again.
AT_HOME = (OrderState.PAID, OrderState.PACKED)

# resolve(attempt, reference): ask the provider how a payment stands, and settle it.
Resolve = Callable[[str, str | None], Awaitable[None]]


class Disputes:
    """Follows disputes. Safe to repeat, in any order, by any number of processes."""

    def __init__(
        self,
        ledger: Ledger,
        providers: Mapping[str, Provider],
        forget: Forget,
        announce: Announce,
        resolve: Resolve,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._providers = providers
        self._forget = forget
        self._announce = announce
        self._resolve = resolve
        self._clock = clock

    async def follow(self, method: str, dispute: str) -> None:
        """Ask the provider how a dispute stands and do what follows from it. Raises ProviderDown."""
        told = await self._providers[method].dispute(dispute)
        if told is None:
            return
        async with self._ledger.read() as conn:
            attempt = await shop.attempt_by_id(conn, told.attempt)
        if attempt is not None and attempt.open:
            # The news that it was paid is still on its way.
            await self._resolve(attempt.id, None)
        freed: list[Hold] = []
        async with self._ledger.write() as conn:
            order = await shop.order_by_id(conn, attempt.order_id or "", lock=True) if attempt else None
            if order is None:
                log.warning("dispute %s is about a payment that became no order", told.id)
                return
            known = await queries.find(conn, told.id)
            if known is None or known.state == Standing.OPEN:
                freed = await self._keep(conn, order, told, known)
            elif known.state != told.standing:
                log.error("dispute %s was %s and is %s now; look at it", told.id, known.state, told.standing)
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
        await queries.keep(conn, new)
        freed = await self._take(conn, order, new, now_ms) if told.standing == Standing.LOST else []
        if known is None or known.state != new.state:
            type_ = "order.disputed" if open_ else f"order.dispute-{new.state}"
            await self._announce(conn, type_, order.id, now_ms, new.id)
        return freed

    async def _take(self, conn: Connection, order: Order, dispute: Dispute, now_ms: int) -> list[Hold]:
        """The bank has the money: count it like a refund that nobody has to pay any more."""
        rest = order.amount - order.refunded
        taken = min(dispute.amount, rest)
        await shop.cover_refunds(conn, order.id, dispute.amount - taken)
        if taken == 0:
            return []
        lines = await shop.lines_of(conn, [order.id])
        # A part of the money is no certain piece of the order.
        units = {line.line: line.quantity - line.refunded for line in lines} if taken == rest else {}
        refund = Refund(
            id=new_id("ref"),
            order_id=order.id,
            key=f"dispute:{dispute.id}"[:255],
            fingerprint="dispute",
            state="charged-back",
            amount=taken,
            created_ms=now_ms,
            check_ms=None,
        )
        present, refunded = OrderState(order.state), order.refunded + taken
        state = after_refund(present, total=order.amount, refunded=refunded)
        await shop.add_refund(conn, refund, units)
        await shop.change_order(conn, order.id, refunded=refunded, state=str(state), updated_ms=now_ms)
        return await stock.take_back(conn, lines, units) if present in AT_HOME else []
