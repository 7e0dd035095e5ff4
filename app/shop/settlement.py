"""What follows from a provider's answer: an order, a release, or waiting on. Each is one transaction, taken once."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from msgspec import structs

from app.customers import queries as customers
from app.drops.errors import HoldExpired
from app.drops.rules import Hold
from app.ledger.clock import Clock, rfc3339
from app.ledger.connection import Connection
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.mail import queries as mail
from app.mail.letters import receipt
from app.mail.texts import MailTexts
from app.payments.provider import ActionRequired, Approved, Outcome, Pending, Provider
from app.shop import queries, stock
from app.shop.attempt import GIVEN_UP, OPEN, Action, Attempt, AttemptState, Placed, next_check, state_after
from app.shop.idempotency import Answer, refusal
from app.shop.money import Money
from app.shop.order import OrderState, order_number
from app.shop.record import Order, OrderLine
from app.shop.refusals import LimitReached, PaymentDeclined, SoldOut
from app.shop.snapshot import Snapshot, decoded

# Tells the drops' gate, after the commit, of holds that are nobody's any more.
Forget = Callable[[list[Hold]], Awaitable[None]]

log = logging.getLogger(__name__)


class Settlement:
    """Settles attempts. Whoever comes second finds it done."""

    def __init__(
        self,
        ledger: Ledger,
        providers: Mapping[str, Provider],
        texts: MailTexts,
        forget: Forget,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._ledger = ledger
        self._providers = providers
        self._texts = texts
        self._forget = forget
        self._clock = clock
        self._public_url = public_url

    async def settle(self, attempt: Attempt, outcome: Outcome, *, expired: bool = False) -> Answer:
        """Do what the provider's answer asks for and keep the answer for the attempt's key.

        `expired`: the attempt was cancelled because of its deadline.
        """
        snapshot, now_ms = decoded(attempt.document), self._clock()
        answer, found = _answer(attempt, outcome), None
        freed: list[Hold] = []
        async with self._ledger.write() as conn:
            if isinstance(outcome, Approved):
                moved = await self._commit(conn, attempt, snapshot, outcome, answer, now_ms)
            elif isinstance(outcome, ActionRequired | Pending):
                moved = await self._wait(conn, attempt, outcome, answer, now_ms)
            else:
                moved, freed = await self._give_up(conn, attempt, snapshot, expired, answer, now_ms)
            if not moved:
                found = await queries.attempt_by_id(conn, attempt.id)
        if freed:
            await self._forget(freed)
        if found is None:
            return answer
        if found.state == AttemptState.LATE:
            await self.give_back(found)
        # Somebody else was faster; the key's answer is theirs.
        if found.answer_status is None or found.answer_body is None:
            return refusal(PaymentDeclined())
        return Answer(found.answer_status, found.answer_body)

    async def give_back(self, attempt: Attempt) -> None:
        """Refund a charge that came after its attempt was given up. Raises ProviderDown; upkeep tries again."""
        snapshot = decoded(attempt.document)
        provider = self._providers[attempt.method]
        await provider.refund(attempt.charge(snapshot.email, snapshot.language), attempt.amount, f"{attempt.id}-late")
        async with self._ledger.write() as conn:
            await queries.move_attempt(
                conn, attempt.id, AttemptState.LATE_REFUNDED, before=[AttemptState.LATE], check_ms=None
            )
        log.warning("attempt %s was charged after it was given up; the money went back", attempt.id)

    async def _commit(
        self, conn: Connection, attempt: Attempt, snapshot: Snapshot, outcome: Approved, answer: Answer, now_ms: int
    ) -> bool:
        facts: dict[str, Any] = {"reference": outcome.reference, "check_ms": None, "answer": answer}
        if not await queries.move_attempt(conn, attempt.id, AttemptState.PAID, before=OPEN, **facts):
            if not await queries.move_attempt(conn, attempt.id, AttemptState.PAID, before=GIVEN_UP, **facts):
                return False
            if not await self._reserved_again(conn, attempt, snapshot, now_ms):
                # Its units are somebody else's by now: the money goes back.
                paid = [AttemptState.PAID]
                await queries.move_attempt(conn, attempt.id, AttemptState.LATE, before=paid, check_ms=now_ms)
                return False
        order = attempt.order_id or ""
        await stock.sell(conn, snapshot)
        await queries.add_order(conn, _order(attempt, snapshot, now_ms), _lines(order, snapshot))
        letter = receipt(self._texts, snapshot, order, now_ms, letter=new_id("mail"), public_url=self._public_url)
        await mail.add(conn, letter)
        address = msgspec.json.encode(snapshot.address).decode()
        await customers.remember(conn, attempt.shopper, snapshot.email, address, snapshot.language, now_ms)
        return True

    async def _reserved_again(self, conn: Connection, attempt: Attempt, snapshot: Snapshot, now_ms: int) -> bool:
        try:
            async with conn.begin_nested():
                await stock.reserve_again(conn, snapshot, attempt.shopper, attempt.email_key, now_ms)
        except (SoldOut, LimitReached, HoldExpired):
            return False
        return True

    async def _wait(
        self, conn: Connection, attempt: Attempt, outcome: ActionRequired | Pending, answer: Answer, now_ms: int
    ) -> bool:
        facts: dict[str, Any] = {"check_ms": next_check(attempt.deadline_ms, now_ms), "answer": answer}
        if outcome.reference is not None:
            facts["reference"] = outcome.reference
        facts["action_url"] = outcome.url if isinstance(outcome, ActionRequired) else None
        return await queries.move_attempt(conn, attempt.id, state_after(outcome), before=OPEN, **facts)

    async def _give_up(
        self, conn: Connection, attempt: Attempt, snapshot: Snapshot, expired: bool, answer: Answer, now_ms: int
    ) -> tuple[bool, list[Hold]]:
        state = AttemptState.EXPIRED if expired else AttemptState.DECLINED
        facts: dict[str, Any] = {"check_ms": None, "reason": str(state), "answer": answer}
        if not await queries.move_attempt(conn, attempt.id, state, before=OPEN, **facts):
            return False, []
        return True, await stock.release(conn, snapshot, attempt.email_key, now_ms, retry=not expired)


def _answer(attempt: Attempt, outcome: Outcome) -> Answer:
    if isinstance(outcome, Approved):
        return Answer(201, _encoded(_placed(attempt, OrderState.PAID)))
    if isinstance(outcome, ActionRequired):
        placed = structs.replace(
            _placed(attempt, OrderState.ACTION_REQUIRED),
            expires_at=rfc3339(attempt.deadline_ms),
            action=Action("redirect", outcome.url),
        )
        return Answer(202, _encoded(placed))
    if isinstance(outcome, Pending):
        return Answer(202, _encoded(_placed(attempt, OrderState.PENDING)))
    return refusal(PaymentDeclined())


def _placed(attempt: Attempt, state: OrderState) -> Placed:
    order = attempt.order_id or ""
    return Placed(order=order, state=state, total=Money(attempt.amount, attempt.currency), url=f"/orders/{order}")


def _encoded(placed: Placed) -> str:
    return msgspec.json.encode(placed).decode()


def _order(attempt: Attempt, snapshot: Snapshot, now_ms: int) -> Order:
    order = attempt.order_id or ""
    return Order(
        id=order,
        number=order_number(order),
        attempt=attempt.id,
        shopper=attempt.shopper,
        state=OrderState.PAID,
        email=snapshot.email,
        name=snapshot.address.name,
        language=snapshot.language,
        amount=attempt.amount,
        refunded=0,
        currency=attempt.currency,
        document=attempt.document,
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def _lines(order: str, snapshot: Snapshot) -> list[OrderLine]:
    return [
        OrderLine(
            order_id=order,
            line=line.line,
            variant=line.variant,
            sku=line.sku,
            title=line.title,
            size=line.size,
            material=line.material,
            quantity=line.quantity,
            unit_amount=line.price.amount,
            vat_basis_points=line.vat_basis_points,
            drop_id=line.drop,
            hold_id=line.hold,
        )
        for line in snapshot.lines
    ]
