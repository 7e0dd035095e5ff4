"""A payment attempt: its states, its deadlines, and what a checkout answers. No I/O."""

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType

from app.payments.provider import ActionRequired, Approved, Charge, Outcome, Pending
from app.shop.money import Money

# Payment providers answer in one to five seconds; beyond this nobody waits at a checkout.
PROVIDER_TIMEOUT_S = 20.0
# Nobody else touches an attempt while its own request may still be asking the provider.
ASKING_MS = 30_000
# How long a customer may take for a bank's confirmation. Banks' own pages give up after ten minutes.
CONFIRM_MS = 15 * 60_000
# How often an open attempt is looked after.
CHECK_MS = 20_000


class AttemptState(StrEnum):
    """Where a payment attempt is."""

    # The provider is being asked right now (or the process died while asking).
    STARTED = "started"
    # The provider could not be asked; the same key asks again.
    UNANSWERED = "unanswered"
    PENDING = "pending"
    ACTION_REQUIRED = "action-required"
    PAID = "paid"
    DECLINED = "declined"
    EXPIRED = "expired"
    # Nothing was reserved: sold out, limit reached, hold expired.
    REFUSED = "refused"
    # The provider charged after the attempt was given up; the money goes back.
    LATE = "late"
    LATE_REFUNDED = "late-refunded"


OPEN = (AttemptState.STARTED, AttemptState.UNANSWERED, AttemptState.PENDING, AttemptState.ACTION_REQUIRED)
GIVEN_UP = (AttemptState.DECLINED, AttemptState.EXPIRED)


class Attempt(Struct, frozen=True, kw_only=True):
    """A row of `attempts`; `document` is a Snapshot as JSON."""

    id: str
    shopper: str
    key: str
    fingerprint: str
    state: AttemptState
    order_id: str | None
    method: str
    token: str
    reference: str | None
    action_url: str | None
    reason: str | None
    amount: int
    currency: str
    document: str
    email_key: str
    created_ms: int
    deadline_ms: int
    check_ms: int | None
    answer_status: int | None
    answer_body: str | None

    @property
    def open(self) -> bool:
        """Whether it may still become an order."""
        return self.state in OPEN

    def charge(self, email: str, language: str) -> Charge:
        """The attempt as the provider sees it."""
        return Charge(
            attempt=self.id,
            order=self.order_id or "",
            amount=self.amount,
            currency=self.currency,
            method=self.method,
            token=self.token,
            email=email,
            language=language,
            reference=self.reference,
        )


class Action(Struct, frozen=True):
    """What the customer has to do next."""

    type: str
    url: str


class Placed(Struct, frozen=True, kw_only=True):
    """The answer to a checkout that was not refused."""

    order: str
    state: str
    total: Money
    url: str
    expires_at: str | UnsetType = UNSET
    action: Action | UnsetType = UNSET


def state_after(outcome: Outcome, *, expired: bool = False) -> AttemptState:
    """The attempt's state after the provider's answer; `expired`: it was given up because of its deadline."""
    if isinstance(outcome, Approved):
        return AttemptState.PAID
    if isinstance(outcome, ActionRequired):
        return AttemptState.ACTION_REQUIRED
    if isinstance(outcome, Pending):
        return AttemptState.PENDING
    return AttemptState.EXPIRED if expired else AttemptState.DECLINED


def next_check(deadline_ms: int, now_ms: int) -> int:
    """When to look after an open attempt again: regularly, and at its deadline."""
    return max(now_ms + 1000, min(deadline_ms, now_ms + CHECK_MS))
