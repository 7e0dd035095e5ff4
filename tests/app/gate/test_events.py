import asyncio
from collections.abc import AsyncIterator

from app.gate.connection import Gate
from app.gate.events import KEPT, Gap, Published, follow, last_id, publish, stream_key
from tests.servers import RedisServer


async def take(stream: AsyncIterator[Published | Gap], count: int) -> list[Published | Gap]:
    async with asyncio.timeout(10):
        return [await anext(stream) for _ in range(count)]


def messages(entries: list[Published | Gap]) -> list[bytes | str]:
    return [entry.message if isinstance(entry, Published) else "gap" for entry in entries]


async def test_a_follower_gets_what_is_published_after_its_place_in_order(gate: Gate) -> None:
    await publish(gate, "gala", b"0")
    place = await last_id(gate, "gala")
    sent = [f"{i}".encode() for i in range(1, 500)]
    for message in sent:
        await publish(gate, "gala", message)
    await publish(gate, "other", b"not for you")
    assert messages(await take(follow(gate, "gala", place), len(sent))) == sent


async def test_a_follower_without_a_place_begins_now(gate: Gate) -> None:
    await publish(gate, "gala", b"old")
    stream = follow(gate, "gala")
    assert messages(await take(stream, 1)) == ["gap"]
    await publish(gate, "gala", b"new")
    assert messages(await take(stream, 1)) == [b"new"]


async def test_a_place_that_was_trimmed_away_is_a_gap(gate: Gate) -> None:
    place = await publish(gate, "gala", b"0")
    for i in range(KEPT + 300):
        await publish(gate, "gala", f"{i}".encode())
    assert await gate.commands.xlen(stream_key("gala")) < KEPT + 300
    stream = follow(gate, "gala", place)
    assert messages(await take(stream, 1)) == ["gap"]
    await publish(gate, "gala", b"next")
    assert messages(await take(stream, 1)) == [b"next"]


async def test_a_broken_connection_loses_nothing(own_redis: RedisServer) -> None:
    gate = Gate(own_redis.url)
    place = await publish(gate, "gala", b"0")
    stream = follow(gate, "gala", place)
    waiting = asyncio.create_task(take(stream, 2))
    await asyncio.sleep(0.1)
    own_redis.ask("CLIENT KILL TYPE normal SKIPME yes")
    await publish(gate, "gala", b"1")
    await publish(gate, "gala", b"2")
    assert messages(await waiting) == [b"1", b"2"]
    await gate.close()


async def test_redis_that_comes_back_empty_is_a_gap_and_then_goes_on(own_redis: RedisServer) -> None:
    gate = Gate(own_redis.url)
    place = await publish(gate, "gala", b"0")
    stream = follow(gate, "gala", place)
    waiting = asyncio.create_task(take(stream, 1))
    await asyncio.sleep(0.1)
    own_redis.lose_everything()
    assert messages(await waiting) == ["gap"]
    await publish(gate, "gala", b"after")
    assert messages(await take(stream, 1)) == [b"after"]
    await gate.close()
