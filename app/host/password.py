"""Passwords of the console: Argon2id, computed beside the event loop."""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106, second recommendation (64 MiB, 3 passes), argon2-cffi's default.
_HASHER = PasswordHasher()
# Each verification takes 64 MiB: this many at once, the rest waits.
AT_ONCE = 2
# Shorter ones fall to guessing; the generated ones are longer.
MIN_LENGTH = 12
# Nobody types more; Argon2 would hash a megabyte as willingly.
MAX_LENGTH = 256
# No 0/O, 1/l/I: the demo's password is read from a terminal and typed on a phone.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GENERATED_GROUPS, _GROUP = 4, 4


def generate() -> str:
    """A random password of 79 bits, in groups that can be read aloud."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GENERATED_GROUPS))
    return "-".join(groups)


class Passwords:
    """Hashes and verifies without holding up the event loop."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """`password` as an encoded Argon2id hash."""
        async with self._turns:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def verify(self, password: str, encoded: str | None) -> bool:
        """Whether `password` made the hash. None (no such account) takes as long as a wrong password."""
        async with self._turns:
            return await asyncio.to_thread(_verify, password, encoded)

    def outdated(self, encoded: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return _HASHER.check_needs_rehash(encoded)


def _verify(password: str, encoded: str | None) -> bool:
    try:
        right = _HASHER.verify(encoded or _decoy(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and encoded is not None


@cache
def _decoy() -> str:
    return _HASHER.hash(secrets.token_hex(16))
