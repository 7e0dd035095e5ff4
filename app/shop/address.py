"""Who gets the parcel and the receipt, checked before anything is reserved. No I/O."""

import re
import unicodedata
from typing import Annotated

from msgspec import Meta, Struct

from app.errors import Unprocessable
from app.shop.shipping import countries, zone_of

EMAIL_MAX = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets
# Neither blanks nor control characters, nor what has a meaning in a mail's header.
_EMAIL = re.compile(
    r"[^@\s\x00-\x20\x7f<>\"(),:;\\\[\]]{1,64}"
    r"@(?:[^@\s\x00-\x20\x7f<>\"(),:;\\\[\].]{1,63}\.)+[^@\s\x00-\x20\x7f<>\"(),:;\\\[\].\d]{2,63}"
)


class Address(Struct, frozen=True, forbid_unknown_fields=True):
    """A postal address as contract and receipt show it."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    line1: Annotated[str, Meta(min_length=1, max_length=100)]
    postal_code: Annotated[str, Meta(min_length=2, max_length=12)]
    city: Annotated[str, Meta(min_length=1, max_length=80)]
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    line2: Annotated[str, Meta(max_length=100)] | None = None


def checked_address(address: Address) -> Address:
    """The address with its edges trimmed. Raises Unprocessable, naming the member."""
    trimmed = Address(
        name=_line("name", address.name),
        line1=_line("line1", address.line1),
        postal_code=_line("postal_code", address.postal_code),
        city=_line("city", address.city),
        country=address.country,
        line2=_line("line2", address.line2 or "", optional=True) or None,
    )
    delivered_to(address.country)
    return trimmed


def delivered_to(country: str) -> str:
    """The country itself. Raises Unprocessable where the shop does not deliver."""
    if zone_of(country) is None:
        known = ", ".join(countries())
        raise Unprocessable(f"We do not deliver to {country[:8]!r} yet; address.country is one of {known}.")
    return country


def checked_email(email: str) -> str:
    """The address without blanks around it. Raises Unprocessable. Whether it exists, only a mail can tell."""
    trimmed = email.strip()
    if len(trimmed) > EMAIL_MAX or ".." in trimmed or not _EMAIL.fullmatch(trimmed):
        raise Unprocessable("The e-mail address does not look like one; check it for typing errors.")
    return trimmed


def email_key(email: str) -> str:
    """What per-customer limits count: case, width and a `+tag` make no new customer."""
    local, _, domain = unicodedata.normalize("NFKC", email).casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def _line(name: str, text: str, *, optional: bool = False) -> str:
    trimmed = text.strip()
    # Hardly a name has one that cannot be printed, and of those a few are harmless.
    if not trimmed.isprintable() and any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in trimmed):
        raise Unprocessable(f"address.{name} has characters that no label can show; type it again.")
    if not trimmed and not optional:
        raise Unprocessable(f"address.{name} is empty.")
    return trimmed
