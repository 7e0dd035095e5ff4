"""The console's sessions: a signed cookie that names a ledger row, which can be revoked."""

import hashlib
import secrets

from itsdangerous import BadSignature, Signer

from app.host import queries
from app.host.roles import Host
from app.ledger.clock import Clock
from app.ledger.engine import Ledger

COOKIE = "laufsteg_host"
# A gala with rehearsal lasts an evening; a console left open in a cloakroom must not stay usable all of it.
IDLE_MS = 4 * 3600 * 1000
ABSOLUTE_MS = 16 * 3600 * 1000
# The row is written at most this often: the console asks for its numbers every second.
TOUCH_MS = 60 * 1000
# The cookie outlives the session on purpose: a browser that has signed in before is told from a stranger's, so that
# a flood of wrong passwords from elsewhere cannot keep the host out. It opens nothing once the row is gone.
COOKIE_MAX_AGE_S = 90 * 24 * 3600


def usable(*, created_ms: int, seen_ms: int, now_ms: int) -> bool:
    """Whether a session opened at `created_ms` and last used at `seen_ms` still holds."""
    return now_ms - seen_ms < IDLE_MS and now_ms - created_ms < ABSOLUTE_MS


class Sessions:
    """Opens, finds and revokes sessions. `now_ms` is the wall clock in epoch milliseconds."""

    def __init__(self, ledger: Ledger, secret: str, now_ms: Clock) -> None:
        self._ledger = ledger
        self._now_ms = now_ms
        self._signer = Signer(secret, salt="laufsteg.host", digest_method=hashlib.sha256)

    async def open(self, name: str, *, replacing: str | None = None) -> str:
        """A new session for `name` as its cookie's value; the one behind the cookie `replacing` ends."""
        token, now_ms = secrets.token_urlsafe(24), self._now_ms()
        async with self._ledger.write() as conn:
            old = self._id(replacing)
            if old is not None:
                await queries.revoke_session(conn, old)
            await queries.forget_expired(conn, seen_before_ms=now_ms - IDLE_MS, created_before_ms=now_ms - ABSOLUTE_MS)
            await queries.open_session(conn, _row_id(token), name, now_ms)
        return self._signer.sign(token).decode()

    async def find(self, cookie: str | None) -> Host | None:
        """Who the cookie signs in; None when it is forged, revoked or expired."""
        id_ = self._id(cookie)
        if id_ is None:
            return None
        async with self._ledger.read() as conn:
            row = await queries.session(conn, id_)
        now_ms = self._now_ms()
        if row is None or not usable(created_ms=row.created_ms, seen_ms=row.seen_ms, now_ms=now_ms):
            return None
        if now_ms - row.seen_ms >= TOUCH_MS:
            async with self._ledger.write() as conn:
                await queries.touch_session(conn, id_, now_ms)
        return Host(row.name, row.role, id_)

    async def close(self, cookie: str | None) -> None:
        """Revoke the cookie's session, if there is one."""
        id_ = self._id(cookie)
        if id_ is not None:
            async with self._ledger.write() as conn:
                await queries.revoke_session(conn, id_)

    def known(self, cookie: str | None) -> bool:
        """Whether the cookie is ours, expired or not: this browser has signed in before."""
        return self._id(cookie) is not None

    def _id(self, cookie: str | None) -> str | None:
        try:
            return None if cookie is None else _row_id(self._signer.unsign(cookie).decode())
        except (BadSignature, UnicodeError):
            return None


def _row_id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
