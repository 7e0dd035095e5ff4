"""The whole shop, as an operator starts it, over its public interface only; on PostgreSQL, which refuses more."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.running_shop import Shop
from tests.servers import Postgres


@pytest.fixture(scope="session")
def shop(postgres: Postgres) -> Iterator[Shop]:
    postgres.run("CREATE DATABASE whole")
    with tempfile.TemporaryDirectory(prefix="laufsteg-") as folder:
        running = Shop(Path(folder) / "data", {"DATABASE_URL": postgres.url("whole")})
        running.start()
        yield running
        running.stop()


@pytest.fixture
async def shopper(shop: Shop) -> AsyncIterator[aiohttp.ClientSession]:
    """A new shopper's browser: a cookie jar, no token."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{shop.port}", cookie_jar=jar) as session:
        yield session
