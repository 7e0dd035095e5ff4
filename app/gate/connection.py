"""The connection to Redis: bounded pools that wait instead of raising, and one clear error when Redis is away."""

import contextlib
from collections.abc import Iterator

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import (
    BusyLoadingError,
    ConnectionError,
    MaxConnectionsError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
)

from app.errors import Unavailable

# Scripts decide whole batches, so a handful of connections carries thousands of requests a second.
COMMAND_CONNECTIONS = 16
# Each followed event blocks a connection while it waits for news.
FOLLOW_CONNECTIONS = 256
# Loopback answers in microseconds; a machine across the room in a millisecond. Beyond this it is away.
ANSWER_TIMEOUT_S = 3.0
CONNECT_TIMEOUT_S = 1.0
POOL_TIMEOUT_S = 5.0


class GateDown(Unavailable):
    """Redis does not answer; nothing is lost, and holds pause until it does."""

    slug = "busy"

    def __init__(self, detail: str = "Reservations pause for a moment; please try again shortly.") -> None:
        super().__init__(detail)


class Gate:
    """The process's connections to one Redis. Everything in `app/gate/` takes one of these."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._scripts: dict[str, AsyncScript] = {}
        # One retry finds a fresh connection after a restart; every script of ours may run twice.
        self.commands = _client(url, COMMAND_CONNECTIONS, ANSWER_TIMEOUT_S, retries=1)
        # A blocked read is silent by design: its own BLOCK bounds it, a dead peer is found by the margin.
        # No retry: who follows has to know that Redis may be another one now.
        self.follows = _client(url, FOLLOW_CONNECTIONS, ANSWER_TIMEOUT_S + 10.0, retries=0)

    def script(self, text: str) -> AsyncScript:
        """The Lua script `text`, sent once and called by its hash afterwards."""
        if text not in self._scripts:
            self._scripts[text] = self.commands.register_script(text)
        return self._scripts[text]

    async def ping(self) -> None:
        """Return when Redis answers. Raises GateDown."""
        with down():
            await self.commands.ping()

    async def close(self) -> None:
        """Close every connection."""
        await self.commands.aclose(close_connection_pool=True)
        await self.follows.aclose(close_connection_pool=True)


@contextlib.contextmanager
def down() -> Iterator[None]:
    """Turn every way in which Redis can be away into GateDown."""
    try:
        yield
    except (ConnectionError, TimeoutError, OSError, BusyLoadingError, MaxConnectionsError, ReadOnlyError) as error:
        raise GateDown from error
    except ResponseError as error:
        # A full or failing-over Redis refuses writes by words; everything else is a mistake of ours.
        if str(error).startswith(("OOM", "MASTERDOWN", "CLUSTERDOWN", "MISCONF", "NOREPLICAS")):
            raise GateDown from error
        raise


def _client(url: str, connections: int, timeout_s: float, retries: int) -> Redis:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=POOL_TIMEOUT_S,
        socket_timeout=timeout_s,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        retry=Retry(NoBackoff(), retries),
        protocol=2,
    )
    return Redis(connection_pool=pool)
