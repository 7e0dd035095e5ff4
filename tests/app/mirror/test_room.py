"""The fitting room: who is in, who waits, who is dressed how, and what misfortune does to them."""

import asyncio
import time
from pathlib import Path

import pytest

from app.mirror.room import FAILURES_MAX, IDLE_S
from fitting.pose import Bytes
from tests.app.mirror.conftest import Open, jpeg, until
from tests.app.mirror.mannequin import PICTURE, open_room


async def test_who_comes_too_late_waits_with_a_position_and_is_let_in(browse: Open, data: Path) -> None:
    async with open_room(data, limit=1):
        first = await browse()
        await first.told(state="ok")
        second, third = await browse(), await browse()
        await second.told(state="busy", position=1)
        await third.told(state="busy", position=2)
        await first.socket.close()
        await second.told(state="ok")
        await third.told(state="busy", position=1)
        await second.send(PICTURE)
        await second.answer()


async def test_who_waits_may_still_choose_what_to_wear(browse: Open, data: Path) -> None:
    async with open_room(data, limit=1) as shop:
        first, second = await browse(), await browse()
        await second.told(state="busy", position=1)
        await second.say(wear=["dress"])
        await second.send(PICTURE)  # nobody works on it, and nothing breaks
        await first.socket.close()
        await second.told(wearing=["dress"])
        assert shop.sessions[-1].worn == ["dress"]


async def test_who_sends_nothing_makes_room_only_when_others_wait(browse: Open, data: Path) -> None:
    async with open_room(data, limit=1) as shop:
        shop.seconds = 1000.0
        idle = await browse()
        await idle.told(state="ok")
        shop.seconds += 10 * IDLE_S
        await asyncio.sleep(0.6)
        assert not shop.sessions[0].closed
        waiting = await browse()
        await waiting.told(state="ok")
        await idle.told(state="busy", position=1)
        await until(lambda: shop.sessions[0].closed)


async def test_a_frame_that_fails_is_answered_and_a_session_that_keeps_failing_is_made_anew(
    browse: Open, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def work(frame: Bytes) -> None:
        if frame[0, 0, 0] > 128:
            raise RuntimeError("the network choked")

    async with open_room(data, work=work) as shop:
        browser = await browse()
        await browser.say(wear=["tee"])
        await browser.told(wearing=["tee"])
        for number in range(FAILURES_MAX):
            await browser.send(jpeg(128, 96, 250))
            assert await browser.told(error="failed") == {"error": "failed", "sequence": number}
        await until(lambda: len(shop.sessions) == 2 and shop.sessions[1].worn == ["tee"] and shop.sessions[0].closed)
        await browser.send(PICTURE)
        await browser.answer()
    assert "could not be fitted" in caplog.text


async def test_size_advice_is_told_when_it_changes_and_the_chosen_size_is_drawn_against_it(
    browse: Open, data: Path
) -> None:
    async with open_room(data) as shop:
        browser = await browse()
        await browser.say(wear=["tee"], sizes={"tee": "XL"})
        await browser.send(PICTURE)
        await browser.answer()
        assert browser.texts[-1].keys() != {"advice"}
        await browser.say(height_cm=181.5)
        await browser.told(wearing=["tee"])
        await browser.send(PICTURE)
        assert await browser.told(advice=[{"garment": "tee", "sizes": ["M", "L"], "reason": "whole-body"}])
        await until(lambda: shop.sessions[0].fitted == ({"tee": "XL"}, {"tee": "L"}))
        for _ in range(30):
            await browser.send(PICTURE)
            await browser.answer()
        assert not any("advice" in text for text in browser.texts)
        await browser.say(height_cm=160)
        await browser.send(PICTURE)
        await browser.told(advice=[{"garment": "tee", "sizes": ["S"], "reason": "upper-body"}])


async def test_a_worker_that_stops_closes_every_session(browse: Open, data: Path) -> None:
    async with open_room(data, work=lambda frame: time.sleep(0.1)) as shop:
        browser = await browse()
        await browser.told(state="ok")
        await browser.send(PICTURE)
        await asyncio.sleep(0.05)
    assert shop.sessions[0].closed


async def test_leaving_closes_the_session(browse: Open, data: Path) -> None:
    async with open_room(data) as shop:
        browser = await browse()
        await browser.told(state="ok")
        await browser.socket.close()
        await until(lambda: shop.sessions[0].closed)
