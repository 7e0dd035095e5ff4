"""Ids that nobody can guess, that say what they name, and that lie in order of their making.

What is written together then lies together in every index, as with UUID version 7 (RFC 9562): an index of random
ids is written all over, a page for each of them.
"""

import os
import secrets
import time
from binascii import b2a_base64
from collections import deque
from functools import lru_cache

# As unguessable as a session key, and no two are ever the same.
RANDOM_BYTES = 12
# A quarter of a second in a step: four bytes of them last for 34 years and begin anew then, in no order for a moment.
TICK_NS = 250_000_000


# The system is asked for so many at once: one call costs as much as a hundred ids do.
DRAWN = 256

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
# The same characters in such an order that ids sort as their bytes do.
_IN_ORDER = bytes.maketrans(_BASE64, bytes(sorted(_BASE64.translate(_URL_SAFE))))
_drawn: deque[str] = deque()
# A copy of this process must not give the same ids.
os.register_at_fork(after_in_child=_drawn.clear)


def new_id(prefix: str) -> str:
    """`prefix`_ and 22 URL-safe characters."""
    return f"{prefix}_{_moment(time.time_ns() // TICK_NS)}{_random()}"


def akin(id_: str, prefix: str) -> str:
    """The id of what comes of another thing, at most once: the same characters after another prefix.

    Whoever has one of them has the other, and to guess either is as hard.
    """
    return f"{prefix}_{id_.partition('_')[2]}"


def text(raw: bytes) -> str:
    """Bytes in URL-safe characters, without padding."""
    return b2a_base64(raw, newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _moment(tick: int) -> str:
    """Four bytes in six characters, which sort as they do."""
    made = (tick & 0xFFFFFFFF).to_bytes(4, "big")
    return b2a_base64(made, newline=False)[:6].translate(_IN_ORDER).decode()


def _random() -> str:
    """Twelve bytes in sixteen characters."""
    try:
        return _drawn.pop()
    except IndexError:
        drawn = text(secrets.token_bytes(DRAWN * RANDOM_BYTES))
        _drawn.extend(drawn[at : at + 16] for at in range(16, len(drawn), 16))
        return drawn[:16]
