"""A real server on a free port and real clients, for what goes over the wire."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import socketio
from aiohttp import web

from overlays.broadcast import live_server
from overlays.messages import Join, React, Refused, Say
from overlays.namespace import LiveNamespace, Stage, Viewer


async def eventually(condition: Callable[[], object]) -> None:
    """Wait for something that another connection brings about."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing in the product announces it
            await asyncio.sleep(0.005)


@dataclass
class Recorder:
    """Handlers that remember what they were asked and know one event."""

    seen: list[tuple[str, Any]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    async def admit(self, environ: Mapping[str, Any]) -> str:
        if "refuse" in environ["QUERY_STRING"]:
            raise Refused("full", "The room is full.")
        return "shopper"

    async def open(self, event: str) -> None:
        if event == "broken":
            raise RuntimeError("a bug")
        if event not in ("gala", "matinee"):
            raise Refused("unknown-event", "There is no such event.")

    def joined(self, viewer: Viewer, message: Join) -> object:
        self.seen.append(("join", message))
        return {"event": message.event, "seq": 0}

    async def react(self, viewer: Viewer, message: React) -> object:
        self.seen.append(("react", message))
        return {"ok": True}

    async def say(self, viewer: Viewer, message: Say) -> object:
        self.seen.append(("say", message))
        return {"ok": True}

    def left(self, viewer: Viewer) -> None:
        self.gone.append(viewer.sid)


@dataclass
class House:
    """A running server."""

    url: str
    server: socketio.AsyncServer
    stage: Stage
    handlers: Recorder


@dataclass
class Client:
    """A python-socketio client that remembers what it heard."""

    socket: socketio.AsyncClient
    heard: list[tuple[str, Any]] = field(default_factory=list)

    async def ask(self, event: str, data: Any = None) -> Any:
        return await self.socket.call(event, data, namespace="/live", timeout=5)

    async def until(self, count: int) -> list[tuple[str, Any]]:
        await eventually(lambda: len(self.heard) >= count)
        return self.heard


Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    handlers = Recorder()
    server = live_server(backlog_cap=64 * 1024)
    server.register_namespace(LiveNamespace(handlers))
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield House(f"http://{host}:{port}", server, Stage(server), handlers)
    await server.shutdown()
    await runner.cleanup()


@pytest.fixture
async def connect(house: House) -> AsyncIterator[Connect]:
    clients: list[Client] = []

    async def open_client(query: str = "") -> Client:
        client = Client(socketio.AsyncClient(reconnection=False))

        async def hear(event: str, *data: Any) -> None:
            client.heard.append((event, data[0] if len(data) == 1 else data))

        client.socket.on("*", hear, namespace="/live")
        clients.append(client)
        await client.socket.connect(house.url + query, namespaces=["/live"], transports=["websocket"])
        return client

    yield open_client
    for client in clients:
        await client.socket.disconnect()
