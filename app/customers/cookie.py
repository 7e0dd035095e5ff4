"""The anonymous session as a signed value: who, and since when. No I/O; a forged or worn-out one is nobody's."""

import hashlib
import hmac
import re

from itsdangerous import Signer
from itsdangerous.encoding import base64_encode
from msgspec import Struct

NAME = "laufsteg"
DAY_MS = 86_400_000
# A cart should survive a season; who stays away longer begins anew.
LIFE_MS = 180 * DAY_MS
# Renewed at most once a day, so that most answers carry no cookie.
RENEW_MS = DAY_MS
# Two machines' clocks differ by less.
SKEW_MS = 5 * 60_000

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
        # Every request reads a cookie; deriving the key and setting up the signer's HMAC cost more than the HMAC.
        self._key = self._signer.derive_key()

    def write(self, session: Session) -> str:
        """The cookie's value."""
        return self._signer.sign(f"{session.shopper}.{session.issued_ms}").decode()

    def read(self, value: str | None, now_ms: int) -> Session | None:
        """The session of a cookie's value; None when it is missing, forged, from the future or worn out."""
        if not value or len(value) > 200:
            return None
        told, _, signature = value.rpartition(".")
        match = _SHAPE.fullmatch(told)
        if match is None or not -SKEW_MS <= now_ms - int(match[2]) < LIFE_MS:
            return None
        right = base64_encode(hmac.digest(self._key, told.encode(), "sha256"))
        if not hmac.compare_digest(right, signature.encode(errors="surrogateescape")):
            return None
        return Session(match[1], int(match[2]))
