"""Who may sign in to the console: the first account, sign-in, and the changes an operator makes."""

import asyncio
import os
from pathlib import Path
from typing import ClassVar

from app.errors import Conflict, NotFound, TooMany, Unauthorized
from app.host import queries
from app.host.attempts import Attempts
from app.host.password import Passwords, generate
from app.host.queries import Account
from app.host.roles import Host, Role
from app.ledger.clock import Clock
from app.ledger.engine import Ledger

FIRST_NAME = "host"
PASSWORD_FILE = "host-password"  # noqa: S105 - a file's name

WINDOW_MS = 60_000
# A person mistypes three or four times; an office behind one address has several hosts.
ADDRESS_ATTEMPTS = 8
# From everywhere together. Browsers that have signed in before are not counted, so a flood cannot keep the host out.
GLOBAL_ATTEMPTS = 60
_EVERYBODY = "*"


class WrongPassword(Unauthorized):
    """Name and password do not belong together."""

    slug = "wrong-password"
    title = "That did not match"


class TooManyAttempts(TooMany):
    """Too many passwords were tried."""

    slug = "too-many-attempts"
    title = "Too many attempts"


class LastOperator(Conflict):
    """Nobody could keep the accounts any more."""

    slug: ClassVar[str] = "last-operator"


class Accounts:
    """The accounts. `address_factor` scales the limit per address (0: none)."""

    def __init__(self, ledger: Ledger, data: Path, now_ms: Clock, address_factor: float = 1.0) -> None:
        self._ledger = ledger
        self._kept = data / PASSWORD_FILE
        self._now_ms = now_ms
        self._passwords = Passwords()
        limit = max(1, round(ADDRESS_ATTEMPTS * address_factor)) if address_factor else 0
        self._by_address = Attempts(limit, WINDOW_MS)
        self._globally = Attempts(GLOBAL_ATTEMPTS, WINDOW_MS)

    async def prepare(self) -> None:
        """See to it that somebody can sign in.

        A shop without accounts gets an operator called `host` with a generated password, kept in the data folder,
        readable by its owner only. Whatever password stands in that file is `host`'s after a start: so the demo's stays
        the same, and an operator who is locked out writes a new one there. A change in the console removes the file.
        """
        kept = await asyncio.to_thread(_read, self._kept)
        async with self._ledger.read() as conn:
            first, anybody = await queries.account(conn, FIRST_NAME), bool(await queries.accounts(conn))
        if kept is None and anybody:
            return
        if kept is None:
            kept = await asyncio.to_thread(_keep, self._kept, generate())
            if not await self._store(FIRST_NAME, await self._passwords.hash(kept), Role.OPERATOR, only_new=True):
                # Another machine of the shop was faster; its file holds the password.
                await asyncio.to_thread(self._kept.unlink, missing_ok=True)
        elif first is None or not await self._passwords.verify(kept, first.password_hash):
            await self._store(FIRST_NAME, await self._passwords.hash(kept), Role.OPERATOR)

    async def sign_in(self, name: str, password: str, *, address: str, known: bool) -> Host:
        """Who `name` and `password` are. Raises WrongPassword or TooManyAttempts.

        `known`: the browser has signed in before, so the limit for everybody together leaves it alone.
        """
        charged = [(self._by_address, address)] + ([] if known else [(self._globally, _EVERYBODY)])
        self._charge(charged)
        async with self._ledger.read() as conn:
            account = await queries.account(conn, name)
        encoded = None if account is None else account.password_hash
        if not await self._passwords.verify(password, encoded) or account is None:
            raise WrongPassword("The name or the password is not right; check both and try again.")
        for attempts, key in charged:
            attempts.succeeded(key)
        if self._passwords.outdated(account.password_hash):
            await self._store(name, await self._passwords.hash(password), account.role)
        return Host(account.name, account.role)

    async def change_password(self, name: str, password: str, new: str, *, address: str) -> None:
        """Set a new password and end every session of `name`. Raises WrongPassword or TooManyAttempts."""
        await self.sign_in(name, password, address=address, known=True)
        encoded = await self._passwords.hash(new)
        async with self._ledger.write() as conn:
            await queries.set_password(conn, name, encoded)
        if name == FIRST_NAME:
            await asyncio.to_thread(self._kept.unlink, missing_ok=True)

    async def all(self) -> list[Account]:
        """Every account by name."""
        async with self._ledger.read() as conn:
            return await queries.accounts(conn)

    async def add(self, name: str, password: str, role: Role) -> None:
        """A new account. Raises Conflict when the name is taken."""
        encoded = await self._passwords.hash(password)
        async with self._ledger.write() as conn:
            if not await queries.add_account(conn, Account(name, encoded, role, self._now_ms())):
                raise Conflict(f"There already is an account called {name}; choose another name.")

    async def remove(self, name: str) -> None:
        """Delete an account and its sessions. Raises NotFound or LastOperator."""
        async with self._ledger.write() as conn:
            others = [one for one in await queries.accounts(conn) if one.name != name]
            if not any(one.role is Role.OPERATOR for one in others):
                raise LastOperator("This is the last operator; add another one first.")
            if not await queries.remove_account(conn, name):
                raise NotFound(f"There is no account called {name}.")
        if name == FIRST_NAME:
            await asyncio.to_thread(self._kept.unlink, missing_ok=True)

    async def _store(self, name: str, encoded: str, role: Role, *, only_new: bool = False) -> bool:
        async with self._ledger.write() as conn:
            if await queries.add_account(conn, Account(name, encoded, role, self._now_ms())):
                return True
            if not only_new:
                await queries.set_password(conn, name, encoded)
        return not only_new

    def _charge(self, charged: list[tuple[Attempts, str]]) -> None:
        now_ms = self._now_ms()
        wait_ms = max(attempts.wait_ms(key, now_ms) for attempts, key in charged)
        if wait_ms > 0:
            seconds = -(-wait_ms // 1000)
            detail = f"Too many passwords were tried; wait {seconds} seconds and try again."
            raise TooManyAttempts(detail, headers={"Retry-After": str(seconds)}, retry_after=seconds)
        for attempts, key in charged:
            attempts.begin(key, now_ms)


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except FileNotFoundError:
        return None


def _keep(path: Path, password: str) -> str:
    """Write the password for its owner's eyes only; what another process wrote first is returned instead."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return password
