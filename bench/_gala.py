"""A gala's minute for the push benchmark: 6 cues, a drop with 20 stock changes a second, 10 chat lines and 50 reactions
a second, and 1 % of the viewers leaving and as many coming a second. Ours is the whole web process; Node is plain.
"""

import contextlib
import http.client
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import psutil
import redis

from app.gate.events import KEPT, stream_key
from app.show.envelope import envelope
from bench._audience import Audience
from bench._contest import COMMANDS, Server, serving
from bench._push_server import HOST_TOKEN
from bench._viewer import Viewer
from overlays.messages import StockMessage, body
from tests.servers import RedisServer, short_folder

TICK_S = 0.02
CUE_EVERY_S = 10.0
STOCK_PER_S, SAID_PER_S, REACTED_PER_S, MOVING_PER_S = 20.0, 10.0, 50.0, 0.01
CHANGES_PER_S = STOCK_PER_S + SAID_PER_S + REACTED_PER_S
# What the door of one web process lets in.
ENTERING_PER_S = 400.0
# A cue that has not come by then counts as so late.
CUE_PATIENCE_S = 10.0
# Nothing more comes for so long: the server has caught up.
QUIET_S = 1.0
KINDS = ("heart", "applause", "fire", "wow")

Tell = Callable[[Audience], None]


@dataclass(frozen=True)
class Minute:
    """What it took. Cues are timed from the host's request to the first viewer and to 99 of 100; `written_ms` is what
    the server itself counts from a cue's publication to its last write, on average."""

    cpu_us_per_viewer_second: float
    first_ms: list[float]
    last_ms: list[float]
    watching: int
    lost: int
    memory_mb: float
    empty_mb: float
    entrance_cpu_us: float
    client_core: float
    written_ms: float = 0.0
    redis_cpu_us_per_change: float = 0.0


def cues(minute: Minute) -> dict[str, float]:
    """How late cues were, from the host's request, and by the server's own figures."""
    return {
        "cue_to_first_viewer_ms": round(statistics.median(minute.first_ms), 1),
        "cue_to_last_viewer_ms": round(statistics.median(minute.last_ms), 1),
        "slowest_cue_ms": round(max(minute.last_ms), 1),
        "published_to_last_write_ms": minute.written_ms,
        "load_client_core_share": round(minute.client_core, 2),
    }


def gala_seconds(seconds: float) -> float:
    """At least long enough for a cue."""
    return max(2.0, seconds)


def gala_node(clients: int, seconds: float) -> Minute:
    """Node: a viewer is the host, and every change is an event to everybody."""
    number = 0

    def stock(audience: Audience) -> None:
        nonlocal number
        number += 1
        audience.emit(audience.viewers[0], "stock", {"drop": "drp_1", "left": 5000 - number})

    def cue(audience: Audience) -> None:
        told = {"seq": 1, "id": "cue_0123456789ab", "kind": "product", "products": ["tee"], "duration_ms": 8000}
        audience.emit(audience.viewers[0], "cue", {**told, "at_ms": time.time_ns() // 1_000_000})

    with serving(COMMANDS["node"]) as server:
        return _minute(server, Audience(server.port), clients, seconds, stock, cue)


def gala_ours(clients: int, seconds: float) -> Minute:
    """Ours: the host's API, the stream between processes, and a worker's stock messages."""
    with shop() as (server, broker, store), Host(server.port) as host:
        number = 0

        def stock(audience: Audience) -> None:
            nonlocal number
            number += 1
            message = StockMessage("drp_1", 5000 - number)
            entry: Any = {b"m": envelope(message.name, body(message))}
            broker.xadd(stream_key("gala"), entry, maxlen=KEPT, approximate=True)

        before = store.cpu_times()
        minute = _minute(
            server, Audience(server.port, "/live"), clients, seconds, stock, lambda _: host.show(), host.shown
        )
        after = store.cpu_times()
        used = after.user + after.system - before.user - before.system
        return replace(
            minute, written_ms=host.written_ms(), redis_cpu_us_per_change=used * 1e6 / seconds / CHANGES_PER_S
        )


class Host:
    """Shows cues through the API without waiting for the answer, while the audience has to be read."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def show(self) -> None:
        """Ask for a cue."""
        body = json.dumps({"products": ["tee"], "at_ms": time.time_ns() // 1_000_000})
        headers = {"Authorization": f"Bearer {HOST_TOKEN}", "Content-Type": "application/json"}
        self._connection.request("POST", "/api/events/gala/cues", body, headers)

    def shown(self) -> None:
        """Take the answer."""
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status == 201, text

    def written_ms(self) -> float:
        """From an announcement's publication to its last write on average, as the server's own figures say."""
        self._connection.request("GET", "/metrics")
        lines = self._connection.getresponse().read().decode().splitlines()
        name = "laufsteg_live_announcement_seconds"
        figures = {key: float(value) for key, value in (line.split(" ") for line in lines if line.startswith(name))}
        return round(figures[f"{name}_sum"] / figures[f"{name}_count"] * 1000, 1)


@contextlib.contextmanager
def shop() -> Iterator[tuple[Server, "redis.Redis", psutil.Process]]:
    """A web process with a Redis of its own, its connection and its process."""
    with short_folder() as folder:
        store = RedisServer(folder)
        store.start()
        try:
            command = [sys.executable, "-m", "bench._push_server", "shop", str(folder), store.url]
            with serving(command) as server, redis.Redis.from_url(store.url) as broker:
                assert store.process is not None
                yield server, broker, psutil.Process(store.process.pid)
        finally:
            store.kill()


def _minute(
    server: Server,
    audience: Audience,
    clients: int,
    seconds: float,
    stock: Tell,
    cue: Tell,
    shown: Callable[[], object] = lambda: None,
) -> Minute:
    empty_mb, empty_cpu = server.memory_kb() / 1024, server.cpu_s()
    audience.entered = lambda viewer: audience.emit(viewer, "join", {"event": "gala"}, 1)
    audience.fill(clients, ENTERING_PER_S)
    audience.until(lambda: audience.answers >= clients)
    audience.rest(0.5)
    audience.listen("cue")
    audience.stamp()
    entrance = (server.cpu_s() - empty_cpu) * 1e6 / clients
    cpu, lost, own = server.cpu_s(), audience.lost - audience.refused, time.process_time()
    first_ms, last_ms = list[float](), list[float]()
    begun = time.monotonic()
    done = dict.fromkeys(("stock", "said", "react", "move", "cue"), 0)
    turn = 1

    def due(what: str, per_second: float) -> Iterator[int]:
        wanted = per_second * min(seconds, time.monotonic() - begun)
        # What a stall held up for longer than a second is left out: made up for at once it would be another show.
        done[what] = max(done[what], int(wanted - max(1.0, per_second)))
        while done[what] < wanted:
            done[what] += 1
            yield done[what]

    def somebody() -> Viewer:
        nonlocal turn
        turn = (turn + 7) % (len(audience.viewers) - 1)
        return audience.viewers[turn + 1]

    def until_heard(count: float, since: float) -> float:
        came = audience.until(lambda: audience.heard["cue"] >= count, since + CUE_PATIENCE_S - time.monotonic())
        return (audience.last_at - since if came else CUE_PATIENCE_S) * 1000

    while time.monotonic() - begun < seconds:
        for _ in due("stock", STOCK_PER_S):
            stock(audience)
        for number in due("said", SAID_PER_S):
            audience.emit(somebody(), "say", {"text": f"What a clasp, number {number}!"}, 2)
        for number in due("react", REACTED_PER_S):
            audience.emit(somebody(), "react", {"kind": KINDS[number % 4]}, 3)
        for _ in due("move", MOVING_PER_S * clients):
            audience.leave(somebody())
        for _ in range(min(clients - len(audience.viewers), int(ENTERING_PER_S * TICK_S))):
            audience.open()  # who leaves is followed by another one, and who is refused or lost comes again
        for _ in due("cue", 1 / CUE_EVERY_S):
            audience.heard["cue"], at = 0, time.monotonic()
            cue(audience)
            inside = audience.inside
            first_ms.append(until_heard(1, at))
            last_ms.append(until_heard(inside * 0.99, at))
            shown()
        audience.rest(TICK_S)
    client_core = (time.process_time() - own) / (time.monotonic() - begun)
    audience.listen(None)
    heard, quiet = -1, time.monotonic()
    while time.monotonic() - quiet < QUIET_S:
        if audience.heard.total() != heard:
            heard, quiet = audience.heard.total(), time.monotonic()
        audience.poll(0.1)
    used = server.cpu_s() - cpu
    per_viewer = used * 1e6 / clients / seconds
    result = Minute(
        per_viewer, first_ms, last_ms, audience.inside, audience.lost - audience.refused - lost,
        server.memory_kb() / 1024, empty_mb, entrance, client_core,
    )  # fmt: skip
    audience.close()
    return result
