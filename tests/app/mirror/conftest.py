"""A real fitting worker process, web's end of the mirror on a real server, and browsers that speak to it."""

import asyncio
import os
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from app import keys
from app.conduct import conduct
from app.config import Config
from app.ledger.clock import now_ms
from app.metrics import METRICS, Metrics
from app.mirror.mirrors import Mirrors
from app.mirror.socket import frame_socket, say_goodbye
from fitting.pose import Bytes

ROOT = Path(__file__).resolve().parents[3]
# A worker compiles nothing here and loads two networks; a loaded machine takes its time.
START_S = 60
# Whatever a test waits for comes within this time, or the test fails.
PATIENCE_S = 20

Client = TestClient[web.Request, web.Application]


def person_frames() -> list[bytes]:
    """JPEGs of somebody who stands before a camera."""
    film = (ROOT / "tests/footage/person.mjpeg").read_bytes()
    return [b"\xff\xd8" + rest for rest in film.split(b"\xff\xd8")[1:]]


def jpeg(width: int = 128, height: int = 96, value: int = 90, *flags: int) -> bytes:
    """A plain picture."""
    done, data = cv2.imencode(".jpg", np.full((height, width, 3), value, np.uint8), flags)
    assert done
    return data.tobytes()


class WorkerProcess:
    """`python -m app fitting` with its log."""

    def __init__(self, data: Path, index: int) -> None:
        self.socket = data / "run" / f"fitting-{index}.sock"
        self.log = data / f"fitting-{index}.log"
        command = [sys.executable, "-m", "app", "fitting", f"--index={index}"]
        environment = {**os.environ, "LAUFSTEG_DATA": str(data), "LAUFSTEG_DEMO": "1"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        """Return once it listens."""
        import time

        deadline = time.monotonic() + START_S
        while not self.socket.exists():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def stop(self) -> int:
        """End it; its exit status."""
        self.process.terminate()
        return self.process.wait(10)


@pytest.fixture(scope="package")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    data = tmp_path_factory.mktemp("shop")
    (data / "run").mkdir()
    started = WorkerProcess(data, 0)
    started.wait_until_ready()
    yield started
    started.stop()


@dataclass(eq=False)
class Browser:
    """One browser at the frame socket."""

    socket: ClientWebSocketResponse
    sequence: int = 0
    texts: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, picture: bytes, *, sequence: int | None = None, timestamp_ms: int | None = None) -> int:
        """Send a frame; its sequence number."""
        number = self.sequence if sequence is None else sequence
        stamp = (number + 1) * 40 if timestamp_ms is None else timestamp_ms
        await self.socket.send_bytes(struct.pack(">II", number, stamp) + picture)
        self.sequence = max(self.sequence, number) + 1
        return number

    async def say(self, **control: Any) -> None:
        """Send a control message."""
        await self.socket.send_str(msgspec.json.encode(control).decode())

    async def answer(self) -> tuple[int, int, bytes]:
        """The next picture: sequence, timestamp, JPEG. Texts on the way are kept."""
        while True:
            message = await self.socket.receive(timeout=PATIENCE_S)
            if message.type is WSMsgType.BINARY:
                sequence, timestamp_ms = struct.unpack_from(">II", message.data)
                return sequence, timestamp_ms, message.data[8:]
            self._keep(message)

    async def told(self, **members: Any) -> dict[str, Any]:
        """The first text, already here or to come, that has these members."""
        while True:
            for text in self.texts:
                if members.items() <= text.items():
                    self.texts.remove(text)
                    return text
            message = await self.socket.receive(timeout=PATIENCE_S)
            if message.type is not WSMsgType.BINARY:
                self._keep(message)

    async def closed(self) -> int | None:
        """The code with which the server closes the socket."""
        while True:
            message = await self.socket.receive(timeout=PATIENCE_S)
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                return self.socket.close_code

    def _keep(self, message: Any) -> None:
        assert message.type is WSMsgType.TEXT, f"the socket closed with {self.socket.close_code}"
        self.texts.append(msgspec.json.decode(message.data))


def mirror_app(config: Config) -> web.Application:
    """Web's end of the mirror and nothing else."""
    app = web.Application(middlewares=[conduct])
    app[METRICS] = Metrics()
    app[keys.CONFIG], app[keys.CLOCK] = config, now_ms
    app[keys.MIRRORS] = Mirrors(config.data / "run")
    app.router.add_get("/fitting/socket", frame_socket)
    app.on_shutdown.append(say_goodbye)
    return app


Open = Callable[..., Awaitable[Browser]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder that web looks for workers in; a test of the real worker overrides it."""
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.fixture
async def client(data: Path) -> AsyncIterator[Client]:
    async with TestClient(TestServer(mirror_app(Config(data=data, secret="s" * 32)))) as opened:
        yield opened


@pytest.fixture
async def browse(client: Client) -> AsyncIterator[Open]:
    """Opens browsers; each is a shopper of their own unless headers carry a cookie."""
    opened: list[Browser] = []

    async def open_browser(**options: Any) -> Browser:
        browser = Browser(await client.ws_connect("/fitting/socket", **options))
        opened.append(browser)
        return browser

    yield open_browser
    for browser in opened:
        await browser.socket.close()


def picture(data: bytes) -> Bytes:
    """The pixels of a JPEG."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for knows no event
            await asyncio.sleep(0.005)
