"""Rate limits that hold over all web processes: a token bucket a key, decided in Redis, many keys a call."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from app.batch import Batch, QueueFull
from app.errors import TooMany
from app.gate.connection import Gate, GateDown, down

log = logging.getLogger(__name__)

# KEYS: buckets. ARGV: for each the capacity, the tokens a millisecond, the cost. Returns for each the ms to wait, or 0.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local waits = {}
for i, key in ipairs(KEYS) do
  local capacity, rate, cost = tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3 - 1]), tonumber(ARGV[i * 3])
  local tokens, since = capacity, now
  local kept = redis.call('GET', key)
  if kept then
    local left, at = string.match(kept, '^(%S+) (%d+)$')
    tokens = math.min(capacity, left + math.max(0, now - at) * rate)
  end
  if tokens >= cost then
    tokens = tokens - cost
    redis.call('SET', key, string.format('%.6f %d', tokens, since), 'PX', math.ceil((capacity - tokens) / rate) + 1000)
    waits[i] = 0
  else
    waits[i] = math.ceil((cost - tokens) / rate)
  end
end
return waits
"""


@dataclass(frozen=True)
class Rule:
    """At most `most` in any `every_s` seconds on average, and at once. `fails_open`: without Redis everybody passes.

    What protects a resource that needs Redis anyway fails open (its own error is clearer); what protects against
    guessing fails closed.
    """

    name: str
    most: int
    every_s: float
    fails_open: bool = True
    # Counts by network address, so LAUFSTEG_ADDRESS_LIMIT scales it.
    by_address: bool = False


class Limits:
    """The process's view on every rate limit. `factor` multiplies the rules by address; 0 turns them off."""

    def __init__(self, gate: Gate, factor: float = 1.0) -> None:
        self._factor = factor
        self._script = gate.script(_TAKE)
        self._batch: Batch[tuple[str, float, float, int], int] = Batch(self._take)

    async def take(self, rule: Rule, key: str, cost: int = 1) -> None:
        """Count one use of `rule` by `key`. Raises TooMany with the seconds to wait, or GateDown (fails closed)."""
        most = rule.most * (self._factor if rule.by_address else 1.0)
        if most == 0:
            return
        try:
            wait_ms = await self._batch.submit(
                (f"laufsteg:limit:{rule.name}:{key}", max(most, cost), most / rule.every_s / 1000, cost)
            )
        except (GateDown, QueueFull) as error:
            if rule.fails_open:
                return
            raise error if isinstance(error, GateDown) else GateDown() from error
        if wait_ms:
            seconds = -(-wait_ms // 1000)
            raise TooMany(
                f"That was too often; please wait {seconds} s and try again.", headers={"Retry-After": str(seconds)}
            )

    async def _take(self, items: list[tuple[str, float, float, int]]) -> Sequence[int]:
        numbers = [number for _, capacity, rate, cost in items for number in (capacity, rate, cost)]
        with down():
            return [int(wait) for wait in await self._script(keys=[item[0] for item in items], args=numbers)]
