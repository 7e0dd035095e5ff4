import asyncio

import pytest

from app.deadline import within


async def test_what_is_there_at_once_is_returned() -> None:
    async def at_once() -> int:
        return 7

    assert await within(0.0, at_once()) == 7


async def test_what_takes_a_while_is_waited_for() -> None:
    async def later() -> str:
        heard = []
        for _ in range(3):
            await asyncio.sleep(0)
            heard.append(await asyncio.sleep(0, "word"))
        return " ".join(heard)

    assert await within(60.0, later()) == "word word word"


async def test_what_takes_too_long_is_cancelled() -> None:
    ended = []

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(TimeoutError):
        await within(0.01, never())
    assert ended == [True]


async def test_an_error_is_an_error_before_and_after_waiting() -> None:
    async def fails(waits: bool) -> None:
        if waits:
            await asyncio.sleep(0)
        raise KeyError

    for waits in (False, True):
        with pytest.raises(KeyError):
            await within(60.0, fails(waits))


async def test_what_is_cancelled_from_outside_stays_cancelled() -> None:
    waiting = asyncio.create_task(within(60.0, asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
