"""The host API's guard: the console's session or the bearer token, nothing else."""

import hmac
from collections.abc import Awaitable, Callable
from functools import wraps

from aiohttp import web

from app import keys
from app.errors import Forbidden, Unauthorized
from app.host.roles import EVERYBODY, KEEPS_ACCOUNTS, RUNS_SHOWS, TOKEN_HOST, Host, Role
from app.host.sessions import COOKIE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="laufsteg"'}
_HOST = web.RequestKey[Host]("host", Host)


async def current_host(request: web.Request) -> Host | None:
    """Who of the house is asking. A bearer token decides alone: a wrong one is not saved by a cookie."""
    if _HOST in request:
        return request[_HOST]
    token = bearer(request)
    if token is not None:
        found = TOKEN_HOST if _right_token(token, request.app[keys.CONFIG].host_token) else None
    elif COOKIE in request.cookies:
        found = await request.app[keys.HOST_SESSIONS].find(request.cookies[COOKIE])
    else:
        found = None
    if found is not None:
        request[_HOST] = found
    return found


async def is_host(request: web.Request) -> bool:
    """Whether the request may run shows."""
    host = await current_host(request)
    return host is not None and host.role in RUNS_SHOWS


def host_only(handler: Handler) -> Handler:
    """Let only who runs shows reach `handler`; others get 401, a signed-in moderator 403."""
    return _only(RUNS_SHOWS, handler)


def moderator_only(handler: Handler) -> Handler:
    """Let everybody of the house reach `handler`, moderators included."""
    return _only(EVERYBODY, handler)


def operator_only(handler: Handler) -> Handler:
    """Let only who keeps the accounts reach `handler`."""
    return _only(KEEPS_ACCOUNTS, handler)


def bearer(request: web.Request) -> str | None:
    """The bearer token of the request; None when it carries none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _right_token(token: str, expected: str | None) -> bool:
    return expected is not None and hmac.compare_digest(token.encode(errors="surrogateescape"), expected.encode())


def _only(roles: frozenset[Role], handler: Handler) -> Handler:
    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        host = await current_host(request)
        if host is None:
            detail = "Sign in at /host, or send the host token as Authorization: Bearer."
            raise Unauthorized(detail, headers=dict(CHALLENGE))
        if host.role not in roles:
            raise Forbidden(f"The role {host.role.value} may not do this; ask an operator of the shop.")
        return await handler(request)

    return guarded
