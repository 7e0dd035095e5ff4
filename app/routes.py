"""The URL table of the web process, to be read as its table of contents."""

from aiohttp import web

from app import health


def add_routes(app: web.Application) -> None:
    """Register every route."""
    app.add_routes(
        [
            # Operations
            web.get("/healthz", health.healthz),
            web.get("/readyz", health.readyz),
        ]
    )
