"""Give money back: counted on the order first, paid by the provider, confirmed to the customer. Safe to repeat."""

import logging
from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from app.backoff import pause_ms
from app.drops.rules import Hold
from app.errors import Conflict, NotFound, Unprocessable
from app.ledger.clock import Clock
from app.ledger.connection import Connection
from app.ledger.engine import Ledger
from app.ledger.ids import new_id
from app.mail import queries as mail
from app.mail.letters import refund_notice
from app.mail.texts import MailTexts
from app.payments.provider import Provider, ProviderDown, RefundRefused
from app.shop import queries, stock
from app.shop.attempt import CHECK_MS
from app.shop.cart import LINES_MAX, QUANTITY_MAX
from app.shop.idempotency import KeyReused
from app.shop.money import Money
from app.shop.order import OrderState, after_refund, step
from app.shop.record import Order, OrderLine, Refund
from app.shop.settlement import Forget
from app.shop.snapshot import Snapshot, decoded
from app.webhooks.announcing import Announce

log = logging.getLogger(__name__)

# What its column takes.
ERROR_MAX = 200


class RefundLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of an order's line."""

    line: Annotated[int, Meta(ge=1, le=LINES_MAX * 2)]
    quantity: Annotated[int, Meta(ge=1, le=LINES_MAX * QUANTITY_MAX)]


class RefundBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What to refund: everything that is left, or lines. `restock` puts the units back on the shelf."""

    lines: Annotated[tuple[RefundLine, ...], Meta(max_length=LINES_MAX * 2)] | None = None
    shipping: bool = False
    restock: bool = True


def refund_parts(
    body: RefundBody, order: Order, lines: Sequence[OrderLine], snapshot: Snapshot
) -> tuple[dict[int, int], int]:
    """Units by line and the amount in minor units. Raises Conflict or Unprocessable. Pure."""
    if body.lines is None:
        units = {line.line: line.quantity - line.refunded for line in lines if line.quantity > line.refunded}
        amount = order.amount - order.refunded
    else:
        by_number = {line.line: line for line in lines}
        units = {}
        amount = snapshot.shipping.amount if body.shipping else 0
        # What was given back for no piece: the shipping, or a part that a bank took.
        beside = order.refunded - sum(line.unit_amount * line.refunded for line in lines)
        if amount > max(0, snapshot.shipping.amount - beside):
            raise Conflict("The shipping was given back already, or as much beside the pieces.")
        for wanted in body.lines:
            line = by_number.get(wanted.line)
            if line is None:
                raise Unprocessable(f"The order has no line {wanted.line}.")
            units[line.line] = units.get(line.line, 0) + wanted.quantity
            if units[line.line] > line.quantity - line.refunded:
                raise Conflict(f"Line {line.line} has only {line.quantity - line.refunded} units left to refund.")
            amount += line.unit_amount * wanted.quantity
    if amount <= 0 or amount > order.amount - order.refunded:
        raise Conflict("There is not that much left to refund on this order.")
    return units, amount


class Refunds:
    """Refunds orders."""

    def __init__(
        self,
        ledger: Ledger,
        providers: Mapping[str, Provider],
        texts: MailTexts,
        forget: Forget,
        announce: Announce,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._providers = providers
        self._texts = texts
        self._forget = forget
        self._announce = announce
        self._clock = clock

    async def refund(
        self, order_id: str, body: RefundBody, *, key: str, fingerprint: str, cancel: bool = False
    ) -> None:
        """Refund once a key; a provider that is away is asked later. `cancel`: the order is called off with it.

        Raises NotFound, Conflict, Unprocessable or KeyReused.
        """
        now_ms = self._clock()
        async with self._ledger.write() as conn:
            order = await queries.order_by_id(conn, order_id, lock=True)
            if order is None:
                raise NotFound("There is no such paid order.")
            known = await queries.refund_by_key(conn, order_id, key)
            if known is not None and known.fingerprint != fingerprint:
                raise KeyReused
            if known is not None:
                return
            refund, freed = await self._count(conn, order, body, key, fingerprint, now_ms, cancel=cancel)
        if freed:
            await self._forget(freed)
        try:
            await self.pay(refund)
        except ProviderDown:
            # It is counted and due: upkeep asks until the provider has paid.
            return

    async def pay(self, refund: Refund) -> None:
        """Have the provider pay a counted refund, and tell the customer. Raises ProviderDown.

        A provider that says no is asked again later and later: an account may lack the money today.
        """
        async with self._ledger.read() as conn:
            # A bank may have paid it, or a part of it, since the caller looked.
            now = await queries.refund_by_id(conn, refund.id)
            attempt = await queries.attempt_of_order(conn, refund.order_id)
        if now is None or now.state != "asked" or attempt is None:
            return
        refund, snapshot = now, decoded(attempt.document)
        if refund.error is not None:
            async with self._ledger.write() as conn:
                await queries.forget_refusal(conn, refund)
        provider = self._providers[attempt.method]
        # A refused refund, or one of which a bank took a part, is a new wish; one without an answer is the same.
        key = refund.id if refund.refusals == 0 else f"{refund.id}.{refund.refusals}"
        try:
            await provider.refund(attempt.charge(snapshot.email, snapshot.language), refund.amount, key)
        except RefundRefused as refused:
            await self._refused(refund.id, refund.refusals, str(refused))
            return
        now_ms, order, amount = self._clock(), refund.order_id, Money(refund.amount, attempt.currency)
        async with self._ledger.write() as conn:
            if await queries.finish_refund(conn, refund.id):
                notice = refund_notice(
                    self._texts, snapshot, order, amount, now_ms, letter=new_id("mail"), refund=refund.id
                )
                await mail.add(conn, notice)
                await self._announce(conn, "order.refunded", order, now_ms, refund.id)

    async def failed(self, key: str) -> None:
        """The provider says that a refund under `key` came back, days after it was paid."""
        id_, _, refusals = key.partition(".")
        async with self._ledger.read() as conn:
            refund = await queries.refund_by_id(conn, id_)
        if refund is not None and str(refund.refusals) == (refusals or "0"):
            await self._refused(refund.id, refund.refusals, "the customer's bank sent it back")

    async def _refused(self, refund: str, refusals: int, why: str) -> None:
        log.warning("refund %s was refused: %s", refund, why)
        due_ms = self._clock() + pause_ms(refusals + 1)
        async with self._ledger.write() as conn:
            await queries.refuse_refund(conn, refund, refusals, due_ms, why[:ERROR_MAX])

    async def _count(
        self,
        conn: Connection,
        order: Order,
        body: RefundBody,
        key: str,
        fingerprint: str,
        now_ms: int,
        *,
        cancel: bool,
    ) -> tuple[Refund, list[Hold]]:
        lines = await queries.lines_of(conn, [order.id])
        units, amount = refund_parts(body, order, lines, decoded(order.document))
        refunded = order.refunded + amount
        present = OrderState(order.state)
        state = step(present, OrderState.CANCELLED) if cancel else None
        state = state or after_refund(present, total=order.amount, refunded=refunded)
        refund = Refund(
            id=new_id("ref"),
            order_id=order.id,
            key=key,
            fingerprint=fingerprint,
            state="asked",
            amount=amount,
            created_ms=now_ms,
            check_ms=now_ms + CHECK_MS,
        )
        await queries.add_refund(conn, refund, units)
        await queries.change_order(conn, order.id, refunded=refunded, state=str(state), updated_ms=now_ms)
        if cancel:
            await self._announce(conn, "order.cancelled", order.id, now_ms, "")
        return refund, await stock.take_back(conn, lines, units) if body.restock else []
