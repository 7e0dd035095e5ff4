"""The cross-site guard: a browser on another site must not act with a shopper's or a host's cookie.

SameSite=Lax already keeps cookies from cross-site POSTs; this holds where it does not (websockets, old browsers,
sibling subdomains). A script without an Origin is allowed, a bearer token is exempt: neither carries cookies that
a stranger's page could ride on.
"""

from urllib.parse import urlsplit

from aiohttp import web

from app import keys
from app.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignOrigin(Forbidden):
    """The request comes from a page of another site."""

    slug = "foreign-origin"
    title = "This page belongs to another site"


def own_origin(origin: str, *, host: str, public_url: str) -> bool:
    """Whether `origin` (the header) is the address that was asked (`host` header) or the configured public one."""
    try:
        parts, public = urlsplit(origin), urlsplit(public_url)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    if (parts.scheme, parts.netloc) == (public.scheme, public.netloc):
        return True
    # A public HTTPS address never accepts a plain-text page, whatever Host says.
    return public.scheme == "http" and parts.netloc == host


def refuse_foreign(request: web.Request) -> None:
    """Raise ForeignOrigin for a write or a websocket whose Origin is not ours."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    websocket = request.headers.get("Upgrade", "").lower() == "websocket"
    bearer = request.headers.get("Authorization", "").startswith("Bearer ")
    public_url = request.app[keys.CONFIG].public_url
    if (websocket or (request.method not in SAFE_METHODS and not bearer)) and not own_origin(
        origin, host=request.host, public_url=public_url
    ):
        raise ForeignOrigin("Open the shop itself and try again; this request came from another site.")
