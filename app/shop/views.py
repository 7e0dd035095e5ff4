"""Orders as the API shows them. No I/O."""

from collections.abc import Sequence

from msgspec import Struct

from app.disputes.queries import Dispute
from app.disputes.views import DisputeView, dispute_view
from app.ledger.clock import rfc3339
from app.payments.provider import Standing
from app.shop.address import Address
from app.shop.attempt import Action, Attempt, AttemptState
from app.shop.money import Money
from app.shop.order import OrderState, by_the_host, order_number, withdrawal_until
from app.shop.record import Order, OrderLine, Refund
from app.shop.snapshot import Snapshot, decoded
from app.shop.tax import Vat, percent


class LineView(Struct, frozen=True, kw_only=True):
    """A line of an order."""

    line: int
    variant: str
    sku: str
    title: str
    size: str
    material: str
    picture: str | None
    quantity: int
    refunded: int
    price: Money
    total: Money
    vat_percent: float


class RefundView(Struct, frozen=True, kw_only=True):
    """Money on its way back: asked of the provider, or done. `error`, for the host: why the provider refuses so far."""

    amount: Money
    state: str
    created_at: str
    error: str | None


class Withdrawal(Struct, frozen=True):
    """Until when the customer may withdraw, and whether they did."""

    until: str
    declared_at: str | None


class OrderView(Struct, frozen=True, kw_only=True):
    """An order, paid or on its way there."""

    order: str
    number: str
    state: str
    created_at: str
    language: str
    lines: list[LineView]
    subtotal: Money
    shipping: Money
    vat: tuple[Vat, ...]
    total: Money
    refunded: Money
    email: str
    address: Address
    payment: dict[str, str]
    reason: str | None = None
    action: Action | None = None
    expires_at: str | None = None
    withdrawal: Withdrawal | None = None
    refunds: tuple[RefundView, ...] = ()
    # Told to the host alone.
    disputes: tuple[DisputeView, ...] = ()


class OrderRow(Struct, frozen=True, kw_only=True):
    """An order in a list; `steps`: where the host can take it next."""

    order: str
    number: str
    state: str
    steps: tuple[str, ...]
    created_at: str
    email: str
    name: str
    total: Money
    refunded: Money
    # How the worst of its disputes stands, if a bank disputes it.
    dispute: str | None


# How an attempt that is no order (yet) looks to its customer.
_SHOWN = {
    AttemptState.STARTED: OrderState.PENDING,
    AttemptState.UNANSWERED: OrderState.PENDING,
    AttemptState.PENDING: OrderState.PENDING,
    AttemptState.ACTION_REQUIRED: OrderState.ACTION_REQUIRED,
    AttemptState.PROCESSING: OrderState.PROCESSING,
}


def order_view(
    order: Order,
    lines: Sequence[OrderLine],
    method: str,
    refunds: Sequence[Refund] = (),
    disputes: Sequence[Dispute] = (),
    *,
    host: bool = False,
) -> OrderView:
    """A paid order; the `host` also reads why refunds are refused, and what a bank disputes."""
    snapshot = decoded(order.document)
    declared_at = None if order.withdrawn_ms is None else rfc3339(order.withdrawn_ms)
    return _view(
        snapshot,
        order=order.id,
        state=order.state,
        created_ms=order.created_ms,
        method=method,
        refunded_units={line.line: line.refunded for line in lines},
        refunded=order.refunded,
        withdrawal=Withdrawal(rfc3339(withdrawal_until(order.created_ms)), declared_at),
        refunds=_refunds(refunds, order.currency, host=host),
        disputes=tuple(dispute_view(dispute, order.currency) for dispute in disputes if host),
    )


def attempt_view(
    attempt: Attempt, refunds: Sequence[Refund] = (), disputes: Sequence[Dispute] = (), *, host: bool = False
) -> OrderView:
    """What may become an order, or did not; one that was charged too late has refunds, and may be disputed."""
    state = _SHOWN.get(attempt.state, OrderState.CANCELLED)
    over = state in (OrderState.CANCELLED, OrderState.PROCESSING)
    return _view(
        decoded(attempt.document),
        order=attempt.order_id or "",
        state=state,
        created_ms=attempt.created_ms,
        method=attempt.method,
        reason="late" if attempt.state == AttemptState.LATE else attempt.reason,
        refunded=sum(refund.amount for refund in refunds),
        refunds=_refunds(refunds, attempt.currency, host=host),
        disputes=tuple(dispute_view(dispute, attempt.currency) for dispute in disputes if host),
        action=attempt.action,
        expires_at=None if over else rfc3339(attempt.deadline_ms),
    )


def order_row(order: Order, disputes: Sequence[Dispute]) -> OrderRow:
    """An order in the host's list, with the disputes about it."""
    states = {dispute.state for dispute in disputes}
    return OrderRow(
        order=order.id,
        number=order.number,
        state=order.state,
        # A payment that came too late is no order that could go anywhere.
        steps=() if order.state == AttemptState.LATE else by_the_host(OrderState(order.state)),
        created_at=rfc3339(order.created_ms),
        email=order.email,
        name=order.name,
        total=Money(order.amount, order.currency),
        refunded=Money(order.refunded, order.currency),
        dispute=next((state for state in Standing if state in states), None),
    )


def _refunds(refunds: Sequence[Refund], currency: str, *, host: bool) -> tuple[RefundView, ...]:
    return tuple(
        RefundView(
            amount=Money(refund.amount, currency),
            state=refund.state,
            created_at=rfc3339(refund.created_ms),
            error=refund.error if host else None,
        )
        for refund in refunds
    )


def _view(
    snapshot: Snapshot,
    *,
    order: str,
    state: str,
    created_ms: int,
    method: str,
    refunded_units: dict[int, int] | None = None,
    refunded: int = 0,
    reason: str | None = None,
    action: Action | None = None,
    expires_at: str | None = None,
    withdrawal: Withdrawal | None = None,
    refunds: tuple[RefundView, ...] = (),
    disputes: tuple[DisputeView, ...] = (),
) -> OrderView:
    units = refunded_units or {}
    return OrderView(
        order=order,
        number=order_number(order),
        state=state,
        created_at=rfc3339(created_ms),
        language=snapshot.language,
        lines=[
            LineView(
                line=line.line,
                variant=line.variant,
                sku=line.sku,
                title=line.title,
                size=line.size,
                material=line.material,
                picture=line.picture,
                quantity=line.quantity,
                refunded=units.get(line.line, 0),
                price=line.price,
                total=line.total,
                vat_percent=percent(line.vat_basis_points),
            )
            for line in snapshot.lines
        ],
        subtotal=snapshot.subtotal,
        shipping=snapshot.shipping,
        vat=snapshot.vat,
        total=snapshot.total,
        refunded=Money(refunded, snapshot.total.currency),
        email=snapshot.email,
        address=snapshot.address,
        payment={"method": method},
        reason=reason,
        action=action,
        expires_at=expires_at,
        withdrawal=withdrawal,
        refunds=refunds,
        disputes=disputes,
    )
