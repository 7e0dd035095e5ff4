"""Refuse card numbers: whoever sends one here would make us a place that has to guard it."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec

from app.errors import BadRequest, Unprocessable

# ISO/IEC 7812: 13 to 19 digits beginning with 2 to 6, often written with blanks, dashes or dots in between.
LENGTHS = range(13, 20)
_RUN = re.compile(r"[0-9](?:[ .\-]?[0-9]){12,}")
# A body with every digit and separator as 0: as many of those in a row may be a number that is written out.
_SHAPE = bytes(ord("0") if byte in b"0123456789 .-" else ord("x") for byte in range(256))
_LONG = b"0" * LENGTHS.start
# Number members can carry one too.
_SMALLEST = 10**12


class CardNumber(Unprocessable):
    """The body carries a payment card's number."""

    slug = "card-number"
    title = "Never send card numbers here"


def refuse_card_numbers(body: bytes) -> None:
    """Raise CardNumber when any member of a JSON body contains a card number. The number is repeated nowhere."""
    if _short(body):
        return
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("The body is not valid JSON.") from None
    if any(has_card_number(text) for text in _texts(value)):
        raise CardNumber("Send the payment provider's token instead; a card's number must not reach this shop.")


class _Fraction(Exception):
    """A number is written with a point or an exponent, so maybe not with all of its digits."""


def _fraction(text: str) -> float:
    raise _Fraction


_WHOLE = msgspec.json.Decoder(float_hook=_fraction)


def _short(body: bytes) -> bool:
    """Whether a body is JSON that says no more than is written, and has nowhere as many digits: nearly every one."""
    try:
        _WHOLE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, _Fraction):
        return False
    # ASCII without escapes means what it says.
    return body.isascii() and b"\\" not in body and _LONG not in body.translate(_SHAPE)


def has_card_number(text: str) -> bool:
    """Whether `text` contains digits that are a card number by length, first digit and check digit."""
    plain = unicodedata.normalize("NFKC", text)
    return any(_run_has_card_number(re.split(r"[ .\-]", run[0])) for run in _RUN.finditer(plain))


def _run_has_card_number(groups: list[str]) -> bool:
    # A postal code may stand before the number, so each group of digits can be the first.
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) in LENGTHS and digits[0] in "23456" and luhn(digits):
                return True
            if len(digits) >= LENGTHS.stop:
                break
    return False


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1 annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _SMALLEST:
        yield str(abs(value))
    elif isinstance(value, float) and abs(value) >= _SMALLEST:
        yield f"{abs(value):.0f}"
    elif isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
