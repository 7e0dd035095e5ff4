"""Token buckets: how often one client, shopper or address may do something. Pure; the clock is an argument."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """`per_second` on average, `burst` at once."""

    per_second: float
    burst: float


class TokenBucket:
    """One client's allowance."""

    __slots__ = ("_at", "_rate", "_tokens")

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._at = now

    def take(self, now: float, tokens: float = 1.0) -> bool:
        """Whether `tokens` may be spent at `now` (seconds, any monotonic clock); they are spent if so."""
        rate = self._rate
        self._tokens = min(rate.burst, self._tokens + max(0.0, now - self._at) * rate.per_second)
        self._at = now
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True

    def wait_s(self, now: float, tokens: float = 1.0) -> float:
        """Seconds until `tokens` may be spent."""
        lacking = tokens - min(self._rate.burst, self._tokens + max(0.0, now - self._at) * self._rate.per_second)
        return max(0.0, lacking / self._rate.per_second)


class Buckets:
    """An allowance for each of many keys, bounded in memory: the key that was not seen for longest is forgotten."""

    def __init__(self, rate: Rate, most: int = 100_000) -> None:
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, key: str, now: float) -> bool:
        """Whether `key` may act at `now`."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._rate, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket.take(now)

    def __len__(self) -> int:
        return len(self._buckets)
