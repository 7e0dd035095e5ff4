"""The gate of a drop: one Redis hash and the scripts that decide on it.

The hash holds `run` (the server's run_id) and `epoch` (the ledger's number of this content), `left`, `limit`, a count
for each shopper (`s:`), every hold that takes units (`h:`) and refusals that were given under a key (`r:`). One key, so
that it is there as a whole or not at all. A server that was restarted, restored from a snapshot or replaced has another
run_id: its content is stale, and every script says so instead of deciding.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from msgspec import Struct, msgpack

from app.gate.connection import Gate, down
from app.gate.limits import PAY, Bucket

# Long after the last shopper; a gate that is needed again is rebuilt.
KEPT_MS = 7 * 24 * 3600 * 1000

_RUN = "local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')\n"

# ARGV: a list of Asks in msgpack. Returns {epoch, left, {code...}, {ms to wait...}}, or nothing when the content is
# stale. Codes: Verdict.
_DECIDE = (
    _RUN
    + PAY
    + """
local gate = KEYS[1]
local facts = redis.call('HMGET', gate, 'run', 'epoch', 'left', 'limit')
if facts[1] ~= run then return {} end
local left, limit, taken = tonumber(facts[3]), tonumber(facts[4]), 0
local codes, waits = {}, {}
local function decide(hold, token, shopper, quantity, at, keyed)
  local known, refused, had = unpack(redis.call('HMGET', gate, 'h:' .. hold, 'r:' .. hold, 's:' .. shopper))
  if known then return string.find(known, ' ' .. token .. ' ', 1, true) and 1 or 2 end
  if keyed and refused then
    local before, asked = string.match(refused, '^(%-?%d+) (%d+)$')
    return tonumber(asked) == quantity and tonumber(before) or 3
  end
  local code
  local have = tonumber(had or '0')
  if have + quantity > limit then code = -2
  elseif left - taken < quantity then code = -1
  else
    taken = taken + quantity
    redis.call('HSET', gate, 's:' .. shopper, have + quantity,
      'h:' .. hold, quantity .. ' ' .. at .. ' ' .. token .. ' ' .. shopper)
    return 1
  end
  if keyed then redis.call('HSET', gate, 'r:' .. hold, code .. ' ' .. quantity) end
  return code
end
for i, ask in ipairs(cmsgpack.unpack(ARGV[1])) do
  waits[i] = pay(ask[7])
  codes[i] = waits[i] > 0 and -3 or decide(unpack(ask, 1, 6))
end
if taken > 0 then redis.call('HINCRBY', gate, 'left', -taken) end
return {tonumber(facts[2]), left - taken, codes, waits}
"""
)

# ARGV: epoch, left, limit, kept_ms, then shopper, hold, quantity for each hold that takes units.
_LOAD = (
    _RUN
    + """
local gate = KEYS[1]
redis.call('DEL', gate)
redis.call('HSET', gate, 'run', run, 'epoch', ARGV[1], 'left', ARGV[2], 'limit', ARGV[3])
for i = 5, #ARGV, 3 do
  redis.call('HINCRBY', gate, 's:' .. ARGV[i], ARGV[i + 2])
  redis.call('HSET', gate, 'h:' .. ARGV[i + 1], ARGV[i + 2] .. ' 0 - ' .. ARGV[i])
end
redis.call('PEXPIRE', gate, ARGV[4])
"""
)

# ARGV: holds. Those that the gate knows give their units back; the others were given back before.
_FORGET = """
local gate, back = KEYS[1], 0
for i = 1, #ARGV do
  local known = redis.call('HGET', gate, 'h:' .. ARGV[i])
  if known then
    local quantity, shopper = string.match(known, '^(%d+) %d+ %S+ (.*)$')
    redis.call('HDEL', gate, 'h:' .. ARGV[i])
    redis.call('HINCRBY', gate, 's:' .. shopper, -quantity)
    back = back + quantity
  end
end
if back > 0 then redis.call('HINCRBY', gate, 'left', back) end
return back
"""

_STATUS = _RUN + "local f = redis.call('HMGET', KEYS[1], 'run', 'epoch', 'left')\nif f[1] ~= run then return {} end\n"
_STATUS += "return {tonumber(f[2]), tonumber(f[3])}"


class Verdict(IntEnum):
    """What the gate says to one request."""

    TAKEN = 1
    # The hold is there already: the same key was used before.
    KNOWN = 2
    # The key was used for another quantity.
    OTHER = 3
    SOLD_OUT = -1
    LIMIT_REACHED = -2
    # A rate limit was hit.
    TOO_OFTEN = -3


_VERDICTS = {int(verdict): verdict for verdict in Verdict}


class Ask(Struct, frozen=True, array_like=True):
    """One request at the gate, and what it takes from before it is looked at. `token` differs for every attempt, so
    that a script that ran twice knows its own."""

    hold: str
    token: str
    shopper: str
    quantity: int
    now_ms: int
    keyed: bool
    buckets: tuple[Bucket, ...] = ()


@dataclass(frozen=True)
class Decided:
    """The verdicts in the order of the requests, with the ms to wait for who asks too often; the epoch in which they
    count, and what is left after them."""

    epoch: int
    left: int
    verdicts: tuple[Verdict, ...]
    waits: Sequence[int]


def key(drop: str) -> str:
    """Where the drop's gate lies in Redis."""
    return f"laufsteg:gate:{drop}"


async def decide(gate: Gate, drop: str, asked: Sequence[Ask]) -> Decided | None:
    """Decide a whole batch in one step; None when the gate is missing or stale. Raises GateDown."""
    with down():
        answer = await gate.script(_DECIDE)(keys=[key(drop)], args=[msgpack.encode(asked)])
    return Decided(answer[0], answer[1], tuple(_VERDICTS[code] for code in answer[2]), answer[3]) if answer else None


async def load(gate: Gate, drop: str, epoch: int, left: int, limit: int, taken: Iterable[tuple[str, str, int]]) -> None:
    """Replace the gate's content; `taken` names shopper, hold and quantity. Raises GateDown."""
    arguments: list[str | int] = [epoch, left, limit, KEPT_MS]
    for entry in taken:
        arguments += entry
    with down():
        await gate.script(_LOAD)(keys=[key(drop)], args=arguments)


async def forget(gate: Gate, drop: str, holds: Sequence[str]) -> int:
    """Give the units of these holds back, once however often it is called; how many those were. Raises GateDown."""
    with down():
        return int(await gate.script(_FORGET)(keys=[key(drop)], args=list(holds)))


async def status(gate: Gate, drop: str) -> tuple[int, int] | None:
    """Epoch and units left, or None when the gate is missing or stale. Raises GateDown."""
    with down():
        answer = await gate.script(_STATUS)(keys=[key(drop)], args=[])
    return (answer[0], answer[1]) if answer else None


async def known(gate: Gate, drop: str) -> dict[str, int]:
    """Every hold that the gate knows, with the time of its request (0: it was loaded). Raises GateDown."""
    with down():
        content: Any = await gate.commands.hgetall(key(drop))
    return {name[2:].decode(): int(value.split(b" ")[1]) for name, value in content.items() if name.startswith(b"h:")}
