"""The whole shop, as an operator starts it, over its public interface only."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.running_shop import Shop


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    with tempfile.TemporaryDirectory(prefix="laufsteg-") as folder:
        running = Shop(Path(folder) / "data")
        running.start()
        yield running
        running.stop()


@pytest.fixture
async def shopper(shop: Shop) -> AsyncIterator[aiohttp.ClientSession]:
    """A new shopper's browser: a cookie jar, no token."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{shop.port}", cookie_jar=jar) as session:
        yield session
