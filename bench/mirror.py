"""The mirror under load: round trip, frames a second and memory for one to N shoppers; JSON lines.

Real fitting workers, as many as this machine gets, behind the real frame socket; each shopper sends 640x480 frames as a
browser does: at most 24 a second and two in flight. Times on a shared machine are noisy, so the processor time of a
frame is also given as a ratio to pose inference alone, measured in the same run.
"""

import argparse
import asyncio
import contextlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from app import keys
from app.config import Config
from app.ledger.clock import now_ms
from app.mirror.mirrors import Mirrors
from app.mirror.socket import frame_socket
from app.processes import fitting_workers
from fitting.tracker import PoseTracker

ROOT = Path(__file__).resolve().parents[1]
FILM = ROOT / "tests" / "footage" / "person.mjpeg"
START_S = 120.0
CAMERA_FPS = 24
IN_FLIGHT = 2
# As in web/models/mirror-session.js.
LOST_S = 3.0
GARMENTS = [["tee"], ["shirt"], ["jacket"], ["dress"]]


def line(name: str, value: float, unit: str, **detail: Any) -> None:
    """Print one figure."""
    print(json.dumps({"name": name, "value": round(value, 2), "unit": unit, "detail": detail}), flush=True)


def frames() -> list[bytes]:
    """JPEGs of a person, 640x480."""
    return [b"\xff\xd8" + rest for rest in FILM.read_bytes().split(b"\xff\xd8")[1:]]


def pose_cpu_ms(model: str, film: list[bytes]) -> float:
    """Processor milliseconds of pose inference alone for one frame."""
    pictures = [np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8) for jpeg in film]
    tracker = PoseTracker(model)
    try:
        for number, picture in enumerate(pictures[:10]):
            tracker.track(picture, number + 1)
        started = time.process_time()
        for number, picture in enumerate(pictures[10:50]):
            tracker.track(picture, 1000 + number * 40)
        return (time.process_time() - started) * 1000 / 40
    finally:
        tracker.close()


@contextlib.asynccontextmanager
async def workers(data: Path, mirrors: Mirrors) -> AsyncIterator[list[psutil.Process]]:
    """Real fitting workers, warm."""
    environment = {**os.environ, "LAUFSTEG_DATA": str(data), "LAUFSTEG_DEMO": "1"}
    command = [sys.executable, "-m", "app", "fitting"]
    count = fitting_workers()
    started = time.perf_counter()
    running = [
        subprocess.Popen([*command, f"--index={n}"], cwd=ROOT, env=environment)  # noqa: ASYNC220
        for n in range(count)
    ]
    try:
        async with asyncio.timeout(START_S):
            while len(list((data / "run").glob("fitting-*.sock"))) < count or not await mirrors.pool.ready():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        line("mirror_worker_start", time.perf_counter() - started, "s", workers=count)
        yield [psutil.Process(process.pid) for process in running]
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(10)


class Shopper:
    """Sends frames as a browser does and times the answers."""

    def __init__(self, socket: ClientWebSocketResponse, film: list[bytes]) -> None:
        self.socket = socket
        self.film = film
        self.sequence = 0
        self.sent: dict[int, float] = {}
        self.round_trips: list[float] = []
        self.errors: list[str] = []
        self.free = asyncio.Event()
        self.ready = asyncio.Event()
        self.opened = time.perf_counter()

    async def listen(self) -> None:
        """Take answers until the socket closes."""
        async for message in self.socket:
            if message.type is WSMsgType.BINARY:
                (sequence,) = struct.unpack_from(">I", message.data)
                self.round_trips.append((time.perf_counter() - self.sent.get(sequence, 0)) * 1000)
                # An answer also settles older frames, which were replaced on the way.
                self.sent = {number: at for number, at in self.sent.items() if number > sequence}
            elif "wearing" in (told := json.loads(message.data)):
                self.ready.set()
            elif "error" in told:
                self.errors.append(told["error"])
            self.free.set()

    async def send(self, seconds: float) -> None:
        """Send frames for so long."""
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end:
            self.sent = {number: at for number, at in self.sent.items() if now - at < LOST_S}
            if len(self.sent) < IN_FLIGHT:
                self.sequence += 1
                self.sent[self.sequence] = now
                header = struct.pack(">II", self.sequence, int((now - self.opened) * 1000))
                await self.socket.send_bytes(header + self.film[self.sequence % len(self.film)])
                await asyncio.sleep(1 / CAMERA_FPS)
            else:
                self.free.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.free.wait(), 0.5)


async def measure(
    client: Any, count: int, seconds: float, pool: list[psutil.Process], film: list[bytes], pose_ms: float
) -> float:
    """Print what `count` shoppers get; the worker's memory in MB."""
    async with contextlib.AsyncExitStack() as sockets:
        shoppers = []
        for number in range(count):
            socket = await sockets.enter_async_context(client.ws_connect("/fitting/socket"))
            shoppers.append(Shopper(socket, film))
            await socket.send_str(json.dumps({"wear": GARMENTS[number % len(GARMENTS)]}))
        listening = [asyncio.create_task(shopper.listen()) for shopper in shoppers]
        await asyncio.gather(*(shopper.ready.wait() for shopper in shoppers))
        # The first seconds show which model the room settles on.
        await asyncio.gather(*(shopper.send(4) for shopper in shoppers))
        for shopper in shoppers:
            shopper.round_trips.clear()
        cpu, started = _cpu(pool), time.perf_counter()
        await asyncio.gather(*(shopper.send(seconds) for shopper in shoppers))
        cpu, elapsed = _cpu(pool) - cpu, time.perf_counter() - started
        memory = sum(process.memory_info().rss for process in pool) / 1e6
        for task in listening:
            task.cancel()
    errors = sorted({error for shopper in shoppers for error in shopper.errors})
    if not all(shopper.round_trips for shopper in shoppers):
        raise SystemExit(f"a shopper got no picture at all; errors: {errors or 'none'}")
    each = sorted(len(shopper.round_trips) / elapsed for shopper in shoppers)
    trips = np.array([trip for shopper in shoppers for trip in shopper.round_trips])
    detail = {
        "shoppers": count, "load": round(os.getloadavg()[0], 1),
        "fps_slowest": round(each[0], 1), "fps_quickest": round(each[-1], 1),
        "round_trip_p50_ms": round(float(np.percentile(trips, 50)), 1),
        "round_trip_p95_ms": round(float(np.percentile(trips, 95)), 1),
        "worker_cpu_ms_a_frame": round(cpu * 1000 / len(trips), 1), "workers_memory_mb": round(memory),
        "errors": errors,
    }  # fmt: skip
    line("mirror_fps_each", float(np.mean(each)), "frames/s", **detail)
    line("mirror_frame_to_pose", cpu * 1000 / len(trips) / pose_ms, "ratio", shoppers=count, pose="full, alone")
    return float(memory)


def _cpu(pool: list[psutil.Process]) -> float:
    return float(sum(sum(process.cpu_times()[:2]) for process in pool))


async def run(most: int, seconds: float) -> None:
    """Print every figure."""
    film = frames()
    pose = {model: pose_cpu_ms(model, film) for model in ("lite", "full")}
    for model, cost in pose.items():
        line("mirror_pose_cpu", cost, "ms", model=model, picture="640x480")
    with tempfile.TemporaryDirectory(prefix="lfb", dir="/tmp") as folder:
        data = Path(folder)
        (data / "run").mkdir()
        app = web.Application()
        app[keys.CONFIG] = Config(data=data, secret="b" * 32, demo=True)
        app[keys.CLOCK] = now_ms
        app[keys.MIRRORS] = mirrors = Mirrors(data / "run")
        app.router.add_get("/fitting/socket", frame_socket)
        async with workers(data, mirrors) as pool, TestClient(TestServer(app)) as client:
            memory = [await measure(client, count, seconds, pool, film, pose["full"]) for count in range(1, most + 1)]
    if most > 1:
        line("mirror_memory_a_shopper", (memory[-1] - memory[0]) / (most - 1), "MB", first=round(memory[0]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m bench.mirror", description=__doc__.partition("\n")[0])
    parser.add_argument("shoppers", nargs="?", type=int, default=4, help="at most (%(default)s)")
    parser.add_argument(
        "seconds", nargs="?", type=float, default=10.0, help="for each number of shoppers (%(default)s)"
    )
    asked = parser.parse_args()
    asyncio.run(run(asked.shoppers, asked.seconds))
