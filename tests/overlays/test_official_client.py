"""The official JavaScript client, as pages use it, on Node.js."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from overlays.broadcast import close_all
from overlays.frames import CLOSE_GOING_AWAY, CLOSE_SLOW
from overlays.messages import Join, ViewersMessage
from tests.overlays.conftest import House

SCRIPT = Path(__file__).with_name("official_client.mjs")


class Official:
    """The client's process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self) -> Any:
        assert self._process.stdout
        line = await asyncio.wait_for(self._process.stdout.readline(), 20)
        return json.loads(line)

    def do(self, command: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(command.encode() + b"\n")


@pytest.fixture
async def official(house: House) -> AsyncIterator[Official]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("node", str(SCRIPT), house.url, stdin=pipe, stdout=pipe)
    client = Official(process)
    assert await client.next() == {"connect": {"event": "gala", "seq": 0}}
    yield client
    client.do("quit")
    await asyncio.wait_for(process.wait(), 10)
    process._transport.close()  # type: ignore[attr-defined]


async def test_it_connects_joins_and_is_answered(house: House, official: Official) -> None:
    assert house.handlers.seen == [("join", Join("gala", 3))]
    official.do("react")
    assert await official.next() == {"answer": {"ok": True}}
    official.do("bad")
    assert (await official.next())["answer"]["error"] == "invalid"


async def test_it_hears_everything_in_order_also_binary(house: House, official: Official) -> None:
    for number in range(0, 100, 2):
        house.stage.send("gala", ViewersMessage(number))
        await house.server.emit("blob", {"blob": bytes([number])}, room="gala", namespace="/live")
    for number in range(0, 100, 2):
        assert await official.next() == {"heard": "viewers", "data": {"count": number}}
        assert await official.next() == {"heard": "blob", "data": {"blob": [number]}}


async def test_it_answers_a_server_that_asks(house: House, official: Official) -> None:
    (sid,) = house.server.manager.rooms["/live"][None]
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    await house.server.emit("question", 41, to=sid, namespace="/live", callback=answer.set_result)
    assert await asyncio.wait_for(answer, 5) == 42


async def test_sent_away_it_comes_back_by_itself_and_joins_again(house: House, official: Official) -> None:
    (eio_sid,) = house.server.eio.sockets
    await house.server.eio.disconnect(eio_sid)
    assert await official.next() == {"disconnect": "transport close", "code": 1000}
    assert await official.next() == {"connect": {"event": "gala", "seq": 0}}


async def test_put_out_of_the_namespace_it_stays_out_until_its_page_connects_again(
    house: House, official: Official
) -> None:
    (sid,) = house.server.manager.rooms["/live"][None]
    await house.server.disconnect(sid, namespace="/live")
    assert (await official.next())["disconnect"] == "io server disconnect"
    assert house.stage.watching("gala") == 0
    official.do("again")
    assert await official.next() == {"connect": {"event": "gala", "seq": 0}}
    assert house.stage.watching("gala") == 1


async def test_what_it_hears_stays_in_order_when_single_and_shared_messages_mix(
    house: House, official: Official
) -> None:
    (sid,) = house.server.manager.rooms["/live"][None]
    for number in range(0, 200, 2):
        house.stage.send("gala", ViewersMessage(number))
        await house.server.emit("private", number + 1, to=sid, namespace="/live")
    for number in range(0, 200, 2):
        assert await official.next() == {"heard": "viewers", "data": {"count": number}}
        assert await official.next() == {"heard": "private", "data": number + 1}


async def test_binary_from_a_client_ends_the_connection_and_it_comes_back(house: House, official: Official) -> None:
    official.do("binary")
    assert (await official.next())["disconnect"] == "transport close"
    assert "connect" in await official.next()


async def test_who_was_too_slow_learns_why_and_comes_back(house: House, official: Official) -> None:
    official.do("sleep 1500")  # a phone that does not read
    while house.stage.deliveries.slow == 0:
        await house.server.emit("blob", {"text": "x" * 60_000}, room="gala", namespace="/live")
        await asyncio.sleep(0)
    while "heard" in (said := await official.next()):
        pass
    assert said == {"disconnect": "transport close", "code": CLOSE_SLOW}
    assert await official.next() == {"connect": {"event": "gala", "seq": 0}}


async def test_a_restart_is_told_as_such(house: House, official: Official) -> None:
    close_all(house.server)
    assert await official.next() == {"disconnect": "transport close", "code": CLOSE_GOING_AWAY}
    assert await official.next() == {"connect": {"event": "gala", "seq": 0}}


async def test_many_answers_come_in_the_order_of_the_questions(house: House, official: Official) -> None:
    official.do("many")
    assert await official.next() == {"answers": [{"ok": True}] * 10, "order": list(range(10))}


async def test_polling_is_refused_at_once(official: Official) -> None:
    official.do("polling")
    refusal = await official.next()
    assert (refusal["refused"], refusal["status"]) == ("xhr poll error", 400)
    assert "transport" in refusal["says"]
