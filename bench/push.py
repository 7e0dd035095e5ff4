"""One event to many viewers beside Node's socket.io and python-socketio as it comes, on one core each; JSON lines.

Run: python -m bench.push [PART ...] [--clients N] [--rounds N] [--seconds S] [--only ours]

The contestants take turns (A B A B) on the first core; figures are medians, and `detail.ratio` is ours to Node's. The
load client's CPU, on the last core, is not counted. Parts: fanout (an event is 319 bytes on the wire), gala (a show's
minute: ours is the whole web process, Node sends every change to everybody), stalled (one in twenty stops reading).
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench._audience import Audience
from bench._contest import COMMANDS, Server, last_core, line, pin, serving
from bench._gala import gala_node, gala_ours, gala_seconds
from overlays.outbox import BACKLOG_CAP

EVENT = {"id": "cue_0123456789abcdef012345", "kind": "product", "text": "x" * 239}
EVENTS, EVERY_S = 40, 0.1
ALONE, ALONE_EVERY_S = 40, 0.05
ASKING, ASKING_S = 200, 1.5
# 16 kB to each reader twenty times a second is all that a load client on one core can read; the kernel takes the first
# megabytes for who does not.
STALLED_CLIENTS, STALLED_SHARE, BLAST, BLASTS, BLAST_EVERY_S = 200, 0.05, 16_000, 400, 0.05
# Who takes part in everything; the others only where they tell something.
WHOLE = ("node", "ours")
PARTS = ("fanout", "gala", "stalled")


def p99(values: list[float]) -> float:
    """The 99th percentile, of few values the greatest."""
    return sorted(values)[min(len(values) - 1, int(0.99 * len(values)))]


@dataclass
class Fanout:
    """What one server needed."""

    connect_cpu_us: float = 0.0
    memory_kb: float = 0.0
    cpu_us: float = 0.0
    answer_cpu_us: float = 0.0
    last_ms: list[float] = field(default_factory=list)


def fanout(server: Server, clients: int) -> Fanout:
    """Fill the house, send a stream of events, then single ones, then let clients ask."""
    audience, result = Audience(server.port), Fanout()
    memory, cpu = server.memory_kb(), server.cpu_s()
    audience.fill(clients)
    audience.rest(0.3)
    result.connect_cpu_us = (server.cpu_s() - cpu) * 1e6 / clients
    result.memory_kb = (server.memory_kb() - memory) / clients
    first = audience.viewers[0]

    def alone() -> float:
        audience.heard.clear()
        begun = time.monotonic()
        audience.emit(first, "go", EVENT)
        assert audience.until(lambda: audience.heard["overlay"] >= clients), "an event did not arrive"
        return (audience.last_at - begun) * 1000

    alone()
    audience.heard.clear()
    cpu = server.cpu_s()
    for _ in range(EVENTS):
        audience.emit(first, "go", EVENT)
        audience.rest(EVERY_S)
    assert audience.until(lambda: audience.heard["overlay"] >= EVENTS * clients), "an event did not arrive"
    result.cpu_us = (server.cpu_s() - cpu) * 1e6 / EVENTS / clients
    for _ in range(ALONE):
        result.last_ms.append(alone())
        audience.rest(ALONE_EVERY_S)
    question = {"kind": "heart"}
    audience.answered = lambda viewer: audience.emit(viewer, "up", question, 1)
    audience.answers, cpu = 0, server.cpu_s()
    for viewer in audience.viewers[:ASKING]:
        audience.emit(viewer, "up", question, 1)
    audience.rest(ASKING_S)
    result.answer_cpu_us = (server.cpu_s() - cpu) * 1e6 / max(1, audience.answers)
    audience.close()
    return result


def compare_fanout(kinds: list[str], clients: int, rounds: int) -> None:
    """Everything about one event to many, and about single clients."""
    results: dict[str, list[Fanout]] = {kind: [] for kind in kinds}
    for turn in range(rounds):
        for kind in kinds:
            if kind != "stock" or turn == 0:  # far off: once is enough
                with serving(COMMANDS[kind]) as server:
                    results[kind].append(fanout(server, clients))
    rows: tuple[tuple[str, str, Callable[[Fanout], float]], ...] = (
        ("push_cpu_per_delivery", "us", lambda result: result.cpu_us),
        ("push_time_to_last_viewer_p99", "ms", lambda result: p99(result.last_ms)),
        ("push_memory_per_connection", "kB", lambda result: result.memory_kb),
        ("push_cpu_per_connect", "us", lambda result: result.connect_cpu_us),
        ("push_cpu_per_answered_event", "us", lambda result: result.answer_cpu_us),
    )
    for name, unit, pick in rows:
        medians = {kind: statistics.median(map(pick, found)) for kind, found in results.items()}
        _report(name, unit, medians, clients=clients)


def compare_gala(kinds: list[str], clients: int, rounds: int, seconds: float) -> None:
    """A show's minute, or `seconds` of it."""
    found: dict[str, list[float]] = {kind: [] for kind in kinds if kind in WHOLE}
    detail: dict[str, object] = {}
    for _ in range(rounds):
        for kind, values in found.items():
            minute = gala_ours if kind == "ours" else gala_node
            result = minute(clients, gala_seconds(seconds))
            values.append(result.cpu_us_per_viewer_second)
            if kind == "ours":
                detail = {"cue_to_last_viewer_ms": result.cue_ms, "lost": result.lost, "memory_mb": result.memory_mb}
    medians = {kind: statistics.median(values) for kind, values in found.items()}
    _report("push_gala_cpu_per_viewer_second", "us", medians, clients=clients, seconds=seconds, **detail)


def compare_stalled(kinds: list[str]) -> None:
    """Memory for who does not read, and whether the others notice."""
    memory: dict[str, float] = {}
    slower: dict[str, float] = {}
    stalling = int(STALLED_CLIENTS * STALLED_SHARE)
    for kind in (kind for kind in kinds if kind in WHOLE):
        with serving(COMMANDS[kind]) as server:
            audience = Audience(server.port)
            audience.fill(STALLED_CLIENTS - stalling)
            for _ in range(stalling):
                audience.open(receive_buffer=4096)
            assert audience.until(lambda: audience.inside == STALLED_CLIENTS)  # noqa: B023 - called at once
            before = blasts(audience, STALLED_CLIENTS, BLASTS // 4)
            resting = server.memory_kb()
            audience.stall(audience.viewers[-stalling:])
            after = blasts(audience, STALLED_CLIENTS - stalling, BLASTS)
            memory[kind] = (server.memory_kb() - resting) / stalling
            slower[kind] = p99(after) / p99(before)
            audience.close()
    _report("push_memory_per_stalled_viewer", "kB", memory, cap_kb=BACKLOG_CAP / 1024, stalled=stalling)
    _report("push_p99_beside_stalled_viewers", "of the one before", slower, readers=STALLED_CLIENTS - stalling)


def blasts(audience: Audience, readers: int, count: int) -> list[float]:
    """Big events at their pace; ms until the last reader had each."""
    delays = []
    for _ in range(count):
        audience.heard.clear()
        begun = time.monotonic()
        audience.emit(audience.viewers[0], "blast", {"size": BLAST})
        assert audience.until(lambda: audience.heard["overlay"] >= readers), "an event did not arrive"
        delays.append((time.monotonic() - begun) * 1000)
        audience.rest(BLAST_EVERY_S - (time.monotonic() - begun))
    return delays


def _report(name: str, unit: str, values: dict[str, float], **detail: object) -> None:
    if "node" in values:
        detail |= {"node": round(values["node"], 3), "ratio": round(values["ours"] / max(1e-9, values["node"]), 3)}
    if "plain" in values:
        detail["without_native_loop"] = round(values["plain"], 3)
        detail["ratio_without"] = round(values["plain"] / max(1e-9, values["node"]), 3)
    if "stock" in values:
        detail["stock_python_socketio"] = round(values["stock"], 3)
    line(name, values["ours"], unit, **detail)


def main() -> None:
    """Run the parts that are asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=6.0, help="gala: how much of the minute, or of several")
    parser.add_argument("--only", choices=["ours"], help="without the others, for sizes that they do not reach")
    options = parser.parse_args()
    kinds = [options.only] if options.only else ["node", "ours", "plain", "stock"]
    pin(last_core())
    parts = options.parts or PARTS
    if "fanout" in parts:
        compare_fanout(kinds, options.clients, options.rounds)
    if "gala" in parts:
        compare_gala(kinds, options.clients, options.rounds, options.seconds)
    if "stalled" in parts:
        compare_stalled(kinds)


if __name__ == "__main__":
    main()
