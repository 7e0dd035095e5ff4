"""Holds and purchases a CPU second, beside a bare aiohttp POST handler; JSON lines. The load client is not counted.

Server CPU is every process of ours, Redis and the database. Every request is another shopper's and is granted, so
every answer waits for a durable ledger row: SQLite with synchronous=FULL, PostgreSQL with fsync and
synchronous_commit=on. A purchase is a hold, then a checkout that answers with a paid order. The bare handler is
measured before and after each, so that the machine's mood is in the ratio; beside it stands the ratio to a bare
handler that collects garbage as rarely as the shop does.
"""

import argparse
import asyncio
import random
import statistics
from dataclasses import dataclass, field

import uvloop

from app.server import collect_rarely
from bench._buyers import Crowd, Visit, holding, purchasing
from bench._shop import SECRET, Process, Servers, cpu_s, furnish, open_drop, report, servers, serving

# Everybody who waits for a drop has a line open, as in `bench.rush`; fewer share fewer transactions.
CONNECTIONS = 1_000
STOCK = 90_000
KINDS = ("sqlite", "postgresql")
# Vendure 3.7 on PostgreSQL, its seven-call checkout, sixteen buyers on two cores, its load client counted in: 2.0 to
# 2.2 orders a core second. A published figure of this project, measured apart: it needs Node and minutes.
VENDURE = 2.2
# Where a hold's delay is taken: below it queues hardly grow, above it they do without end.
SHARE_OF_CAPACITY = 0.8


@dataclass(frozen=True)
class Served:
    """A running server, with `others` (process ids by name) that work for it."""

    process: Process
    connections: int
    others: dict[str, int] = field(default_factory=dict)

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds so far of everything that counts as it."""
        return {name: cpu_s(pid) for name, pid in {"web": self.process.pid, **self.others}.items()}

    def crowd(self) -> Crowd:
        """Nobody has come yet."""
        return Crowd(self.process.port, SECRET, self.connections)

    def rush(self, name: str, visit: Visit, visits: int) -> tuple[float, float]:
        """Visits a CPU second and a second; the former is reported, with each process's microseconds a visit."""
        uvloop.run(self.crowd().rush(visit, min(visits, 2 * self.connections)))
        crowd, before = self.crowd(), self.cpu_s()
        took = uvloop.run(crowd.rush(visit, visits))
        used = {process: after - before[process] for process, after in self.cpu_s().items()}
        assert set(crowd.statuses) == {201}, crowd.statuses
        each = {process: round(1e6 * of_process / visits) for process, of_process in used.items()}
        rate = visits / sum(used.values())
        shown = {"visits": visits, "connections": self.connections, "wall_s": round(took, 2), "cpu_us": each}
        report(name, rate, "visits/CPU s", **shown)
        return rate, visits / took

    def stream(self, name: str, visit: Visit, visits: int, a_second: float) -> None:
        """Report the p99 of a visit's delay at this rate."""
        crowd = self.crowd()
        uvloop.run(crowd.stream(visit, visits, a_second, random.Random(4)))
        assert set(crowd.statuses) == {201}, crowd.statuses
        p99 = statistics.quantiles(crowd.delays_ms, n=100)[98]
        median = statistics.median(crowd.delays_ms)
        report(name, p99, "ms", a_second=round(a_second), median_ms=round(median, 1), share=SHARE_OF_CAPACITY)


def main() -> None:
    """A shop on each kind of ledger, beside the bare handlers."""
    parser = argparse.ArgumentParser("python -m bench.drops", description=__doc__.partition("\n")[0])
    parser.add_argument("requests", nargs="?", type=int, default=20_000, help="for holds; a third of them purchases")
    parser.add_argument("kind", nargs="?", choices=KINDS, help="only this ledger (both)")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="how many ask at a time (%(default)s)")
    asked = parser.parse_args()
    collect_rarely()  # the crowd's own pauses would be counted as the server's
    with servers() as used, serving(None) as (process,), serving(None, rarely=True) as (other,):
        bare = Served(process, asked.connections), Served(other, asked.connections)
        for kind in [asked.kind] if asked.kind else KINDS:
            _measure(used, kind, bare, asked.requests)


def _measure(used: Servers, kind: str, bare: tuple[Served, Served], requests: int) -> None:
    config = used.config(kind)
    asyncio.run(furnish(config))
    path = f"/api/drops/{asyncio.run(open_drop(config, STOCK)).id}/holds"
    names = ("redis", "database")
    with serving(config) as (process,):
        server = Served(process, bare[0].connections, dict(zip(names, used.pids(kind), strict=False)))
        _, capacity = _compare(bare, server, f"holds_{kind}", holding(path), requests, 0.6)
        bought, _ = _compare(bare, server, f"purchases_{kind}", purchasing(path), requests // 3, 0.25)
        report(f"purchases_{kind}_of_vendure", bought / VENDURE, "times", target=300, vendure=VENDURE)
        rate = SHARE_OF_CAPACITY * capacity
        server.stream(f"holds_{kind}_p99_at_80_percent", holding(path), requests, rate)


def _compare(
    bare: tuple[Served, Served], server: Served, name: str, visit: Visit, visits: int, target: float
) -> tuple[float, float]:
    """The server's visits a CPU second and a second; the former is reported as a share of the bare handler's."""

    def of_bare(when: str) -> list[float]:
        kinds = zip(("bare", "bare_rarely"), bare, strict=True)
        return [one.rush(f"{kind}_post_{when}_{name}", holding("/bare"), visits)[0] for kind, one in kinds]

    before = of_bare("before")
    rate, capacity = server.rush(name, visit, visits)
    usual, rarely = (2 * rate / sum(pair) for pair in zip(before, of_bare("after"), strict=True))
    report(f"{name}_of_bare", usual, "ratio", target=target, of_bare_rarely=round(rarely, 3))
    return rate, capacity


if __name__ == "__main__":
    main()
