"""What a customer orders and how they pay: the body, its own rules, and the payment attempt it becomes. No I/O."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from app.catalogue.product import Language
from app.errors import Unprocessable
from app.ledger.ids import akin, new_id
from app.shop.address import Address, checked_address, checked_email, email_key
from app.shop.attempt import ASKING_MS, CONFIRM_MS, Attempt, AttemptState
from app.shop.idempotency import Answer
from app.shop.quote import HoldIds, Lines
from app.shop.snapshot import Snapshot, encoded

# It becomes a part of the provider's addresses, so nothing in it may lead to another one.
_TOKEN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}")


class Payment(Struct, frozen=True, forbid_unknown_fields=True):
    """How the customer pays: the sandbox's behaviour, or the provider's token."""

    method: Annotated[str, Meta(min_length=1, max_length=16)]
    token: Annotated[str, Meta(max_length=255)] | None = None
    behaviour: Annotated[str, Meta(max_length=16)] | None = None


class CheckoutBody(Struct, frozen=True, forbid_unknown_fields=True):
    """An order as the customer sends it."""

    payment: Payment
    email: Annotated[str, Meta(max_length=300)]
    address: Address
    holds: HoldIds = ()
    lines: Lines = ()
    country: Annotated[str, Meta(max_length=2)] | None = None
    language: Language | None = None


class Wish(Struct, frozen=True):
    """A checked body, with who sent it under which key."""

    shopper: str
    key: str
    fingerprint: str
    body: CheckoutBody
    email: str
    email_key: str
    address: Address
    language: Language
    token: str


def checked(
    body: CheckoutBody, *, shopper: str, key: str, fingerprint: str, language: Language, methods: Mapping[str, Any]
) -> Wish:
    """The body's own rules. Raises Unprocessable."""
    if body.payment.method not in methods:
        raise Unprocessable(f"payment.method is one of {', '.join(sorted(methods))}.")
    token = body.payment.behaviour if body.payment.method == "sandbox" else body.payment.token
    if body.payment.method == "sandbox" and token not in ("approve", "decline", "challenge", "slow"):
        raise Unprocessable("payment.behaviour is one of approve, decline, challenge, slow.")
    if body.payment.method != "sandbox" and not _TOKEN.fullmatch(token or ""):
        raise Unprocessable("payment.token is what the provider's own form gives.")
    if not body.holds and not body.lines:
        raise Unprocessable("There is nothing to order: name holds, lines or both.")
    email = checked_email(body.email)
    return Wish(
        shopper=shopper,
        key=key,
        fingerprint=fingerprint,
        body=body,
        email=email,
        email_key=email_key(email),
        address=checked_address(body.address),
        language=body.language or language,
        token=token or "",
    )


def attempt_for(wish: Wish, snapshot: Snapshot, payer: str | None, now_ms: int) -> Attempt:
    """The attempt that a wish begins; `payer`: who pays, as the provider knows them."""
    attempt = new_id("att")
    return Attempt(
        id=attempt,
        shopper=wish.shopper,
        key=wish.key,
        fingerprint=wish.fingerprint,
        state=AttemptState.STARTED,
        order_id=akin(attempt, "ord"),
        method=wish.body.payment.method,
        token=wish.token,
        reference=None,
        action_url=None,
        secret=None,
        reason=None,
        amount=snapshot.total.amount,
        currency=snapshot.total.currency,
        document=encoded(snapshot),
        email_key=wish.email_key,
        payer_key=payer,
        created_ms=now_ms,
        deadline_ms=now_ms + CONFIRM_MS,
        check_ms=now_ms + ASKING_MS,
        answer_status=None,
        answer_body=None,
    )


def refused_attempt(wish: Wish, answer: Answer, now_ms: int) -> Attempt:
    """What keeps the answer for the key of a wish that came to nothing."""
    return Attempt(
        id=new_id("att"), shopper=wish.shopper, key=wish.key, fingerprint=wish.fingerprint,
        state=AttemptState.REFUSED, order_id=None, method=wish.body.payment.method, token="", reference=None,
        action_url=None, secret=None, reason=None, amount=0, currency="", document="", email_key="",
        payer_key=None, created_ms=now_ms, deadline_ms=now_ms, check_ms=None,
        answer_status=answer.status, answer_body=answer.body,
    )  # fmt: skip
