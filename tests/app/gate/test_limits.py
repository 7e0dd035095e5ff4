import asyncio

import pytest

from app.errors import TooMany
from app.gate.connection import Gate, GateDown
from app.gate.limits import Limits, Rule
from tests.servers import RedisServer

TWICE = Rule("twice", most=2, every_s=600)


async def test_a_rule_lets_pass_what_it_allows_and_says_how_long_to_wait(gate: Gate) -> None:
    limits = Limits(gate)
    await limits.take(TWICE, "ada")
    await limits.take(TWICE, "ada")
    with pytest.raises(TooMany) as refused:
        await limits.take(TWICE, "ada")
    assert 295 <= int(refused.value.headers["Retry-After"]) <= 300
    await limits.take(TWICE, "grace")


async def test_tokens_come_back_with_time(gate: Gate) -> None:
    limits = Limits(gate)
    quick = Rule("quick", most=1, every_s=0.1)
    await limits.take(quick, "ada")
    await asyncio.sleep(0.15)
    await limits.take(quick, "ada")


async def test_a_hundred_at_once_are_a_hundred(gate: Gate) -> None:
    limits = [Limits(gate), Limits(gate)]
    rule = Rule("ten", most=10, every_s=3600)
    results = await asyncio.gather(*(limits[i % 2].take(rule, "ada") for i in range(100)), return_exceptions=True)
    assert sum(isinstance(result, TooMany) for result in results) == 90


async def test_the_factor_scales_rules_by_address_only(gate: Gate) -> None:
    limits = Limits(gate, factor=0)
    by_address = Rule("address", most=1, every_s=600, by_address=True)
    for _ in range(5):
        await limits.take(by_address, "10.0.0.1")
    await limits.take(TWICE, "ada")
    await limits.take(TWICE, "ada")
    with pytest.raises(TooMany):
        await limits.take(TWICE, "ada")


async def test_without_redis_a_rule_fails_as_it_says(own_redis: RedisServer) -> None:
    gate = Gate(own_redis.url)
    limits = Limits(gate)
    own_redis.kill()
    await limits.take(TWICE, "ada")
    with pytest.raises(GateDown):
        await limits.take(Rule("password", most=1, every_s=60, fails_open=False), "ada")
    await gate.close()
