"""The anonymous session as a signed value: who, and since when. No I/O; a forged or worn-out one is nobody's."""

import hashlib
import hmac
import re
from functools import lru_cache

from itsdangerous import Signer
from msgspec import Struct

from app.ledger.ids import text

NAME = "laufsteg"
DAY_MS = 86_400_000
# A cart should survive a season; who stays away longer begins anew.
LIFE_MS = 180 * DAY_MS
# Renewed at most once a day, so that most answers carry no cookie.
RENEW_MS = DAY_MS
# Two machines' clocks differ by less.
SKEW_MS = 5 * 60_000

# As many cookies are remembered as shoppers are busy at a time; a few megabytes.
READ_MAX = 8192
# SHA-256 works on blocks of so many bytes; the derived key is no longer.
_BLOCK = 64

_SHAPE = re.compile(r"(shp_[A-Za-z0-9_-]{22})\.(\d{1,15})")


def cookie_value(header: str, name: str) -> str | None:
    """The cookie `name` in a Cookie header; ours are never quoted, so this is all that there is to parse."""
    for pair in header.split(";"):
        key, _, value = pair.partition("=")
        if key.strip() == name:
            return value.strip()
    return None


class Session(Struct, frozen=True):
    """A shopper's id and when its cookie was written, in epoch milliseconds."""

    shopper: str
    issued_ms: int

    def stale(self, now_ms: int) -> bool:
        """Whether the cookie should be written again."""
        return now_ms - self.issued_ms >= RENEW_MS


class Cookies:
    """Signs and reads session values with the shop's secret."""

    def __init__(self, secret: str) -> None:
        self._signer = Signer(secret, salt="laufsteg.shopper", digest_method=hashlib.sha256)
        # Every request reads a cookie, so both halves of the HMAC (RFC 2104) are begun once and gone on with in copies.
        key = self._signer.derive_key().ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))
        # Who asks for something asks for more: a cookie that was found good (or not) stays so.
        self._signed = lru_cache(maxsize=READ_MAX)(self._verified)

    def write(self, session: Session) -> str:
        """The cookie's value."""
        return self._signer.sign(f"{session.shopper}.{session.issued_ms}").decode()

    def read(self, value: str | None, now_ms: int) -> Session | None:
        """The session of a cookie's value; None when it is missing, forged, from the future or worn out."""
        if not value or len(value) > 200:
            return None
        session = self._signed(value)
        if session is None or not -SKEW_MS <= now_ms - session.issued_ms < LIFE_MS:
            return None
        return session

    def _verified(self, value: str) -> Session | None:
        told, _, signature = value.rpartition(".")
        match = _SHAPE.fullmatch(told)
        if match is None:
            return None
        if not hmac.compare_digest(self._signature(told.encode()), signature.encode(errors="surrogateescape")):
            return None
        return Session(match[1], int(match[2]))

    def _signature(self, told: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(told)
        outer.update(inner.digest())
        return text(outer.digest()).encode()
