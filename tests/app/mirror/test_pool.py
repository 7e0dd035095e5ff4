"""The way from web to the fitting workers, when they are full, gone, new or talk nonsense."""

import asyncio
import threading
from pathlib import Path

import pytest

from app.mirror.link import Link
from app.mirror.protocol import PAYLOAD_BYTES_MAX, Control, Kind
from fitting.pose import Bytes
from tests.app.mirror.conftest import Open, until
from tests.app.mirror.mannequin import PICTURE, open_room
from tests.servers import stop_listening


async def test_without_any_worker_the_mirror_gets_ready_and_then_opens(browse: Open, data: Path) -> None:
    browser = await browse()
    await browser.say(wear=["tee"])
    told = await browser.told(state="busy")
    assert "position" not in told
    assert told["detail"]
    async with open_room(data) as shop:
        await browser.told(state="ok")
        assert shop.sessions[0].worn == ["tee"]


async def test_when_the_worker_restarts_open_frames_are_given_up_and_the_shopper_is_dressed_again(
    browse: Open, data: Path
) -> None:
    entered, block = threading.Event(), threading.Event()

    def work(frame: Bytes) -> None:
        entered.set()
        block.wait(0.5)

    browser = await browse()
    async with open_room(data, work=work):
        await browser.say(wear=["dress"])
        await browser.told(wearing=["dress"])
        await browser.send(PICTURE, sequence=5)
        await until(entered.is_set)
    block.set()
    assert await browser.told(error="lost") == {"error": "lost", "sequence": 5}
    async with open_room(data) as shop:
        await browser.told(wearing=["dress"])
        assert shop.sessions[0].worn == ["dress"]
        await browser.send(PICTURE, sequence=6)
        assert (await browser.answer())[0] == 6


async def test_who_waits_moves_to_a_worker_that_has_a_place(
    browse: Open, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.mirror.visit.LOOK_AROUND_S", 0.1)
    async with open_room(data, limit=1):
        await (await browse()).told(state="ok")
        waiting = await browse()
        await waiting.told(state="busy", position=1)
        async with open_room(data, limit=1, index=1) as second:
            await waiting.told(state="ok")
            assert len(second.sessions) == 1


async def test_the_emptiest_worker_is_chosen(browse: Open, data: Path) -> None:
    async with open_room(data, limit=4) as first, open_room(data, limit=4, index=1) as second:
        for _ in range(4):
            await (await browse()).told(state="ok")
        assert (len(first.sessions), len(second.sessions)) == (2, 2)


async def test_a_worker_that_does_not_greet_is_passed_over(browse: Open, data: Path) -> None:
    met: list[asyncio.Task[None] | None] = []

    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(asyncio.current_task())
        await reader.read()  # until web hangs up
        writer.close()

    server = await asyncio.start_unix_server(stay_silent, str(data / "run" / "fitting-7.sock"))
    (data / "run" / "fitting-8.sock").touch()
    async with open_room(data):
        await (await browse()).told(state="ok")
        assert met
        await stop_listening(server)
        await asyncio.gather(*filter(None, met))


async def test_nonsense_from_web_ends_the_link_and_nothing_else(browse: Open, data: Path) -> None:
    async with open_room(data):
        for nonsense in (
            b"\xff" * 64,
            (PAYLOAD_BYTES_MAX + 1).to_bytes(4, "big") + b"\x01",
            b"\x00\x00\x00\x01\x01[",
            b"\x00\x00\x00\x02\x01{}\x00\x00\x00\x01\x03x",
        ):
            reader, writer = await asyncio.open_unix_connection(str(data / "run" / "fitting-0.sock"))
            writer.write(nonsense)
            async with asyncio.timeout(5):
                while await reader.read(4096):
                    pass
            writer.close()
        browser = await browse()
        await browser.told(state="ok")


async def test_a_link_carries_no_more_than_its_limit(data: Path) -> None:
    async with open_room(data):
        link = await Link.connect(data / "run" / "fitting-0.sock")
        assert (await link.receive() or (None,))[0] is Kind.HELLO
        await link.send(Kind.CONTROL, Control().packed())
        assert (await link.receive() or (None,))[0] is Kind.TOLD
        link.close()
