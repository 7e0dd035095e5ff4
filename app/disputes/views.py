"""Disputes as the host sees them. No I/O."""

from msgspec import Struct

from app.disputes.queries import Dispute
from app.ledger.clock import rfc3339
from app.shop.money import Money


class DisputeView(Struct, frozen=True, kw_only=True):
    """What a bank disputes; `due_at`: until when the merchant can answer, in the provider's dashboard."""

    dispute: str
    state: str
    amount: Money
    reason: str
    created_at: str
    due_at: str | None


def dispute_view(dispute: Dispute, currency: str) -> DisputeView:
    """One dispute."""
    return DisputeView(
        dispute=dispute.id,
        state=dispute.state,
        amount=Money(dispute.amount, currency),
        reason=dispute.reason,
        created_at=rfc3339(dispute.created_ms),
        due_at=None if dispute.due_ms is None else rfc3339(dispute.due_ms),
    )
