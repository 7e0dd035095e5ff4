"""Who is shopping: every request has an anonymous shopper, known by a signed cookie. Asking costs no ledger access."""

from collections.abc import Mapping
from functools import lru_cache

from aiohttp import web

from app import keys
from app.customers.cookie import LIFE_MS, NAME, Cookies, Session, cookie_value
from app.ledger.ids import new_id

# Answers that caches may keep for everybody must not carry one shopper's cookie.
SHARED_PATHS = ("/web/", "/npm/", "/hls/", "/media/", "/fonts/", "/healthz", "/readyz", "/metrics")

_SESSION = web.RequestKey[Session]("shopper_session", Session)


@lru_cache(maxsize=8)
def _cookies(secret: str) -> Cookies:
    # Every request reads one; making the signer anew costs as much as reading.
    return Cookies(secret)


def shopper(request: web.Request) -> str:
    """The id of who is shopping; a forged or worn-out cookie is a new anonymous shopper."""
    return _session(request).shopper


def shopper_of(app: web.Application, cookies: Mapping[str, str]) -> str | None:
    """The shopper of a connection's cookies, for sockets that cannot set one; None when there is no valid one."""
    found = _cookies(app[keys.CONFIG].secret).read(cookies.get(NAME), app[keys.CLOCK]())
    return found.shopper if found else None


def renew(request: web.Request) -> str:
    """Make the request's shopper a new anonymous one, whose cookie the answer will carry."""
    request[_SESSION] = Session(new_id("shp"), 0)
    return request[_SESSION].shopper


async def keep_session(request: web.Request, response: web.StreamResponse) -> None:
    """Write the cookie where it is missing or a day old: an `on_response_prepare` signal, so refusals carry it too.

    Not to a websocket, let in or refused: a storm of them is not to cost a signature each.
    """
    websocket = request.headers.get("Upgrade", "").lower() == "websocket"
    if request.path.startswith(SHARED_PATHS) or websocket:
        return
    session, now_ms = _session(request), request.app[keys.CLOCK]()
    if session.stale(now_ms):
        config = request.app[keys.CONFIG]
        response.set_cookie(
            NAME,
            _cookies(config.secret).write(Session(session.shopper, now_ms)),
            max_age=LIFE_MS // 1000,
            path="/",
            httponly=True,
            secure=config.secure,
            samesite="Lax",
        )
        # Before this signal the library has put the answer's other cookies into its headers already.
        response.headers.add("Set-Cookie", response.cookies[NAME].OutputString())


def _session(request: web.Request) -> Session:
    session = request.get(_SESSION)
    if session is None:
        cookies = _cookies(request.app[keys.CONFIG].secret)
        value = cookie_value(request.headers.get("Cookie", ""), NAME)
        found = cookies.read(value, request.app[keys.CLOCK]())
        # Issued at 0: stale by definition, so the answer sets the cookie.
        session = request[_SESSION] = found or Session(new_id("shp"), 0)
    return session
