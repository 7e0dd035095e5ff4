"""What a lost dispute takes off an order, and how that comes back if the bank decides otherwise after all."""

import msgspec
from msgspec import Struct

from app.disputes.queries import Dispute
from app.drops.rules import Hold
from app.ledger.connection import Connection
from app.ledger.ids import new_id
from app.shop import queries as shop
from app.shop import stock
from app.shop.order import OrderState, after_refund, after_return
from app.shop.record import Order, Refund

# In these nothing has left the house, so what the bank took back can be sold again.
AT_HOME = (OrderState.PAID, OrderState.PACKED)


class Taken(Struct, frozen=True):
    """What was counted: where the order was, as which refund, units by line, and refunds (or parts) that it paid."""

    state: OrderState
    refund: str | None
    units: dict[int, int]
    covered: tuple[str, ...]

    @property
    def on_sale_again(self) -> bool:
        """Whether its pieces went back to where they can be bought."""
        return self.state in AT_HOME and bool(self.units)


async def take(conn: Connection, order: Order, dispute: Dispute, now_ms: int) -> tuple[str, list[Hold]]:
    """The bank has the money: count it like a refund that nobody has to pay any more.

    What `give_back` wants to know, and the holds that are nobody's now.
    """
    present, rest = OrderState(order.state), order.amount - order.refunded
    taken = min(dispute.amount, rest)
    covered = await _cover(conn, order.id, dispute.amount - taken, now_ms)
    lines = await shop.lines_of(conn, [order.id])
    # A part of the money is no certain piece of the order.
    kept = {line.line: line.quantity - line.refunded for line in lines if line.quantity > line.refunded}
    units = kept if 0 < taken == rest else {}
    refund = _charged_back(order.id, taken, now_ms) if taken else None
    note = Taken(present, refund.id if refund else None, units, covered)
    if refund:
        refunded = order.refunded + taken
        state = after_refund(present, total=order.amount, refunded=refunded)
        await shop.add_refund(conn, refund, units)
        await shop.change_order(conn, order.id, refunded=refunded, state=str(state), updated_ms=now_ms)
    freed = await stock.take_back(conn, lines, units) if note.on_sale_again else []
    return msgspec.json.encode(note).decode(), freed


async def give_back(conn: Connection, order: Order, taken: str, now_ms: int) -> None:
    """The bank has returned the money: it is the customer's if the pieces are on sale again, and the shop's if not."""
    note = msgspec.json.decode(taken, type=Taken)
    refund = await shop.refund_by_id(conn, note.refund) if note.refund else None
    lines = await shop.lines_of(conn, [order.id])
    off = (
        note.on_sale_again or order.state == OrderState.CANCELLED or all(one.restocked == one.quantity for one in lines)
    )
    await shop.owe_refunds(conn, [*note.covered, *([refund.id] if refund and off else [])], now_ms)
    if refund and not off:
        # What the bank did not keep was never given back; the dispute says what happened.
        await shop.undo_refund(conn, refund, note.units)
        refunded = order.refunded - refund.amount
        state = after_return(OrderState(order.state), note.state, refunded=refunded)
        await shop.change_order(conn, order.id, refunded=refunded, state=str(state), updated_ms=now_ms)


async def _cover(conn: Connection, order: str, amount: int, now_ms: int) -> tuple[str, ...]:
    """The bank took `amount` beyond what the order still had: refunds that nobody has paid yet are paid with it."""
    covered: list[str] = []
    larger: list[Refund] = []
    for refund in await shop.asked_refunds(conn, order):
        if refund.amount > amount:
            larger.append(refund)
            continue
        amount -= refund.amount
        await shop.change_refund(conn, refund.id, state="charged-back", check_ms=None, error=None)
        covered.append(refund.id)
    if amount and larger:
        part, refund = _charged_back(order, amount, now_ms), larger[0]
        await shop.add_refund(conn, part, {})
        # The provider is asked for the rest; another amount is a new wish, like one after a refusal.
        facts = {"amount": refund.amount - amount, "refusals": refund.refusals + 1, "check_ms": now_ms, "error": None}
        await shop.change_refund(conn, refund.id, **facts)
        covered.append(part.id)
    return tuple(covered)


def _charged_back(order: str, amount: int, now_ms: int) -> Refund:
    id_ = new_id("ref")
    return Refund(
        id=id_,
        order_id=order,
        key=f"dispute:{id_}",
        fingerprint="dispute",
        state="charged-back",
        amount=amount,
        created_ms=now_ms,
        check_ms=None,
    )
