"""Web processes with the show's part of the routing table, on a real ledger and a real Redis, and viewers."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from app import keys
from app.catalogue.folder import DEMO_FOLDER
from app.catalogue.importer import import_catalogue
from app.chat import handlers as chat
from app.conduct import conduct
from app.config import Config
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.media.places import folder_of, socket_path
from app.metrics import METRICS, Metrics
from app.resources import gate, ledger, media
from app.show import begin, handlers, socket
from tests.servers import short_folder
from tests.viewers import Client, connect_viewer

TOKEN = "a-token-for-automation"
HOST = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class Camera:
    """Stands where the media process is: writes its state file and answers "now" on its socket."""

    data: Path
    now_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    live: bool = True
    source: str | None = "film"
    loop_ms: int = 0
    runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/now/{event}", self._now)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        socket_path(self.data).parent.mkdir(parents=True)
        await web.UnixSite(self.runner, str(socket_path(self.data))).start()
        self.loop_ms = self.now_ms
        self.write()

    async def stop(self) -> None:
        assert self.runner
        await self.runner.cleanup()

    async def _now(self, request: web.Request) -> web.Response:
        return web.json_response({"now_ms": self.now_ms, "live": self.live, "source": self.source})

    def write(self) -> None:
        folder = folder_of(self.data, "gala")
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            "live": self.live, "source": self.source, "newest_ms": self.now_ms, "boot": 1,
            "film": {"loop_ms": self.loop_ms, "duration_ms": 24_000},
        }  # fmt: skip
        (folder / "new.json").write_text(json.dumps(state))
        (folder / "new.json").replace(folder / "state.json")

    def advance(self, by_ms: int) -> None:
        self.now_ms += by_ms
        self.write()


@dataclass
class Process:
    """One web process."""

    app: web.Application
    runner: web.AppRunner
    url: str

    async def stop(self) -> None:
        await self.runner.cleanup()


@dataclass
class House:
    """A shop of one or more web processes."""

    config: Config
    camera: Camera
    http: aiohttp.ClientSession
    processes: list[Process] = field(default_factory=list)
    viewers: list[Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.processes[0].url

    @property
    def app(self) -> web.Application:
        return self.processes[0].app

    async def open(self) -> Process:
        app = web.Application(middlewares=[conduct])
        app[keys.CONFIG] = self.config
        app[keys.CLOCK] = lambda: time.time_ns() // 1_000_000
        app[METRICS] = Metrics()
        app.cleanup_ctx.extend((ledger, gate, media))
        begin.install(app)
        app.add_routes(
            [
                web.get("/api/events", handlers.list_events),
                web.get("/api/events/{event}", handlers.show_event),
                web.post("/api/events/{event}/cues", handlers.post_cue),
                web.delete("/api/events/{event}/cues/{id}", handlers.delete_cue),
                web.post("/api/events/{event}/state", handlers.post_state),
                web.get("/api/events/{event}/rundown", handlers.rundown),
                web.put("/api/events/{event}/autopilot", handlers.put_autopilot),
                web.get("/api/events/{event}/stream-key", handlers.stream_key),
                web.post("/api/events/{event}/stream-key", handlers.stream_key),
                web.post("/api/events/{event}/said/{id}/hide", chat.hide),
                web.get("/socket.io/", socket.connect),
                web.post("/socket.io/", socket.connect),
            ]
        )
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        process = Process(app, runner, f"http://{host}:{port}")
        self.processes.append(process)
        return process

    async def viewer(self, url: str | None = None, **headers: str) -> Client:
        client = await connect_viewer(url or self.url, headers)
        self.viewers.append(client)
        return client

    async def watch(self, url: str | None = None) -> tuple[Client, Any]:
        client = await self.viewer(url)
        return client, await client.ask("join", {"event": "gala"})

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """A call of the host's; pass Authorization="" for a stranger's."""
        sent = {key: value for key, value in {**HOST, **headers}.items() if value}
        async with self.http.request(method, self.url + path, json=body, headers=sent) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    async def cue(self, **members: Any) -> Any:
        status, answer = await self.call("POST", "/api/events/gala/cues", {"products": ["tee"], **members})
        assert status == 201, answer
        return answer

    @property
    def ledger(self) -> Ledger:
        return self.app[keys.LEDGER]


@pytest.fixture(scope="session")
def stocked_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database with the demo's catalogue."""
    path = tmp_path_factory.mktemp("stocked") / "ledger.db"
    shutil.copy(migrated_file, path)

    async def fill() -> None:
        opened = Ledger(f"sqlite+aiosqlite:///{path}")
        await import_catalogue(opened, DEMO_FOLDER)
        await begin.import_events(Config(demo=True), opened, now_ms)
        await opened.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def closed_house(stocked_file: Path, redis_url: str) -> AsyncIterator[House]:
    """A shop whose camera runs and whose web processes are not open yet."""
    with short_folder() as data:
        shutil.copy(stocked_file, data / "ledger.db")
        config = Config(data=data, secret="s" * 32, host_token=TOKEN, demo=True, redis_url=redis_url)
        async with aiohttp.ClientSession() as http:
            made = House(config, Camera(data), http)
            await made.camera.start()
            yield made
            for client in made.viewers:
                await client.socket.disconnect()
            for process in made.processes:
                await process.stop()
            await made.camera.stop()


@pytest.fixture
async def house(closed_house: House) -> House:
    """A shop with one web process."""
    await closed_house.open()
    return closed_house
