"""The URL table of the web process, to be read as its table of contents."""

from aiohttp import web

from app import health, metrics, pages, static
from app.host import session_api
from app.media import handlers as media
from app.mirror import socket as mirror


def add_routes(app: web.Application) -> None:
    """Register every route."""
    app.add_routes(
        [
            # Pages and their files
            web.get("/", pages.page("lobby")),
            web.get("/watch/{event}", pages.page("watch")),
            web.get("/fitting", pages.page("fitting")),
            web.get("/host", pages.page("host")),
            web.get("/checkout", pages.page("checkout")),
            web.get("/orders/{order}", pages.page("order")),
            web.get("/legal/{text}", pages.legal),
            web.get("/web/{path:.*}", static.serve),
            web.get("/npm/{path:.*}", static.serve),
            # Live video
            web.get("/hls/{event}/{file}", media.hls),
            # The mirror
            web.get("/fitting/socket", mirror.frame_socket),
            # The console
            web.post("/api/host/session", session_api.sign_in),
            web.get("/api/host/session", session_api.session),
            web.delete("/api/host/session", session_api.sign_out),
            web.put("/api/host/password", session_api.change_password),
            web.get("/api/host/accounts", session_api.accounts),
            web.post("/api/host/accounts", session_api.add_account),
            web.delete("/api/host/accounts/{name}", session_api.remove_account),
            # Operations
            web.get("/healthz", health.healthz),
            web.get("/readyz", health.readyz),
            web.get("/metrics", metrics.expose),
        ]
    )
