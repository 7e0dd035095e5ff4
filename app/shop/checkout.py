"""The checkout: a cart becomes a payment attempt, its units are reserved, the provider is asked, the answer is settled.

In this order, so that no crash loses or doubles anything: the attempt and its reservations are one transaction *before*
the provider is asked; the order, the sold units and the receipt are one transaction after it said yes. An attempt whose
request died in between is found by `app.shop.upkeep`, which asks the provider how it stands.
"""

import asyncio
from collections.abc import Mapping

import msgspec

from app.batch import QueueFull
from app.customers import queries as customers
from app.drops.errors import Busy, HoldExpired
from app.errors import Unprocessable
from app.ledger.batch import work_batch
from app.ledger.clock import Clock
from app.ledger.connection import Connection
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.payments.provider import Outcome, Provider, ProviderDown
from app.shop import queries, stock
from app.shop.address import email_key
from app.shop.attempt import ASKING_MS, PROVIDER_TIMEOUT_S, Attempt, AttemptState
from app.shop.cart import Cart
from app.shop.idempotency import Answer, InProgress, KeyReused, refusal
from app.shop.placing import Overtaken, Placing, place
from app.shop.quote import load_cart, zone_for
from app.shop.refusals import EmailUnconfirmed, LimitReached, SoldOut
from app.shop.settlement import Settlement
from app.shop.snapshot import Snapshot, take_snapshot
from app.shop.wish import Wish, attempt_for


class Checkout:
    """Places orders. Safe to repeat with the same key, in any process, after any crash."""

    def __init__(self, ledger: Ledger, providers: Mapping[str, Provider], settlement: Settlement, clock: Clock) -> None:
        self._ledger = ledger
        self._providers = providers
        self._settlement = settlement
        self._clock = clock
        self._placed = work_batch(ledger, place)

    async def place(self, wish: Wish) -> Answer:
        """The answer to a checkout: a new one, or the one that its key got before.

        Raises InProgress, KeyReused, Unprocessable, EmailUnconfirmed or ProviderDown; refusals about stock are answers
        and are kept.
        """
        payer = await self._payer(wish) if wish.body.holds else None
        attempt: Attempt | Answer | None = None
        try:
            if wish.body.holds and not wish.body.lines:
                attempt = await self._place_with_others(wish, payer)
            if attempt is None:
                attempt = await self._open(wish, payer)
        except (SoldOut, HoldExpired, LimitReached) as refused:
            answer = refusal(refused)
            return answer if await self._keep_refusal(wish, answer) else await self._again(wish)
        if isinstance(attempt, Answer):
            return attempt
        return await self._pay(attempt)

    async def _payer(self, wish: Wish) -> str | None:
        """Who pays, as the provider knows them: a drop's share is counted under it, whatever the e-mail address."""
        try:
            async with asyncio.timeout(PROVIDER_TIMEOUT_S):
                return await self._providers[wish.body.payment.method].payer(wish.token)
        except TimeoutError:
            raise _away() from None

    async def _place_with_others(self, wish: Wish, payer: str | None) -> Attempt | None:
        """The attempt, reserved in one transaction with everybody's who orders now; None: it needs one of its own."""
        try:
            return await self._placed.submit(Placing(wish, payer, self._clock()))
        except Overtaken:
            return None
        except QueueFull:
            raise Busy from None

    async def _open(self, wish: Wish, payer: str | None) -> Attempt | Answer:
        """Reserve everything and write the attempt down, or find what the key stands for."""
        now_ms = self._clock()
        async with self._ledger.write() as conn:
            known = await queries.attempt_by_key(conn, wish.shopper, wish.key)
            if known is None:
                known = await self._reserve(conn, wish, payer, now_ms)
                if known is not None:
                    return known
                raise InProgress
            return await self._known(conn, known, wish)

    async def _known(self, conn: Connection, known: Attempt, wish: Wish) -> Attempt | Answer:
        if known.fingerprint != wish.fingerprint:
            raise KeyReused
        if known.answer_status is not None and known.answer_body is not None:
            return Answer(known.answer_status, known.answer_body)
        # The provider was away: the same key asks it again, one request at a time.
        if known.state == AttemptState.UNANSWERED:
            again = self._clock() + ASKING_MS
            moved = await queries.move_attempt(
                conn, known.id, AttemptState.STARTED, before=[AttemptState.UNANSWERED], check_ms=again
            )
            if moved:
                return known
        raise InProgress

    async def _again(self, wish: Wish) -> Answer:
        async with self._ledger.read() as conn:
            known = await queries.attempt_by_key(conn, wish.shopper, wish.key)
        if known is None or known.answer_status is None or known.answer_body is None:
            raise InProgress
        if known.fingerprint != wish.fingerprint:
            raise KeyReused
        return Answer(known.answer_status, known.answer_body)

    async def _reserve(self, conn: Connection, wish: Wish, payer: str | None, now_ms: int) -> Attempt | None:
        body, zone = wish.body, zone_for(wish.address.country)
        cart = await load_cart(conn, wish.shopper, body.lines, body.holds, zone, wish.language, now_ms)
        _refuse_problems(cart)
        if cart.confirm_email and not await customers.confirmed(conn, wish.shopper, email_key(wish.email)):
            raise EmailUnconfirmed
        snapshot = take_snapshot(cart, zone, email=wish.email, address=wish.address, language=wish.language)
        attempt = attempt_for(wish, snapshot, payer, now_ms)
        # The key is claimed first: a twin of this request waits here and then finds the attempt.
        if not await queries.add_attempt(conn, attempt):
            return None
        await stock.reserve(conn, snapshot, wish.shopper, attempt.customer_keys, now_ms)
        return attempt

    async def _pay(self, attempt: Attempt) -> Answer:
        snapshot = _snapshot(attempt)
        charge = attempt.charge(snapshot.email, snapshot.language)
        try:
            async with asyncio.timeout(PROVIDER_TIMEOUT_S):
                outcome: Outcome = await self._providers[attempt.method].start(charge)
        except (ProviderDown, TimeoutError):
            again = self._clock() + ASKING_MS
            async with self._ledger.write() as conn:
                await queries.move_attempt(
                    conn, attempt.id, AttemptState.UNANSWERED, before=[AttemptState.STARTED], check_ms=again
                )
            raise _away() from None
        return await self._settlement.settle(attempt, outcome)

    async def _keep_refusal(self, wish: Wish, answer: Answer) -> bool:
        now_ms = self._clock()
        refused = Attempt(
            id=new_id("att"), shopper=wish.shopper, key=wish.key, fingerprint=wish.fingerprint,
            state=AttemptState.REFUSED, order_id=None, method=wish.body.payment.method, token="", reference=None,
            action_url=None, secret=None, reason=None, amount=0, currency="", document="", email_key="",
            payer_key=None, created_ms=now_ms, deadline_ms=now_ms, check_ms=None,
            answer_status=answer.status, answer_body=answer.body,
        )  # fmt: skip
        async with self._ledger.write() as conn:
            return await queries.add_attempt(conn, refused)


def _away() -> ProviderDown:
    return ProviderDown("The payment provider does not answer. Nothing is lost: repeat with the same Idempotency-Key.")


def _snapshot(attempt: Attempt) -> Snapshot:
    return msgspec.json.decode(attempt.document, type=Snapshot)


def _refuse_problems(cart: Cart) -> None:
    """Raise what keeps the cart from being ordered, the most telling first."""
    unknown = [line.variant for line in cart.lines if line.problem == "unknown"]
    if unknown:
        raise Unprocessable(f"The shop does not have the variant {unknown[0]!r}; see /api/products.")
    expired = [line.hold for line in cart.lines if line.problem == "hold-expired" and line.hold]
    if expired:
        raise HoldExpired(expired)
    gone = [(line.variant, line.article.left) for line in cart.lines if line.problem == "sold-out" and line.article]
    if gone:
        raise SoldOut(gone)
