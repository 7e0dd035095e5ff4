"""What the shop asks of a payment provider, and the answers it understands."""

from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

from app.errors import Unavailable


class ProviderDown(Unavailable):
    """The provider did not answer, so nobody knows yet whether it charged. Asking again with the same id is safe."""

    slug = "payment-unavailable"
    title = "The payment provider does not answer"


class RefundRefused(Exception):
    """The provider will not give this money back under this key; the message is its reason."""


class Charge(Struct, frozen=True):
    """One payment attempt as the provider sees it. `attempt` is also the key that makes repeating safe."""

    attempt: str
    order: str
    amount: int
    currency: str
    method: str
    # The sandbox's behaviour, or the provider's token for what the customer entered on its own form.
    token: str
    email: str
    language: str
    # When the attempt began, by our clock: a payment whose answer was lost is not older.
    created_ms: int
    # The provider's own id of the payment, once it has told one.
    reference: str | None = None


class Approved(Struct, frozen=True):
    """The money is ours."""

    reference: str


@dataclass(frozen=True)
class Declined:
    """Nothing was charged and nothing will be."""

    reason: str


@dataclass(frozen=True)
class ActionRequired:
    """The customer has to confirm: at `url` (a local path or the provider's page), or in the provider's own script.

    That script gets `secret`, which belongs to the customer alone.
    """

    url: str | None
    reference: str | None = None
    secret: str | None = None


@dataclass(frozen=True)
class Pending:
    """The provider decides within seconds."""

    reference: str | None = None


@dataclass(frozen=True)
class Processing:
    """The customer has done everything; the bank takes days, and nobody can cancel it meanwhile."""

    reference: str


@dataclass(frozen=True)
class Unknown:
    """The provider has never heard of this payment, as far as it can tell now."""


Outcome = Approved | Declined | ActionRequired | Pending | Processing | Unknown


class Standing(StrEnum):
    """How a dispute stands, for the merchant."""

    # The worst first.
    OPEN = "open"
    LOST = "lost"
    WON = "won"


@dataclass(frozen=True)
class Told:
    """A dispute about an attempt's payment as the provider tells it; `due_ms`: until when it can be answered."""

    id: str
    attempt: str
    standing: Standing
    amount: int
    reason: str
    due_ms: int | None


class Provider(Protocol):
    """A payment provider. Every method may be repeated with the same charge; each raises ProviderDown."""

    def start(self, charge: Charge) -> Coroutine[Any, Any, Outcome]:
        """Begin (or find again) the payment."""

    def payer(self, token: str) -> Coroutine[Any, Any, str | None]:
        """What tells one payer from another whatever name they give, such as a card's fingerprint; None: unknown."""

    async def status(self, charge: Charge) -> Outcome:
        """How the payment stands."""

    async def cancel(self, charge: Charge) -> Outcome:
        """Give the payment up: Declined when nothing will be charged for certain, Approved when it was too late."""

    async def refund(self, charge: Charge, amount: int, key: str) -> None:
        """Give `amount` minor units back; the same `key` never pays twice. Raises RefundRefused, too."""

    async def dispute(self, id_: str) -> Told | None:
        """How a dispute stands; None: it is about no payment of ours."""
