"""Which JSON body each call takes, for the interface's description. A test compares this with what handlers decode."""

from app.catalogue import handlers as catalogue
from app.customers import confirming
from app.drops import handlers as drops
from app.drops.planning import DropRequest
from app.host import session_api
from app.openapi import Bodies, Keyed
from app.payments import handlers as payments
from app.shop import handlers as shop
from app.shop import host_orders, withdrawal
from app.shop.quote import QuoteBody
from app.shop.refunds import RefundBody
from app.shop.wish import CheckoutBody
from app.show import cues
from app.show import handlers as show

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
