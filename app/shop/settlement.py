"""What follows from a provider's answer: an order, a release, or waiting on. Each is one transaction, taken once."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from msgspec import structs

from app.batch import QueueFull
from app.drops.errors import HoldExpired
from app.drops.rules import Hold
from app.ledger.batch import work_batch
from app.ledger.clock import Clock, rfc3339
from app.ledger.connection import Connection
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.mail import queries as mail
from app.mail.letters import acknowledgement, unpaid
from app.mail.receipts import due_receipt
from app.mail.texts import MailTexts
from app.payments.provider import (
    ActionRequired,
    Approved,
    Outcome,
    Pending,
    Processing,
    Unknown,
)
from app.shop import queries, stock
from app.shop.attempt import (
    ASKING_MS,
    GIVEN_UP,
    OPEN,
    PROCESSING_CHECK_MS,
    Attempt,
    AttemptState,
    Placed,
    next_action,
    next_check,
    state_after,
)
from app.shop.idempotency import Answer, InProgress, refusal
from app.shop.money import Money
from app.shop.order import OrderState
from app.shop.placing import Overtaken
from app.shop.record import late_refund, order_lines, order_of
from app.shop.refusals import LimitReached, PaymentDeclined, SoldOut
from app.shop.selling import Sale, sell
from app.shop.snapshot import Snapshot, decoded
from app.shop.views import order_view
from app.webhooks.announcing import Announce, message_about, quiet

# Tells the drops' gate, after the commit, of holds that are nobody's any more.
Forget = Callable[[list[Hold]], Awaitable[None]]

# Why nobody waits for an attempt any more: its time is over, or the host has called it off.
GivenUp = Literal["expired", "cancelled"]


class Settlement:
    """Settles attempts. Whoever comes second finds it done."""

    def __init__(
        self,
        ledger: Ledger,
        texts: MailTexts,
        forget: Forget,
        announce: Announce,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._ledger = ledger
        self._texts = texts
        self._forget = forget
        self._announce = announce
        self._clock = clock
        self._public_url = public_url
        self._sold = work_batch(ledger, sell)

    async def settle(self, attempt: Attempt, outcome: Outcome, *, given_up: GivenUp | None = None) -> Answer:
        """Do what the provider's answer asks for and keep the answer for the attempt's key.

        `given_up`: why the attempt was cancelled at the provider, if it was.
        """
        snapshot, now_ms = decoded(attempt.document), self._clock()
        answer = _answer(attempt, outcome)
        freed: list[Hold] = []
        if isinstance(outcome, Unknown):
            await self._leave(attempt, now_ms)
            raise InProgress
        if isinstance(outcome, Approved):
            if await self._sell(attempt, snapshot, outcome, answer, now_ms):
                return answer
            async with self._ledger.read() as conn:
                return _settled(await queries.attempt_by_id(conn, attempt.id))
        async with self._ledger.write() as conn:
            if isinstance(outcome, ActionRequired | Pending | Processing):
                moved = await self._wait(conn, attempt, snapshot, outcome, answer, now_ms)
            else:
                moved, freed = await self._give_up(conn, attempt, snapshot, given_up, answer, now_ms)
            found = None if moved else await queries.attempt_by_id(conn, attempt.id)
        if freed:
            await self._forget(freed)
        return answer if moved else _settled(found)

    async def _sell(self, attempt: Attempt, snapshot: Snapshot, outcome: Approved, answer: Answer, now_ms: int) -> bool:
        """Commit in one transaction with everybody's order of this moment; False: the attempt came to something else.

        Raises InProgress when too many wait: upkeep settles the attempt then.
        """
        order = order_of(attempt, snapshot, now_ms)
        lines = order_lines(order.id, snapshot)
        letter = due_receipt(snapshot, order.id, now_ms)
        message = None
        if self._announce is not quiet:
            view = order_view(order, lines, attempt.method, host=True)
            message = message_about(view, "order.paid", order.id, now_ms)
        sale = Sale(attempt.id, outcome.reference, answer.status, answer.body, order, lines, letter, message)
        if await self._submit(sale):
            return True
        return await self._reopened(attempt, snapshot, outcome, now_ms) and await self._submit(sale)

    async def _submit(self, sale: Sale) -> bool:
        try:
            return await self._sold.submit(sale)
        except Overtaken:
            return False
        except QueueFull:
            raise InProgress from None

    async def _reopened(self, attempt: Attempt, snapshot: Snapshot, outcome: Approved, now_ms: int) -> bool:
        """Reserve the units of an attempt that was given up and then charged after all, so that it can be sold like
        any other. False: it was not given up, or its units are somebody else's by now and the money goes back."""
        facts: dict[str, Any] = {"reference": outcome.reference, "check_ms": now_ms + ASKING_MS}
        async with self._ledger.write() as conn:
            if not await queries.move_attempt(conn, attempt.id, AttemptState.PENDING, before=GIVEN_UP, **facts):
                return False
            try:
                async with conn.begin_nested():
                    await stock.reserve_again(conn, snapshot, attempt.shopper, attempt.customer_keys, now_ms)
            except (SoldOut, LimitReached, HoldExpired):
                again = [AttemptState.PENDING]
                await queries.move_attempt(conn, attempt.id, AttemptState.LATE, before=again, check_ms=None)
                # Upkeep has it paid.
                await queries.add_refund(conn, late_refund(attempt, now_ms), {})
                return False
        return True

    async def _leave(self, attempt: Attempt, now_ms: int) -> None:
        """Nobody knows anything: the attempt's key may ask the provider again, and upkeep does later."""
        asking = [AttemptState.STARTED, AttemptState.UNANSWERED]
        async with self._ledger.write() as conn:
            await queries.move_attempt(
                conn, attempt.id, AttemptState.UNANSWERED, before=asking, check_ms=now_ms + ASKING_MS
            )

    async def _wait(
        self,
        conn: Connection,
        attempt: Attempt,
        snapshot: Snapshot,
        outcome: ActionRequired | Pending | Processing,
        answer: Answer,
        now_ms: int,
    ) -> bool:
        facts: dict[str, Any] = {"check_ms": next_check(attempt.deadline_ms, now_ms), "answer": answer}
        if outcome.reference is not None:
            facts["reference"] = outcome.reference
        if isinstance(outcome, ActionRequired):
            facts |= {"action_url": outcome.url, "secret": outcome.secret}
        if isinstance(outcome, Processing):
            facts["check_ms"] = now_ms + PROCESSING_CHECK_MS
        moved = await queries.move_attempt(conn, attempt.id, state_after(outcome), before=OPEN, **facts)
        if moved and isinstance(outcome, Processing):
            order = attempt.order_id or ""
            # Once an order, however often it is looked after: both have keys.
            letter = acknowledgement(
                self._texts, snapshot, order, now_ms, letter=new_id("mail"), public_url=self._public_url
            )
            await mail.add(conn, letter)
            await self._announce(conn, "order.processing", order, now_ms, "")
        return moved

    async def _give_up(
        self,
        conn: Connection,
        attempt: Attempt,
        snapshot: Snapshot,
        why: GivenUp | None,
        answer: Answer,
        now_ms: int,
    ) -> tuple[bool, list[Hold]]:
        state = AttemptState.EXPIRED if why else AttemptState.DECLINED
        facts: dict[str, Any] = {"check_ms": None, "reason": why or "declined", "answer": answer}
        if not await queries.move_attempt(conn, attempt.id, state, before=OPEN, **facts):
            return False, []
        freed = await stock.release(conn, snapshot, attempt.customer_keys, now_ms, retry=why is None)
        if attempt.state == AttemptState.PROCESSING:
            # The customer has left days ago and believes to have ordered.
            order = attempt.order_id or ""
            await mail.add(conn, unpaid(self._texts, snapshot, order, now_ms, letter=new_id("mail")))
            await self._announce(conn, "order.cancelled", order, now_ms, "")
        return True, freed


def _settled(found: Attempt | None) -> Answer:
    """Somebody else was faster, or everything was over before: the key's answer is what they have kept."""
    if found is None or found.answer_status is None or found.answer_body is None:
        return refusal(PaymentDeclined())
    return Answer(found.answer_status, found.answer_body)


def _answer(attempt: Attempt, outcome: Outcome) -> Answer:
    if isinstance(outcome, Approved):
        return Answer(201, _encoded(_placed(attempt, OrderState.PAID)))
    if isinstance(outcome, ActionRequired):
        placed = structs.replace(
            _placed(attempt, OrderState.ACTION_REQUIRED),
            expires_at=rfc3339(attempt.deadline_ms),
            action=next_action(attempt.order_id or "", outcome.url, outcome.secret),
        )
        return Answer(202, _encoded(placed))
    if isinstance(outcome, Pending | Processing):
        state = OrderState.PENDING if isinstance(outcome, Pending) else OrderState.PROCESSING
        return Answer(202, _encoded(_placed(attempt, state)))
    return refusal(PaymentDeclined())


def _placed(attempt: Attempt, state: OrderState) -> Placed:
    order = attempt.order_id or ""
    return Placed(order=order, state=state, total=Money(attempt.amount, attempt.currency), url=f"/orders/{order}")


def _encoded(placed: Placed) -> str:
    return msgspec.json.encode(placed).decode()
