"""Orders that are paid through Stripe, and what it tells of them."""

from typing import Any

from app.config import Stripe
from tests.app.payments.stripe_server import WEBHOOK_SECRET
from tests.app.shopping import Browser, order_of


def account(url: str) -> Stripe:
    """The shop's account at a Stripe-shaped server."""
    return Stripe("sk_test_1", "pk_test_1", url, WEBHOOK_SECRET)


def paid_with(token: str) -> dict[str, Any]:
    return {**order_of(("tee-m", 1)), "payment": {"method": "stripe", "token": f"ctoken_{token}"}}


async def webhook(browser: Browser, payload: bytes, signature: str) -> int:
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    path = "/api/payments/stripe/webhook"
    return (await browser.ask("POST", path, headers=headers, data=payload))[0]


def about(intent: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"type": f"payment_intent.{kind}", "data": {"object": intent}}
