"""The code that shows whose an e-mail address is: made, sent by mail, typed in again by the same shopper. No I/O."""

import hmac
import secrets
import unicodedata
from collections.abc import Callable

from msgspec import Struct

from app.errors import Problem, Unprocessable

DIGITS = 6
# A mail may take a minute or two, and nobody should have to hurry; a hold lives half as long.
LIFE_MS = 10 * 60_000
# So many of a million; who may ask for five codes an hour has one chance in 40,000 to guess right in that hour.
GUESSES = 5


class WrongCode(Unprocessable):
    """The code is not the one that was sent."""

    slug = "wrong-code"
    title = "This is not the code"

    def __init__(self, left: int) -> None:
        super().__init__("This is not the code that we sent; look at the newest mail again.", left=left)


class CodeExpired(Problem):
    """No code is worth anything for this address: none was sent, it is used up, or its time is over."""

    status = 410
    slug = "code-expired"
    title = "The code is over"

    def __init__(self) -> None:
        super().__init__("This code is not valid any more; ask for a new one.")


class Confirmation(Struct, frozen=True, kw_only=True):
    """A row of `confirmations`."""

    shopper: str
    email_key: str
    email: str
    digest: str | None
    expires_ms: int
    guesses: int = 0
    confirmed_ms: int | None = None


def new_code(random: Callable[[int], int] = secrets.randbelow) -> str:
    """A code that a person can type from one screen into another; `random(n)` is a number below n."""
    return f"{random(10**DIGITS):0{DIGITS}d}"


def digest(secret: str, shopper: str, email_key: str, code: str) -> str:
    """What is kept of a code: worth nothing without the shop's secret, to another shopper, or for another address."""
    return hmac.digest(secret.encode(), f"code\n{shopper}\n{email_key}\n{code}".encode(), "sha256").hex()


def typed(text: str) -> str:
    """The code as people type it: with blanks or dashes, or in full-width digits."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character not in " -\u2013")


def fits(row: Confirmation | None, told: str, now_ms: int) -> bool:
    """Whether the digest `told` confirms the address. Raises CodeExpired where no code can."""
    if row is None or row.digest is None or now_ms >= row.expires_ms or row.guesses >= GUESSES:
        raise CodeExpired
    return hmac.compare_digest(row.digest, told)


def grouped(code: str) -> str:
    """The code as it is read best: 123 456."""
    half = DIGITS // 2
    return f"{code[:half]} {code[half:]}"
