"""One event to many viewers: server CPU a delivery, time to the last viewer, memory and CPU a connection; JSON lines.

Run: python -m bench.push [CLIENTS]

Ours beside python-socketio as it comes, in turns on the same machine; medians. The server runs on one core and the load
client, whose CPU is not counted, on another. An event is 319 bytes on the wire.
"""

import asyncio
import json
import multiprocessing
import os
import statistics
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import aiohttp
import psutil
import socketio
import uvloop
from aiohttp import web

from overlays import broadcast
from overlays.frames import event_frame

EVENT = {"id": "cue_0123456789abcdef012345", "kind": "product", "text": "x" * 239}
FRAME = event_frame("/", "overlay", json.dumps(EVENT, separators=(",", ":")).encode()).replace(b'42/,["', b'42["')
EVENTS, EVERY_S = 40, 0.1
ALONE, ALONE_EVERY_S = 10, 0.4
ROUNDS = 3
_HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def serve(kind: str, port: "multiprocessing.Queue[int]") -> None:
    """A server of `kind` (ours or stock), alone on the first core."""
    _pin(first=True)

    async def run() -> None:
        server: Any = broadcast.live_server() if kind == "ours" else socketio.AsyncServer(async_mode="aiohttp")

        async def connect(sid: str, environ: object, auth: object) -> None:
            await server.enter_room(sid, "show")

        async def emit(request: web.Request) -> web.Response:
            begun = time.monotonic()
            await server.emit("overlay", EVENT, room="show")
            return web.json_response(begun)

        server.on("connect", connect)
        app = web.Application()
        server.attach(app)
        app.router.add_post("/emit", emit)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
        port.put(runner.addresses[0][1])
        await asyncio.Event().wait()

    uvloop.run(run())


@dataclass
class Audience:
    """All clients of the load process together: how many are in, and what they received."""

    inside: int = 0
    received: int = 0
    last_at: float = 0.0
    members: list[asyncio.BaseTransport] = field(default_factory=list)


class Viewer(asyncio.Protocol):
    """One client: answers nothing but the handshake, and counts."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._head = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._audience.members.append(transport)
        self._transport.write(_HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        """Shake hands, then only count."""
        if self._transport is None:
            self._audience.received += len(data)
            self._audience.last_at = time.monotonic()
            return
        opened = b"0{" in self._head
        self._head += data
        if b"40{" in self._head:
            self._audience.inside += 1
            self._transport, self._head = None, b""
        elif b"0{" in self._head and not opened:
            self._transport.write(struct.pack("!BBI", 0x81, 0x82, 0) + b"40")


@dataclass(frozen=True)
class Round:
    """What one server needed."""

    connect_cpu_ms: float
    memory_kb: float
    cpu_us: float
    last_ms: list[float]


async def measure(port: int, server: psutil.Process, clients: int) -> Round:
    """Fill the house, send a stream of events, then single ones."""
    audience, loop = Audience(), asyncio.get_running_loop()
    memory, cpu = server.memory_info().rss, _cpu(server)
    for begin in range(0, clients, 50):
        entering = range(begin, min(clients, begin + 50))
        await asyncio.gather(*(loop.create_connection(lambda: Viewer(audience), "127.0.0.1", port) for _ in entering))
        await _reached(partial(_inside, audience, entering.stop))
    connect_cpu_ms = (_cpu(server) - cpu) * 1000 / clients
    memory_kb = (server.memory_info().rss - memory) / 1024 / clients
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        await _send(http)
        await _reached(lambda: audience.received >= clients * len(FRAME))
        audience.received, cpu = 0, _cpu(server)
        for _ in range(EVENTS):
            await _send(http)
            await asyncio.sleep(EVERY_S)
        await _reached(lambda: audience.received >= EVENTS * clients * len(FRAME))
        cpu_us = (_cpu(server) - cpu) * 1e6 / EVENTS / clients
        last_ms = []
        for _ in range(ALONE):
            audience.received = 0
            begun = await _send(http)
            await _reached(lambda: audience.received >= clients * len(FRAME))
            last_ms.append((audience.last_at - begun) * 1000)
            await asyncio.sleep(ALONE_EVERY_S)
    for member in audience.members:
        member.close()
    return Round(connect_cpu_ms, memory_kb, cpu_us, last_ms)


def compare(clients: int) -> None:
    """Ours and stock in turns; print the medians."""
    rounds: dict[str, list[Round]] = {"ours": [], "stock": []}
    context = multiprocessing.get_context("spawn")
    for _ in range(ROUNDS):
        for kind, results in rounds.items():
            port: multiprocessing.Queue[int] = context.Queue()
            process = context.Process(target=serve, args=(kind, port), daemon=True)
            process.start()
            assert process.pid is not None
            results.append(uvloop.run(measure(port.get(timeout=30), psutil.Process(process.pid), clients)))
            process.kill()
            process.join()
    figures: dict[str, tuple[str, Callable[[Round], float]]] = {
        "push_cpu_per_delivery": ("us", lambda result: result.cpu_us),
        "push_time_to_last_viewer": ("ms", lambda result: statistics.median(result.last_ms)),
        "push_memory_per_connection": ("kB", lambda result: result.memory_kb),
        "push_cpu_per_connect": ("ms", lambda result: result.connect_cpu_ms),
    }
    for name, (unit, pick) in figures.items():
        ours, stock = (statistics.median(pick(result) for result in rounds[kind]) for kind in ("ours", "stock"))
        detail = {"clients": clients, "bytes": len(FRAME), "stock_python_socketio": round(stock, 2)}
        print(json.dumps({"name": name, "value": round(ours, 2), "unit": unit, "detail": detail}), flush=True)


def _pin(*, first: bool) -> None:
    """One core for the server and another one for its clients, where the system lets us."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {0 if first else (os.cpu_count() or 1) - 1})


def _inside(audience: Audience, count: int) -> bool:
    return audience.inside >= count


async def _send(http: aiohttp.ClientSession) -> float:
    async with http.post("/emit") as answer:
        return float(await answer.json())


async def _reached(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not condition():  # noqa: ASYNC110 - the clients count, they do not signal
            await asyncio.sleep(0.002)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    _pin(first=False)
    compare(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
