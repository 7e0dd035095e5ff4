"""Rate limits that hold over all web processes: a token bucket a key, decided in Redis, many keys a call."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct, msgpack

from app.batch import Batch, QueueFull
from app.errors import TooMany
from app.gate.connection import Gate, GateDown, down

# Other scripts begin with this: `pay(buckets)` takes from each Bucket in turn until one is empty; the ms to wait, or 0.
PAY = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function pay(buckets)
  for _, bucket in ipairs(buckets) do
    local key, capacity, rate, cost = bucket[1], bucket[2], bucket[3], bucket[4]
    local tokens = capacity
    local kept = redis.call('GET', key)
    if kept then
      local left, at = string.match(kept, '^(%S+) (%d+)$')
      tokens = math.min(capacity, left + math.max(0, now - at) * rate)
    end
    if tokens < cost then return math.ceil((cost - tokens) / rate) end
    tokens = tokens - cost
    redis.call('SET', key, string.format('%.6f %d', tokens, now), 'PX', math.ceil((capacity - tokens) / rate) + 1000)
  end
  return 0
end
"""
# ARGV: a list of lists of Buckets in msgpack. Returns what `pay` says of each.
_TAKE = (
    PAY
    + """
local waits = {}
for i, buckets in ipairs(cmsgpack.unpack(ARGV[1])) do waits[i] = pay(buckets) end
return waits
"""
)


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


class Bucket(Struct, frozen=True, array_like=True):
    """A key's tokens under a rule: at most `most`, `rate` new ones a millisecond, `cost` of them asked for."""

    key: str
    most: float
    rate: float
    cost: int


def too_often(wait_ms: int) -> TooMany:
    """The refusal of who has to wait this long."""
    seconds = -(-wait_ms // 1000)
    detail = f"That was too often; please wait {seconds} s and try again."
    return TooMany(detail, headers={"Retry-After": str(seconds)})


class Limits:
    """The process's view on every rate limit. `factor` multiplies the rules by address; 0 turns them off."""

    def __init__(self, gate: Gate, factor: float = 1.0) -> None:
        self._factor = factor
        self._script = gate.script(_TAKE)
        self._batch: Batch[Sequence[Bucket], int] = Batch(self._take)

    def bucket(self, rule: Rule, key: str, cost: int = 1) -> Bucket | None:
        """What one use of `rule` by `key` takes from; None when the rule is off."""
        most = rule.most * (self._factor if rule.by_address else 1.0)
        if most == 0:
            return None
        return Bucket(f"laufsteg:limit:{rule.name}:{key}", max(most, cost), most / rule.every_s / 1000, cost)

    async def take(self, rule: Rule, key: str, cost: int = 1) -> None:
        """Count one use of `rule` by `key`. Raises TooMany with the seconds to wait, or GateDown (fails closed)."""
        bucket = self.bucket(rule, key, cost)
        if bucket is not None:
            await self.pay([bucket], fails_open=rule.fails_open)

    async def pay(self, buckets: Sequence[Bucket], *, fails_open: bool = True) -> None:
        """Take from each of `buckets` in turn. Raises like `take`."""
        if not buckets:
            return
        try:
            wait_ms = await self._batch.submit(buckets)
        except (GateDown, QueueFull) as error:
            if fails_open:
                return
            raise error if isinstance(error, GateDown) else GateDown() from error
        if wait_ms:
            raise too_often(wait_ms)

    async def _take(self, asked: list[Sequence[Bucket]]) -> Sequence[int]:
        with down():
            return [int(wait) for wait in await self._script(keys=[], args=[msgpack.encode(asked)])]
