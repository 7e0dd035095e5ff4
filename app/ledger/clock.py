"""Time as the ledger keeps it: integer milliseconds since 1970, UTC; RFC 3339 at the edge."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

# Who needs the time takes one of these, so that a test hands in its own.
Clock = Callable[[], int]


def now_ms() -> int:
    """The present time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def rfc3339(at_ms: int) -> str:
    """Epoch milliseconds as RFC 3339 in UTC, such as 2026-02-28T19:00:00.000Z."""
    return f"{_second(at_ms // 1000)}.{at_ms % 1000:03d}Z"


@lru_cache(maxsize=64)
def _second(at_s: int) -> str:
    # Under load thousands of answers name the same second.
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%S}"


def parse_rfc3339(text: str) -> int:
    """RFC 3339 with an offset as epoch milliseconds. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the time has no offset; end it with Z for UTC")
    return round(moment.timestamp() * 1000)
