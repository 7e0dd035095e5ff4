"""A media process, and the way to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from app.config import Config
from app.media.client import MediaClient, MediaState
from app.media.process import MediaProcess, serving
from tests.servers import short_folder

Until = Callable[[str, Callable[[MediaState], bool]], Awaitable[MediaState]]


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder with a path that is short enough for Unix sockets."""
    with short_folder() as folder:
        yield folder


@pytest.fixture
async def media(data: Path) -> AsyncIterator[MediaProcess]:
    """A media process within the test's own."""
    async with serving(Config(data=data)) as process:
        yield process


@pytest.fixture
async def client(data: Path) -> AsyncIterator[MediaClient]:
    """The web side's client."""
    opened = MediaClient(data)
    yield opened
    await opened.close()


@pytest.fixture
def until(client: MediaClient) -> Until:
    """Wait until an event's state, as the web processes read it, fulfils a condition."""

    async def wait(event: str, condition: Callable[[MediaState], bool]) -> MediaState:
        state = client.state(event)
        for _ in range(600):
            state = client.state(event)
            if condition(state):
                return state
            await asyncio.sleep(0.025)
        raise AssertionError(f"did not come: {state}")

    return wait
