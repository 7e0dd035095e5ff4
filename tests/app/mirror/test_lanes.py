"""Load in the fitting room: one shopper is slow, all are too many, a lane hangs."""

import asyncio
import threading
import time
from pathlib import Path

import pytest

from app.mirror.lanes import STUCK_S
from app.mirror.room import Room, RoomStuck
from fitting.pose import Bytes
from tests.app.mirror.conftest import Browser, Open, jpeg, until
from tests.app.mirror.mannequin import PICTURE, Mannequin, listening, open_room


async def test_one_shoppers_slowness_slows_nobody_else(browse: Open, data: Path) -> None:
    def work(frame: Bytes) -> None:
        if frame[0, 0, 0] > 128:
            time.sleep(0.2)

    async with open_room(data, lanes=1, limit=4, work=work):
        slow, quick = await browse(), await browse()
        await asyncio.gather(slow.told(state="ok"), quick.told(state="ok"))
        answers = {slow: 0, quick: 0}

        async def run(browser: Browser, picture: bytes) -> None:
            await browser.send(picture)
            while answers[quick] < 60:
                await browser.send(picture)
                await browser.answer()
                answers[browser] += 1

        async with asyncio.timeout(15), asyncio.TaskGroup() as both:
            both.create_task(run(slow, jpeg(128, 96, 250)))
            both.create_task(run(quick, PICTURE))
        assert answers[quick] == 60
        assert answers[slow] < 20


async def test_a_browser_that_reads_nothing_holds_up_nobody(browse: Open, data: Path) -> None:
    async with open_room(data, lanes=1, limit=4):
        stalled, lively = await browse(), await browse()
        await lively.told(state="ok")
        large = jpeg(1280, 720)
        for _ in range(55):
            await stalled.send(large)
        for _ in range(20):
            await lively.send(PICTURE)
            await lively.answer()


async def test_overload_brings_everybody_the_lighter_model(browse: Open, data: Path) -> None:
    async with open_room(data, lanes=1, limit=4, work=lambda frame: time.sleep(0.05)) as shop:
        browsers = [await browse(), await browse()]
        for browser in browsers:
            await browser.say(wear=["tee"])
            await browser.told(wearing=["tee"])
        assert [session.model for session in shop.sessions] == ["full", "full"]
        async with asyncio.timeout(15):
            while len(shop.sessions) < 4 or not all(session.closed for session in shop.sessions[:2]):
                for browser in browsers:
                    await browser.send(PICTURE)
                    await browser.answer()
        assert [(session.model, session.worn) for session in shop.sessions[2:]] == [("lite", ["tee"])] * 2


def void(value: object) -> None:
    """A lambda's way to return nothing."""


async def test_a_lane_that_never_comes_back_ends_the_worker(browse: Open, data: Path) -> None:
    block = threading.Event()
    made = Mannequin("full", lambda frame: void(block.wait(20)))
    clock = [100.0]
    room = Room(lambda model: made, 1, now=lambda: clock[0])
    async with listening(room, data, stuck=True):
        browser = await browse()
        await browser.told(state="ok")
        await browser.send(PICTURE)
        await until(lambda: bool(room._lanes._working))
        clock[0] += STUCK_S + 1
        with pytest.raises(RoomStuck):
            await room.tend()
    # What a hanging lane uses is not touched; the process ends.
    assert not made.closed
    block.set()
