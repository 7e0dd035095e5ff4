"""Everything behind the shop's counter, put together once a process."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from app.config import Config
from app.disputes.following import Disputes
from app.drops.holds import forget
from app.drops.recent import Recent
from app.gate.connection import Gate
from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.mail.texts import MailTexts
from app.payments.provider import Provider
from app.payments.sandbox import Sandbox
from app.shop.cancellation import Cancellation
from app.shop.checkout import Checkout
from app.shop.refunds import Refunds
from app.shop.settlement import Settlement
from app.shop.upkeep import Upkeep
from app.webhooks.announcing import Announce, announce, quiet

if TYPE_CHECKING:
    from app.payments.stripe import StripeProvider


@dataclass(frozen=True)
class Desk:
    """What handlers and duties of the shop ask."""

    providers: Mapping[str, Provider]
    texts: MailTexts
    checkout: Checkout
    settlement: Settlement
    refunds: Refunds
    disputes: Disputes
    upkeep: Upkeep
    cancellation: Cancellation
    sandbox: Sandbox | None
    announce: Announce
    stripe: "StripeProvider | None" = None

    async def close(self) -> None:
        """Close connections to providers."""
        if self.stripe is not None:
            await self.stripe.close()


def open_desk(
    config: Config,
    ledger: Ledger,
    gate: Gate,
    recent: Recent,
    clock: Clock,
    providers: Mapping[str, Provider] | None = None,
) -> Desk:
    """The desk of a configured shop; `recent`: what its doors have kept; `providers` replaces the configured ones."""
    # The sandbox gives things away: beside a real provider it is for demonstrations only.
    sandbox = Sandbox(ledger, clock) if providers is None and (config.stripe is None or config.demo) else None
    stripe = _stripe(config) if providers is None and config.stripe is not None else None
    taken: Mapping[str, Provider] = providers or {
        **({"sandbox": sandbox} if sandbox else {}),
        **({"stripe": stripe} if stripe else {}),
    }
    texts, freed = MailTexts.load(), partial(forget, gate)
    telling = announce if config.webhook is not None else quiet
    settlement = Settlement(ledger, texts, freed, telling, clock, config.public_url)
    refunds = Refunds(ledger, taken, texts, freed, telling, clock)
    upkeep = Upkeep(ledger, taken, settlement, refunds, clock)
    disputes = Disputes(ledger, taken, freed, telling, upkeep.resolve, refunds.pay, clock)
    return Desk(
        providers=taken,
        texts=texts,
        checkout=Checkout(ledger, taken, settlement, recent, clock),
        settlement=settlement,
        refunds=refunds,
        disputes=disputes,
        upkeep=upkeep,
        cancellation=Cancellation(ledger, upkeep, refunds),
        sandbox=sandbox,
        announce=telling,
        stripe=stripe,
    )


def _stripe(config: Config) -> "StripeProvider":
    # Its library takes a second to load, which a shop without it should not pay.
    from app.payments.stripe import StripeProvider

    assert config.stripe is not None  # noqa: S101 - the caller has looked
    return StripeProvider(config.stripe, f"{config.public_url}/orders/{{order}}")
