"""Counts over all web processes, such as viewers: each process reports its own, a silent one is forgotten."""

from app.gate.connection import Gate, down

# Three missed reports of a second and then some: the process is gone, and its viewers are counted where they went.
FORGOTTEN_AFTER_MS = 3_500

# KEYS: the counter. ARGV: process, its count, ms until it is forgotten. Returns the sum over living processes.
_REPORT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. (now + ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local all, sum = redis.call('HGETALL', KEYS[1]), 0
for i = 1, #all, 2 do
  local count, dies = string.match(all[i + 1], '^(%d+):(%d+)$')
  if tonumber(dies) <= now then redis.call('HDEL', KEYS[1], all[i]) else sum = sum + count end
end
return sum
"""


async def report(gate: Gate, counter: str, process: str, count: int) -> int:
    """Say that this `process` counts `count`; the sum over all processes. Raises GateDown.

    To be repeated at least every FORGOTTEN_AFTER_MS / 3.
    """
    with down():
        total = await gate.script(_REPORT)(
            keys=[f"laufsteg:counter:{counter}"], args=[process, max(0, count), FORGOTTEN_AFTER_MS]
        )
    return int(total)
