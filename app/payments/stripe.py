"""Stripe behind our provider interface: Payment Intents, confirmed here with the customer's confirmation token.

Card data goes from Stripe's own form to Stripe; what reaches us is a token. The attempt's id is Stripe's idempotency
key and stands in the intent's metadata, so a repeated or interrupted call finds the same payment.
"""

import hashlib
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec
import stripe

from app.config import Stripe as Account
from app.payments.provider import (
    ActionRequired,
    Approved,
    Charge,
    Declined,
    Outcome,
    Pending,
    Processing,
    ProviderDown,
    RefundRefused,
    Standing,
    Told,
    Unknown,
)

T = TypeVar("T")

# One call; the checkout itself waits a little longer.
TIMEOUT_S = 15.0
# The library repeats calls that broke, under the same idempotency key.
RETRIES = 1
# A payment whose answer was lost is looked for among all that are not older than its attempt; two machines' clocks
# differ by less than this.
SKEW_S = 300
PAGE = 100

# Stripe's state of an intent whose payment was refused and that waits for another method; we take a new intent then.
REFUSED = "requires_payment_method"
# Next actions that are a page of a bank or wallet; Stripe's script does the others.
PAGES = ("redirect_to_url", "alipay_handle_redirect")
# What a payment method is recognised by, whoever uses it (docs.stripe.com/api/confirmation_tokens/object).
PAYER_FACTS = (
    ("card", "fingerprint"),
    ("sepa_debit", "fingerprint"),
    ("paypal", "payer_id"),
    ("alipay", "fingerprint"),
)

# How a dispute ended (docs.stripe.com/api/disputes/object); every other status waits for somebody. A warning that is
# closed never became a dispute, and one that was prevented took no money.
STANDINGS = {
    "lost": Standing.LOST,
    "won": Standing.WON,
    "warning_closed": Standing.WON,
    "prevented": Standing.WON,
}

# What the library would send to Stripe about its own performance.
stripe.enable_telemetry = False


class _Object(msgspec.Struct):
    id: str = ""
    metadata: dict[str, str] = {}


class _Data(msgspec.Struct):
    object: _Object


class _Event(msgspec.Struct):
    type: str
    data: _Data


@dataclass(frozen=True)
class Subject:
    """What a webhook is about, by our own id and the provider's."""

    kind: Literal["attempt", "refund", "dispute"]
    id: str
    reference: str


class StripeProvider:
    """A Provider. `return_url` is where a bank's page leads back to, with `{order}` for the order."""

    def __init__(self, account: Account, return_url: str) -> None:
        addresses: Any = {"api": account.api_base} if account.api_base else None
        self._http = stripe.AIOHTTPClient(timeout=TIMEOUT_S)
        self._client = stripe.StripeClient(
            account.api_key,
            base_addresses=addresses,
            max_network_retries=RETRIES,
            http_client=self._http,
        )
        self._webhook_secret = account.webhook_secret
        self._return_url = return_url

    async def start(self, charge: Charge) -> Outcome:
        """Create and confirm the payment."""
        params: Any = {
            "amount": charge.amount,
            "currency": charge.currency.lower(),
            "confirm": True,
            "confirmation_token": charge.token,
            "automatic_payment_methods": {"enabled": True},
            # Next steps are taken by Stripe's script in the checkout document; WeChat shows its code there.
            "use_stripe_sdk": True,
            "payment_method_options": {"wechat_pay": {"client": "web"}},
            "return_url": self._return_url.replace("{order}", charge.order),
            "metadata": {"attempt": charge.attempt, "order": charge.order},
        }
        options: Any = {"idempotency_key": charge.attempt}
        try:
            return await self._decided(await _asked(self._client.v1.payment_intents.create_async(params, options)))
        except stripe.CardError as error:
            intent = getattr(error.error, "payment_intent", None)
            if intent is not None:
                await self._close(intent.id)
            return Declined(error.code or "card-declined")
        except stripe.InvalidRequestError as error:
            # A token that is used up or made up; nothing was charged.
            return Declined(error.code or "invalid-token")

    async def payer(self, token: str) -> str | None:
        """The fingerprint of the card, account or wallet behind a confirmation token, hashed."""
        try:
            found = await _asked(self._client.v1.confirmation_tokens.retrieve_async(token))
        except stripe.InvalidRequestError:
            return None  # a made-up token; the payment itself will say so
        preview: Any = found.payment_method_preview
        for method, fact in PAYER_FACTS:
            if value := getattr(getattr(preview, method, None), fact, None):
                return "pay:" + hashlib.sha256(f"{method}:{value}".encode()).hexdigest()[:40]
        return None

    async def status(self, charge: Charge) -> Outcome:
        """How the payment stands."""
        found = await self._find(charge)
        return Unknown() if found is None else await self._decided(found)

    async def cancel(self, charge: Charge) -> Outcome:
        """Cancel the payment; one that has succeeded already stays."""
        found = await self._find(charge)
        return Declined("unknown") if found is None else _outcome(await self._close(found.id))

    async def refund(self, charge: Charge, amount: int, key: str) -> None:
        """Give money back, once a key."""
        found = await self._find(charge)
        if found is None:
            raise RefundRefused("Stripe does not know this payment")
        params: Any = {"payment_intent": found.id, "amount": amount, "metadata": {"refund": key}}
        options: Any = {"idempotency_key": key}
        try:
            made = await _asked(self._client.v1.refunds.create_async(params, options))
        except stripe.InvalidRequestError as error:
            if error.code == "charge_already_refunded":
                return  # by hand, in Stripe's dashboard
            raise RefundRefused(error.code or "refused") from None
        if made.status in ("failed", "canceled"):
            raise RefundRefused(getattr(made, "failure_reason", None) or made.status)

    async def dispute(self, id_: str) -> Told | None:
        """How a dispute stands."""
        params: Any = {"expand": ["payment_intent"]}
        try:
            found = await _asked(self._client.v1.disputes.retrieve_async(id_, params))
        except stripe.InvalidRequestError:
            return None
        intent: Any = found.payment_intent
        attempt = getattr(getattr(intent, "metadata", None), "attempt", None)
        if attempt is None:
            return None  # of another system on the same account
        due_by = found.evidence_details.due_by
        due_ms = None if due_by is None else due_by * 1000
        standing = STANDINGS.get(found.status, Standing.OPEN)
        return Told(found.id, attempt, standing, found.amount, found.reason, due_ms)

    def subject_of(self, payload: bytes, signature: str) -> Subject | None:
        """What a webhook is about; None for other events. Raises ValueError for a wrong signature."""
        try:
            self._client.construct_event(payload, signature, self._webhook_secret)
            event = msgspec.json.decode(payload, type=_Event)
        except stripe.SignatureVerificationError as error:
            raise ValueError("the signature is wrong") from error
        except msgspec.MsgspecError as error:
            raise ValueError("the event is none") from error
        told, metadata = event.data.object, event.data.object.metadata
        if event.type.startswith("payment_intent.") and "attempt" in metadata:
            return Subject("attempt", metadata["attempt"], told.id)
        if event.type.startswith("charge.dispute."):
            return Subject("dispute", told.id, told.id)
        if event.type == "refund.failed" and "refund" in metadata:
            return Subject("refund", metadata["refund"], told.id)
        return None

    async def close(self) -> None:
        """Close the connections."""
        http: Any = self._http
        await http.close_async()

    async def _decided(self, intent: stripe.PaymentIntent) -> Outcome:
        """What came of a payment. A refused one is closed, so that its page cannot be paid later on."""
        return _outcome(await self._close(intent.id) if intent.status == REFUSED else intent)

    async def _close(self, intent: str) -> stripe.PaymentIntent:
        try:
            return await _asked(self._client.v1.payment_intents.cancel_async(intent))
        except stripe.InvalidRequestError:
            # It cannot be cancelled any more: it succeeded, is being processed, or was cancelled before.
            return await _asked(self._client.v1.payment_intents.retrieve_async(intent))

    async def _find(self, charge: Charge) -> stripe.PaymentIntent | None:
        if charge.reference is not None:
            return await _asked(self._client.v1.payment_intents.retrieve_async(charge.reference))
        # Every one of them, however many came since: "not found" gives the units back.
        since: Any = {"limit": PAGE, "created": {"gte": charge.created_ms // 1000 - SKEW_S}}
        listed = await _asked(self._client.v1.payment_intents.list_async(since))
        try:
            async for intent in listed.auto_paging_iter():
                # Other intents of the account may have other metadata, or none.
                if getattr(intent.metadata, "attempt", None) == charge.attempt:
                    return intent
        except stripe.StripeError as error:
            raise _down(error) from error
        return None


async def _asked(call: Awaitable[T]) -> T:
    """The call's result. Raises ProviderDown when nobody knows what came of it; refusals pass."""
    try:
        return await call
    except (stripe.CardError, stripe.InvalidRequestError):
        raise
    except stripe.StripeError as error:
        raise _down(error) from error


def _down(error: stripe.StripeError) -> ProviderDown:
    return ProviderDown(f"Stripe does not answer as it should ({type(error).__name__}).")


def _outcome(intent: stripe.PaymentIntent) -> Outcome:
    """Stripe's status as ours (docs.stripe.com/payments/paymentintents/lifecycle)."""
    if intent.status == "succeeded":
        return Approved(intent.id)
    if intent.status == "requires_action":
        action = intent.next_action
        # Stripe sends only the member that its type names.
        page = getattr(action, action.type, None) if action is not None and action.type in PAGES else None
        return ActionRequired(page.url if page is not None else None, intent.id, intent.client_secret)
    if intent.status == "processing":
        return Processing(intent.id)
    if intent.status in ("requires_capture", "requires_confirmation"):
        return Pending(intent.id)
    reason = intent.last_payment_error.code if intent.last_payment_error is not None else None
    return Declined(reason or intent.status)
