"""Ids that nobody can guess and that say what they name."""

import base64
import secrets
from collections.abc import Callable

# 128 bits: as unguessable as a session key, and no two are ever the same.
ID_BYTES = 16


def new_id(prefix: str, random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """`prefix`_ and 22 URL-safe characters; `random(n)` gives n random bytes."""
    return f"{prefix}_{base64.urlsafe_b64encode(random(ID_BYTES)).rstrip(b'=').decode()}"
