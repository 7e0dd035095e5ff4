"""Viewers of a show, as a page's socket sees it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import socketio

# Whoever waits this long for an answer has found a fault.
PATIENCE_S = 10


async def eventually(condition: Callable[[], object]) -> None:
    """Wait for something that another connection brings about."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - nothing in the product announces it
            await asyncio.sleep(0.005)


@dataclass
class Client:
    """A python-socketio client that remembers what it heard."""

    socket: socketio.AsyncClient
    heard: list[tuple[str, Any]] = field(default_factory=list)

    async def ask(self, event: str, data: Any = None) -> Any:
        return await self.socket.call(event, data, namespace="/live", timeout=PATIENCE_S)

    def named(self, name: str) -> list[Any]:
        """What the messages of that name said, in the order of arrival."""
        return [data for heard, data in self.heard if heard == name]

    async def until(self, count: int, name: str | None = None) -> list[tuple[str, Any]]:
        """What was heard, as soon as it contains `count` messages (of that name)."""
        await eventually(lambda: sum(name in (None, heard) for heard, _ in self.heard) >= count)
        return self.heard


async def connect_viewer(url: str, headers: dict[str, str] | None = None) -> Client:
    """A connected client that has not joined yet."""
    client = Client(socketio.AsyncClient(reconnection=False))

    async def hear(event: str, *data: Any) -> None:
        client.heard.append((event, data[0] if len(data) == 1 else data))

    client.socket.on("*", hear, namespace="/live")
    await client.socket.connect(
        url, headers or {}, namespaces=["/live"], transports=["websocket"], wait_timeout=PATIENCE_S
    )
    return client
