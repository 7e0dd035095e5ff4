"""A real server on a free port and real clients, for what goes over the wire."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import socketio
from aiohttp import web

from overlays.broadcast import live_server
from overlays.messages import Join, React, Refused, Say
from overlays.namespace import LiveNamespace, Stage, Viewer
from tests.viewers import Client, connect_viewer


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
        client = await connect_viewer(house.url + query)
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        await client.socket.disconnect()
