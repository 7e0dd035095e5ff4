"""The URL table of the web process, to be read as its table of contents."""

from aiohttp import web

from app import health, metrics, openapi, pages, static
from app.bodies import BODIES, KEYED, QUERIES
from app.catalogue import handlers as catalogue
from app.chat import handlers as chat
from app.customers import confirming
from app.customers import handlers as customers
from app.drops import handlers as drops
from app.host import numbers, session_api, undo
from app.mail import handlers as mail
from app.media import handlers as media
from app.mirror import socket as mirror
from app.payments import handlers as payments
from app.shop import handlers as shop
from app.shop import host_orders, withdrawal
from app.shop import order_handlers as orders
from app.show import handlers as show
from app.show import socket
from app.webhooks import handlers as webhooks

# POSTs that thousands send in the same second: see app.express.
EXPRESS = ("/api/drops/{id}/holds", "/api/checkout")


def add_routes(app: web.Application) -> None:
    """Register every route."""
    app.add_routes(
        [
            # Pages and their files
            web.get("/", pages.page("lobby")),
            web.get("/watch/{event}", pages.watch),
            web.get("/fitting", pages.page("fitting")),
            web.get("/host", pages.page("host")),
            web.get("/checkout", pages.page("checkout")),
            web.get("/orders/{order}", pages.page("order")),
            web.get("/orders/{id}/receipt", orders.receipt),
            web.get("/legal/{text}", pages.legal),
            web.get("/web/{path:.*}", static.serve),
            web.get("/npm/{path:.*}", static.serve),
            # Live video
            web.get("/hls/{event}/{file}", media.hls),
            web.post("/whip/{event}", media.publish),
            web.options("/whip/{event}", media.options),
            web.delete("/whip/{event}/{session}", media.unpublish),
            # The mirror
            web.get("/fitting/socket", mirror.frame_socket),
            # The show
            web.get("/api/events", show.list_events),
            web.get("/api/events/{event}", show.show_event),
            web.post("/api/events/{event}/cues", show.post_cue),
            web.delete("/api/events/{event}/cues/{id}", show.delete_cue),
            web.post("/api/events/{event}/state", show.post_state),
            web.get("/api/events/{event}/rundown", show.rundown),
            web.put("/api/events/{event}/autopilot", show.put_autopilot),
            web.get("/api/events/{event}/stream-key", show.stream_key),
            web.post("/api/events/{event}/stream-key", show.stream_key),
            web.post("/api/events/{event}/said/{id}/hide", chat.hide),
            # First of its kind: the one address that thousands ask for in the same second is found at the first look.
            web.post("/api/drops/{id}/holds", drops.post_hold),
            web.get("/api/drops", drops.list_drops),
            web.post("/api/drops", drops.post_drop),
            web.get("/api/drops/{id}", drops.show_drop),
            web.delete("/api/drops/{id}", drops.delete_drop),
            web.get("/api/drops/{id}/draw", drops.show_draw),
            web.get("/api/drops/{id}/fairness", drops.show_fairness),
            web.get("/api/holds", drops.list_holds),
            web.delete("/api/holds/{id}", drops.delete_hold),
            web.get("/socket.io/", socket.connect),
            web.post("/socket.io/", socket.connect),
            # The shop
            web.get("/api/shop", shop.shop),
            web.get("/api/products", catalogue.products),
            web.get("/api/products/{sku}", catalogue.product),
            web.get("/media/products/{sku}/{file}", catalogue.picture),
            web.post("/api/variants/{id}/stock", catalogue.change_stock),
            web.get("/api/me", customers.me),
            web.delete("/api/me", customers.forget),
            web.get("/api/me/export", customers.export),
            web.post("/api/me/email", confirming.ask),
            web.post("/api/me/email/code", confirming.confirm),
            web.post("/api/checkout/quote", shop.quote),
            web.post("/api/checkout", shop.checkout),
            web.get("/payments/sandbox/{attempt}", payments.bank),
            web.post("/payments/sandbox/{attempt}", payments.decide_on_page),
            web.post("/api/payments/sandbox/{attempt}", payments.decide),
            web.post("/api/payments/stripe/webhook", payments.stripe_webhook),
            web.get("/api/orders", host_orders.orders),
            web.get("/api/orders.csv", host_orders.orders_csv),
            web.get("/api/orders/{id}", orders.order),
            web.post("/api/orders/{id}/refund", host_orders.refund),
            web.post("/api/orders/{id}/cancel", host_orders.cancel),
            web.post("/api/orders/{id}/state", host_orders.change_state),
            web.post("/api/orders/{id}/payment", orders.check_payment),
            web.post("/api/orders/{id}/withdrawal", withdrawal.withdraw),
            web.post("/api/withdrawals", withdrawal.withdraw_by_number),
            web.get("/api/outbox", mail.outbox),
            web.get("/api/webhooks", webhooks.messages),
            web.post("/api/webhooks/{id}/again", webhooks.send_again),
            # The console
            web.post("/api/host/session", session_api.sign_in),
            web.get("/api/host/session", session_api.session),
            web.delete("/api/host/session", session_api.sign_out),
            web.get("/api/host/events/{event}/numbers", numbers.numbers),
            web.post("/api/host/events/{event}/undo", undo.undo),
            web.put("/api/host/password", session_api.change_password),
            web.get("/api/host/accounts", session_api.accounts),
            web.post("/api/host/accounts", session_api.add_account),
            web.delete("/api/host/accounts/{name}", session_api.remove_account),
            # Operations
            web.get("/healthz", health.healthz),
            web.get("/readyz", health.readyz),
            web.get("/metrics", metrics.expose),
            web.get("/api/openapi.json", openapi.serve(BODIES, KEYED, QUERIES)),
        ]
    )
