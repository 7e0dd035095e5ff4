"""What each call takes, for the interface's description. Tests compare this with what handlers read."""

from app.catalogue import handlers as catalogue
from app.catalogue.product import LANGUAGES
from app.customers import confirming
from app.customers import handlers as customers
from app.drops import handlers as drops
from app.drops.planning import DropRequest
from app.host import session_api
from app.mail import handlers as mail
from app.openapi import Bodies, Keyed, Queries
from app.payments import handlers as payments
from app.shop import handlers as shop
from app.shop import host_orders, withdrawal
from app.shop.order_handlers import CURSOR_PATTERN, PAGE_MAX
from app.shop.quote import QuoteBody
from app.shop.refunds import RefundBody
from app.shop.wish import CheckoutBody
from app.show import cues
from app.show import handlers as show
from app.webhooks import handlers as webhooks

BODIES: Bodies = {
    show.post_cue: cues.CueRequest,
    show.post_state: show.PhaseRequest,
    show.put_autopilot: show.AutopilotRequest,
    drops.post_drop: DropRequest,
    drops.post_hold: drops.HoldRequest,
    catalogue.change_stock: catalogue.StockChange,
    confirming.ask: confirming.EmailBody,
    confirming.confirm: confirming.CodeBody,
    shop.quote: QuoteBody,
    shop.checkout: CheckoutBody,
    host_orders.refund: RefundBody,
    host_orders.change_state: host_orders.StateBody,
    withdrawal.withdraw: withdrawal.WithdrawalBody,
    withdrawal.withdraw_by_number: withdrawal.NumberedWithdrawal,
    payments.decide: payments.Decision,
    session_api.sign_in: session_api.SignIn,
    session_api.change_password: session_api.PasswordChange,
    session_api.add_account: session_api.NewAccount,
}

# What moves stock or money is safe to repeat under its Idempotency-Key; whether it has to have one.
KEYED: Keyed = {
    drops.post_drop: False,
    drops.post_hold: False,
    shop.checkout: True,
    host_orders.refund: True,
    host_orders.cancel: True,
}

_LANGUAGE = {"lang": {"type": "string", "enum": list(LANGUAGES)}}
_PAGE = {
    "before": {"type": "string", "pattern": CURSOR_PATTERN, "description": "the `next` of the page before"},
    "limit": {"type": "integer", "minimum": 1, "maximum": PAGE_MAX},
}
_TEXT = {"type": "string"}

QUERIES: Queries = {
    show.delete_cue: {"at_ms": {"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999}},
    drops.list_drops: {"event": _TEXT},
    show.list_events: _LANGUAGE,
    show.show_event: _LANGUAGE,
    customers.me: _LANGUAGE,
    confirming.ask: _LANGUAGE,
    catalogue.products: _LANGUAGE,
    catalogue.product: _LANGUAGE,
    shop.quote: _LANGUAGE,
    shop.checkout: _LANGUAGE,
    host_orders.orders: {"state": _TEXT, "q": _TEXT, **_PAGE},
    mail.outbox: _PAGE,
    webhooks.messages: _PAGE,
}
