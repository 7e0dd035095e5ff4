"""Confirming an e-mail address over HTTP: a code is sent, and comes back from the same shopper."""

import hashlib
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from app import keys
from app.address import request_address
from app.catalogue.product import Language
from app.customers import queries
from app.customers.confirmation import GUESSES, LIFE_MS, Confirmation, WrongCode, digest, fits, new_code, typed
from app.customers.sessions import shopper
from app.edge import json_response, read_json
from app.gate.limits import Rule
from app.language import language_of
from app.ledger.clock import rfc3339
from app.ledger.ids import new_id
from app.mail import queries as mail
from app.mail.letters import code_letter
from app.shop.address import checked_email, email_key

Email = Annotated[str, Meta(min_length=3, max_length=300)]
# Enough for a typing error and a lost mail; what nobody can guess in, and nobody's inbox is flooded by.
CODES_BY_SHOPPER = Rule("codes-shopper", most=5, every_s=3600, fails_open=False)
CODES_BY_RECIPIENT = Rule("codes-recipient", most=5, every_s=3600, fails_open=False)
# A whole office may want the same drop.
CODES_BY_ADDRESS = Rule("codes-address", most=100, every_s=3600, fails_open=False, by_address=True)


class EmailBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The address that a code is sent to, and the mail's language."""

    email: Email
    language: Language | None = None


class CodeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The code as the mail has it, and the address it was sent to."""

    email: Email
    code: Annotated[str, Meta(min_length=1, max_length=20)]


async def ask(request: web.Request) -> web.Response:
    """POST /api/me/email: send a code that confirms the address. 202 {email, confirmed, expires_at} | 200 | 429 | 503.

    200: this shopper has confirmed it before; no mail is sent.
    """
    body, who, app = await read_json(request, EmailBody), shopper(request), request.app
    email = checked_email(body.email)
    name, limits, now_ms = email_key(email), app[keys.LIMITS], app[keys.CLOCK]()
    async with app[keys.LEDGER].read() as conn:
        if await queries.confirmed(conn, who, name):
            return json_response({"email": email, "confirmed": True, "expires_at": None})
    recipient = hashlib.sha256(name.encode()).hexdigest()
    counted = (CODES_BY_ADDRESS, request_address(request)), (CODES_BY_SHOPPER, who), (CODES_BY_RECIPIENT, recipient)
    buckets = [bucket for rule, key in counted if (bucket := limits.bucket(rule, key))]
    await limits.pay(buckets, fails_open=False)
    code = new_code()
    asked = Confirmation(
        shopper=who,
        email_key=name,
        email=email,
        digest=digest(app[keys.CONFIG].secret, who, name, code),
        expires_ms=now_ms + LIFE_MS,
    )
    language = body.language or language_of(request)
    letter = code_letter(app[keys.DESK].texts, email, code, language, now_ms, letter=new_id("mail"))
    async with app[keys.LEDGER].write() as conn:
        await queries.await_code(conn, asked)
        await mail.add(conn, letter)
    return json_response({"email": email, "confirmed": False, "expires_at": rfc3339(asked.expires_ms)}, 202)


async def confirm(request: web.Request) -> web.Response:
    """POST /api/me/email/code: the code has arrived. 200 {email, confirmed, expires_at} | 410 | 422 wrong-code."""
    body, who, app = await read_json(request, CodeBody), shopper(request), request.app
    email = checked_email(body.email)
    name, now_ms = email_key(email), app[keys.CLOCK]()
    told = digest(app[keys.CONFIG].secret, who, name, typed(body.code))
    async with app[keys.LEDGER].write() as conn:
        row = await queries.confirmation(conn, who, name)
        # Asked again because an answer was lost: nothing is left to prove.
        right = (row is not None and row.confirmed_ms is not None) or fits(row, told, now_ms)
        if row is not None and row.confirmed_ms is None:
            await (queries.confirm(conn, row, now_ms) if right else queries.guessed(conn, row))
    if not right:
        # After the commit: a guess that is refused has to count.
        raise WrongCode(GUESSES - (row.guesses if row else 0) - 1)
    return json_response({"email": email, "confirmed": True, "expires_at": None})
