"""The gate's tests run on both servers that are named in the documents."""

from collections.abc import Iterator

import pytest

from tests.servers import RedisServer, short_folder


@pytest.fixture(scope="session", params=["redis", "valkey"])
def shared_redis(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """One Redis, and then one Valkey, for all tests here that do not harm it."""
    with short_folder() as folder:
        server = RedisServer(folder, request.param)
        server.start()
        yield server
        server.kill()
