"""Ids that nobody can guess and that say what they name."""

import os
import secrets
from binascii import b2a_base64
from collections import deque

# 128 bits: as unguessable as a session key, and no two are ever the same.
ID_BYTES = 16


# The system is asked for so many at once: one call costs as much as a hundred ids do.
DRAWN = 256

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_drawn: deque[bytes] = deque()
# A copy of this process must not give the same ids.
os.register_at_fork(after_in_child=_drawn.clear)


def new_id(prefix: str) -> str:
    """`prefix`_ and 22 URL-safe characters."""
    return f"{prefix}_{text(_random())}"


def text(raw: bytes) -> str:
    """Bytes in URL-safe characters, without padding."""
    return b2a_base64(raw, newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


def _random() -> bytes:
    try:
        return _drawn.pop()
    except IndexError:
        raw = secrets.token_bytes(DRAWN * ID_BYTES)
        _drawn.extend(raw[at : at + ID_BYTES] for at in range(ID_BYTES, len(raw), ID_BYTES))
        return raw[:ID_BYTES]
