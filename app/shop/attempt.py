"""A payment attempt: its states, its deadlines, and what a checkout answers. No I/O."""

from enum import StrEnum
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from app.payments.provider import ActionRequired, Approved, Charge, Outcome, Pending, Processing, Unknown
from app.shop.money import Money

# Payment providers answer in one to five seconds; beyond this nobody waits at a checkout.
PROVIDER_TIMEOUT_S = 20.0
# Nobody else touches an attempt while its own request may still be asking the provider.
ASKING_MS = 30_000
# How long a customer may take for a bank's confirmation. Banks' own pages give up after ten minutes.
CONFIRM_MS = 15 * 60_000
# How often an open attempt is looked after.
CHECK_MS = 20_000
# A bank takes days over a direct debit, and the provider tells when it is done; asking only makes sure.
PROCESSING_CHECK_MS = 3_600_000


class AttemptState(StrEnum):
    """Where a payment attempt is."""

    # The provider is being asked right now (or the process died while asking).
    STARTED = "started"
    # The provider could not be asked; the same key asks again.
    UNANSWERED = "unanswered"
    PENDING = "pending"
    ACTION_REQUIRED = "action-required"
    # The customer has done everything, the bank takes days.
    PROCESSING = "processing"
    PAID = "paid"
    DECLINED = "declined"
    EXPIRED = "expired"
    # Nothing was reserved: sold out, limit reached, hold expired.
    REFUSED = "refused"
    # The provider charged after the attempt was given up; a refund of it all is written down with it.
    LATE = "late"


OPEN = (
    AttemptState.STARTED,
    AttemptState.UNANSWERED,
    AttemptState.PENDING,
    AttemptState.ACTION_REQUIRED,
    AttemptState.PROCESSING,
)
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
    # What the provider's own script in the customer's browser needs for the next step.
    secret: str | None
    reason: str | None
    amount: int
    currency: str
    document: str
    email_key: str
    payer_key: str | None
    created_ms: int
    deadline_ms: int
    check_ms: int | None
    answer_status: int | None
    answer_body: str | None

    @property
    def open(self) -> bool:
        """Whether it may still become an order."""
        return self.state in OPEN

    @property
    def customer_keys(self) -> list[str]:
        """Under which names the customer's share of a drop is counted."""
        return customer_keys(self.email_key, self.payer_key)

    @property
    def action(self) -> "Action | None":
        """What the customer has to do next, if anything."""
        if self.state != AttemptState.ACTION_REQUIRED:
            return None
        return next_action(self.order_id or "", self.action_url, self.secret)

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
            created_ms=self.created_ms,
            reference=self.reference,
        )


def customer_keys(email_key: str, payer_key: str | None) -> list[str]:
    """Under which names a customer's share of a drop is counted: the address, and the payer where the provider knows
    them."""
    return [email_key, *([payer_key] if payer_key else [])]


class Action(Struct, frozen=True):
    """What the customer has to do next."""

    type: Literal["redirect", "stripe"]
    url: str
    client_secret: str | UnsetType = UNSET


def next_action(order: str, url: str | None, secret: str | None) -> Action:
    """A redirect where the provider has a page; else its script goes on in the checkout document."""
    if url is not None:
        return Action("redirect", url)
    return Action("stripe", f"/checkout?order={order}", secret or UNSET)


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
    if isinstance(outcome, Processing):
        return AttemptState.PROCESSING
    if isinstance(outcome, Unknown):
        return AttemptState.UNANSWERED
    return AttemptState.EXPIRED if expired else AttemptState.DECLINED


def next_check(deadline_ms: int, now_ms: int) -> int:
    """When to look after an open attempt again: regularly, and at its deadline."""
    return max(now_ms + 1000, min(deadline_ms, now_ms + CHECK_MS))
