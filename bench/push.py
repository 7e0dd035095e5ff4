"""One event to many viewers beside Node's socket.io and python-socketio as it comes, on one core each; JSON lines.

Run: python -m bench.push [PART ...] [--clients N] [--rounds N] [--seconds S] [--only ours] [--keep]

The contestants take turns (A B A B) on the first core; figures are medians, and `detail.ratio` is ours to Node's. The
load client's CPU, on the last core, is not counted, and a single event has come when the kernel has it in the last
viewer's socket. Parts: fanout (an event is 319 bytes on the wire), gala (a show's
minute: ours is the whole web process, Node sends every change to everybody), stalled (one in twenty stops reading),
storm (5,000 are sent away at once and come back as the page does, beside 200 who stay); only by name: crowd (10,000
viewers on one web process through five minutes of a gala). `fanout gala storm crowd --keep` renews app/capacity.json
and docs/scaling.md; times need a machine that does nothing else.
"""

import argparse
import gc
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from app.capacity import FIGURES, Figures
from bench._audience import Audience
from bench._contest import COMMANDS, Server, allow_connections, last_core, line, pin, processor, serving
from bench._gala import Minute, cues, gala_node, gala_ours, gala_seconds
from bench._page import compared, crowded, planned, renew, stormy
from bench._storm import Storm, storm
from overlays.outbox import BACKLOG_CAP

EVENT = {"id": "cue_0123456789abcdef012345", "kind": "product", "text": "x" * 239}
EVENTS, EVERY_S = 40, 0.1
ALONE, ALONE_EVERY_S = 120, 0.03
ASKING, ASKING_S = 200, 1.5
# 16 kB to each reader twenty times a second is all that a load client on one core can read; the kernel takes the first
# megabytes for who does not.
STALLED_CLIENTS, STALLED_SHARE, BLAST, BLASTS, BLAST_EVERY_S = 200, 0.05, 16_000, 400, 0.05
# Who takes part in everything; the others only where they tell something.
WHOLE = ("node", "ours")
PARTS = ("fanout", "gala", "stalled", "storm")
# Takes minutes and two whole cores, so only by name.
CROWD, CROWD_CLIENTS, CROWD_S = "crowd", 10_000, 300.0
STORM_CLIENTS = 5000


# By metric and contestant.
Medians = dict[str, dict[str, float]]


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


class NeverCame(Exception):
    """An event did not reach everybody."""


def wait(audience: Audience, count: int) -> None:
    """Until so many events were heard. Raises NeverCame."""
    if not audience.until(lambda: audience.heard["overlay"] >= count):
        raise NeverCame(f"{audience.heard['overlay']} of {count} arrived, {audience.lost} connections were lost")


def fanout(server: Server, clients: int) -> Fanout:
    """Fill the house, send a stream of events, then single ones, then let clients ask."""
    audience, result = Audience(server.port), Fanout()
    memory, cpu = server.memory_kb(), server.cpu_s()
    audience.fill(clients)
    audience.rest(0.3)
    audience.listen("overlay")
    result.connect_cpu_us = (server.cpu_s() - cpu) * 1e6 / clients
    result.memory_kb = (server.memory_kb() - memory) / clients
    first = audience.viewers[0]

    def alone() -> float:
        audience.heard.clear()
        begun = time.monotonic()
        audience.emit(first, "go", EVENT)
        wait(audience, clients)
        return (audience.last_at - begun) * 1000

    alone()
    audience.heard.clear()
    cpu = server.cpu_s()
    for _ in range(EVENTS):
        audience.emit(first, "go", EVENT)
        audience.rest(EVERY_S)
    wait(audience, EVENTS * clients)
    result.cpu_us = (server.cpu_s() - cpu) * 1e6 / EVENTS / clients
    audience.stamp()
    for _ in range(ALONE):
        result.last_ms.append(alone())
        audience.rest(ALONE_EVERY_S)
    audience.listen(None)
    question = {"kind": "heart"}
    audience.answered = lambda viewer: audience.emit(viewer, "up", question, 1)
    audience.answers, cpu = 0, server.cpu_s()
    for viewer in audience.viewers[:ASKING]:
        audience.emit(viewer, "up", question, 1)
    audience.rest(ASKING_S)
    result.answer_cpu_us = (server.cpu_s() - cpu) * 1e6 / max(1, audience.answers)
    audience.close()
    return result


def compare_fanout(kinds: list[str], clients: int, rounds: int) -> Medians:
    """Everything about one event to many, and about single clients."""
    told = {}
    results: dict[str, list[Fanout]] = {kind: [] for kind in kinds}
    for turn in range(rounds):
        for kind in kinds:
            if kind != "stock" or turn == 0:  # far off: once is enough
                with serving(COMMANDS[kind]) as server:
                    try:
                        results[kind].append(fanout(server, clients))
                    except NeverCame:
                        if kind != "stock":
                            raise
    rows: tuple[tuple[str, str, Callable[[Fanout], float]], ...] = (
        ("push_cpu_per_delivery", "us", lambda result: result.cpu_us),
        ("push_time_to_last_viewer_p99", "ms", lambda result: p99(result.last_ms)),
        ("push_time_to_last_viewer_median", "ms", lambda result: statistics.median(result.last_ms)),
        ("push_memory_per_connection", "kB", lambda result: result.memory_kb),
        ("push_cpu_per_connect", "us", lambda result: result.connect_cpu_us),
        ("push_cpu_per_answered_event", "us", lambda result: result.answer_cpu_us),
    )
    for name, unit, pick in rows:
        medians = {kind: statistics.median(map(pick, found)) for kind, found in results.items() if found}
        _report(name, unit, medians, clients=clients)
        told[name] = medians
    return told


def compare_gala(kinds: list[str], clients: int, rounds: int, seconds: float) -> tuple[list[Minute], Medians]:
    """A show's minute, or `seconds` of it; what each of ours took, and the medians."""
    minutes = []
    found: dict[str, list[float]] = {kind: [] for kind in kinds if kind in WHOLE}
    detail: dict[str, object] = {}
    for _ in range(rounds):
        for kind, values in found.items():
            minute = gala_ours if kind == "ours" else gala_node
            result = minute(clients, gala_seconds(seconds))
            values.append(result.cpu_us_per_viewer_second)
            if kind == "ours":
                minutes.append(result)
                detail = {"lost": result.lost, "memory_mb": round(result.memory_mb), **cues(result)}
    medians = {kind: statistics.median(values) for kind, values in found.items()}
    name = "push_gala_cpu_per_viewer_second"
    _report(name, "us", medians, clients=clients, seconds=seconds, **detail)
    return minutes, {name: medians}


def keep(fanned: Medians, minutes: list[Minute], gala: Medians, clients: int) -> None:
    """Write what `python -m app capacity` computes from, and what docs/scaling.md says of it."""

    def median(pick: Callable[[Minute], float]) -> float:
        return round(statistics.median(map(pick, minutes)), 2)

    ours = {name: found["ours"] for name, found in fanned.items()}
    figures = Figures(
        processor(), clients, round(ours["push_cpu_per_delivery"], 2), median(lambda minute: minute.entrance_cpu_us),
        median(lambda minute: minute.cpu_us_per_viewer_second), median(lambda minute: minute.redis_cpu_us_per_change),
        round(ours["push_memory_per_connection"], 1), median(lambda minute: minute.empty_mb),
    )  # fmt: skip
    renew(lambda page: planned(page, figures), lambda page: compared(page, {**fanned, **gala}, clients))
    FIGURES.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")


def hold_a_crowd(clients: int, seconds: float) -> Minute:
    """Many viewers on one process for minutes while the gala runs: who stays, who is lost, and what it takes."""
    found = gala_ours(clients, seconds)
    line(
        "push_crowd_held", found.watching, "viewers", wanted=clients, lost=found.lost, seconds=seconds,
        core_share=round(found.cpu_us_per_viewer_second * clients / 1e6, 3), memory_mb=round(found.memory_mb),
        memory_kb_per_viewer=round((found.memory_mb - found.empty_mb) * 1024 / clients, 1), **cues(found),
    )  # fmt: skip
    return found


def bear_a_storm(clients: int) -> Storm:
    """Everybody comes back at once; those who stayed have their cues meanwhile."""
    found = storm(clients, random.Random(1))
    line(
        "push_storm_over", found.back_s, "s", clients=clients, refused=found.refused, lost=found.lost,
        core_share=round(found.core_share, 2), cue_p99_calm_ms=round(p99(found.calm_ms), 1),
        cue_median_ms=round(statistics.median(found.storm_ms), 1), cue_p99_ms=round(p99(found.storm_ms), 1),
    )  # fmt: skip
    return found


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
        wait(audience, readers)
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
    parser = argparse.ArgumentParser(
        "python -m bench.push", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=", ".join((*PARTS, CROWD)))
    parser.add_argument("--clients", type=int, help=f"2000; storm: {STORM_CLIENTS}; {CROWD}: {CROWD_CLIENTS}")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--seconds", type=float, help=f"gala: how much of the minute, or of several; {CROWD}: {CROWD_S}"
    )
    parser.add_argument("--only", choices=["ours"], help="without the others, for sizes that they do not reach")
    parser.add_argument(
        "--keep", action="store_true", help="in app/capacity.json and docs/scaling.md (fanout and gala: both)"
    )
    options = parser.parse_args()
    if options.keep and options.only:
        parser.error("what is kept stands beside the others: leave --only out")
    kinds = [options.only] if options.only else ["node", "ours", "plain", "stock"]
    clients, seconds = options.clients or 2000, options.seconds or 6.0
    pin(last_core())
    gc.disable()  # a look for cycles among thousands of viewers would be measured as the server's
    parts = options.parts or PARTS
    allow_connections(options.clients or CROWD_CLIENTS if CROWD in parts else STORM_CLIENTS)
    fanned, minutes, gala = Medians(), list[Minute](), Medians()
    if "fanout" in parts:
        fanned = compare_fanout(kinds, clients, options.rounds)
    if "gala" in parts:
        minutes, gala = compare_gala(kinds, clients, options.rounds, seconds)
    if options.keep and fanned and gala:
        keep(fanned, minutes, gala, clients)
    if "stalled" in parts:
        compare_stalled(kinds)
    if "storm" in parts:
        came = bear_a_storm(clients := options.clients or STORM_CLIENTS)
        if options.keep:
            renew(lambda page: stormy(page, came, clients))
    if CROWD in parts:
        held = hold_a_crowd(clients := options.clients or CROWD_CLIENTS, seconds := options.seconds or CROWD_S)
        if options.keep:
            renew(lambda page: crowded(page, held, clients, seconds))


if __name__ == "__main__":
    main()
