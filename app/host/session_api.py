"""/api/host/session and the accounts behind it."""

from typing import Annotated, Literal

import msgspec
from aiohttp import web

from app import keys
from app.address import request_address
from app.edge import json_response, read_json
from app.errors import Forbidden
from app.host.accounts import FIRST_NAME
from app.host.guard import current_host, moderator_only, operator_only
from app.host.password import MAX_LENGTH, MIN_LENGTH
from app.host.roles import Host, Role
from app.host.sessions import COOKIE, COOKIE_MAX_AGE_S
from app.ledger.clock import rfc3339

Name = Annotated[str, msgspec.Meta(pattern=r"^[\w.@ -]{1,64}\Z")]
Password = Annotated[str, msgspec.Meta(max_length=MAX_LENGTH)]
NewPassword = Annotated[str, msgspec.Meta(min_length=MIN_LENGTH, max_length=MAX_LENGTH)]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """POST /api/host/session."""

    password: Password
    name: Name = FIRST_NAME


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True):
    """PUT /api/host/password."""

    password: Password
    new_password: NewPassword


class NewAccount(msgspec.Struct, forbid_unknown_fields=True):
    """POST /api/host/accounts."""

    name: Name
    password: NewPassword
    role: Literal["operator", "host", "moderator"] = "host"


async def sign_in(request: web.Request) -> web.StreamResponse:
    """POST /api/host/session: 201 {name, role} and the console's cookie | 401 wrong-password | 429."""
    body = await read_json(request, SignIn)
    sessions, cookie = request.app[keys.HOST_SESSIONS], request.cookies.get(COOKIE)
    host = await request.app[keys.HOST_ACCOUNTS].sign_in(
        body.name, body.password, address=request_address(request), known=sessions.known(cookie)
    )
    response = json_response(_shown(host), 201)
    response.set_cookie(
        COOKIE,
        await sessions.open(host.name, replacing=cookie),
        max_age=COOKIE_MAX_AGE_S,
        httponly=True,
        samesite="Lax",
        secure=request.app[keys.CONFIG].secure,
    )
    return response


@moderator_only
async def session(request: web.Request) -> web.StreamResponse:
    """GET /api/host/session: {name, role} | 401."""
    return json_response(_shown(await _asking(request)))


async def sign_out(request: web.Request) -> web.StreamResponse:
    """DELETE /api/host/session: 204, also when nobody was signed in."""
    await request.app[keys.HOST_SESSIONS].close(request.cookies.get(COOKIE))
    response = web.Response(status=204)
    response.del_cookie(COOKIE)
    return response


@moderator_only
async def change_password(request: web.Request) -> web.StreamResponse:
    """PUT /api/host/password: 204; every session of the account ends, this one is opened anew."""
    body = await read_json(request, PasswordChange)
    host = await _asking(request)
    if host.session is None:
        raise Forbidden("The bearer token has no password; change LAUFSTEG_HOST_TOKEN instead.")
    await request.app[keys.HOST_ACCOUNTS].change_password(
        host.name, body.password, body.new_password, address=request_address(request)
    )
    response = web.Response(status=204)
    value = await request.app[keys.HOST_SESSIONS].open(host.name)
    secure = request.app[keys.CONFIG].secure
    response.set_cookie(COOKIE, value, max_age=COOKIE_MAX_AGE_S, httponly=True, samesite="Lax", secure=secure)
    return response


@operator_only
async def accounts(request: web.Request) -> web.StreamResponse:
    """GET /api/host/accounts: {accounts: [{name, role, created}]}."""
    found = await request.app[keys.HOST_ACCOUNTS].all()
    listed = [{"name": one.name, "role": one.role.value, "created": rfc3339(one.created_ms)} for one in found]
    return json_response({"accounts": listed})


@operator_only
async def add_account(request: web.Request) -> web.StreamResponse:
    """POST /api/host/accounts: 201 {name, role} | 409 the name is taken."""
    body = await read_json(request, NewAccount)
    await request.app[keys.HOST_ACCOUNTS].add(body.name, body.password, Role(body.role))
    return json_response({"name": body.name, "role": body.role}, 201)


@operator_only
async def remove_account(request: web.Request) -> web.StreamResponse:
    """DELETE /api/host/accounts/{name}: 204 | 404 | 409 last-operator."""
    await request.app[keys.HOST_ACCOUNTS].remove(request.match_info["name"])
    return web.Response(status=204)


def _shown(host: Host) -> dict[str, str]:
    return {"name": host.name, "role": host.role.value}


async def _asking(request: web.Request) -> Host:
    host = await current_host(request)
    assert host is not None  # noqa: S101 - the guard let the request pass
    return host
