"""Holds and purchases a CPU second, beside a bare aiohttp POST handler; JSON lines. The load client is not counted.

Run: python -m bench.drops [REQUESTS [sqlite|postgresql]]

Server CPU is every process of ours, Redis and the database. Every request is another shopper's and is granted, so
every answer waits for a durable ledger row: SQLite with synchronous=FULL, PostgreSQL with fsync and
synchronous_commit=on. A purchase is a hold, then a checkout that answers with a paid order.
"""

import asyncio
import random
import statistics
import sys
from dataclasses import dataclass

from bench._buyers import Crowd, Visit, holding, purchasing
from bench._shop import SECRET, Process, cpu_s, furnish, open_drop, report, servers, serving

CONNECTIONS = 256
STOCK = 90_000
# Vendure 3.7 on PostgreSQL, its seven-call checkout, sixteen buyers on two cores, its load client counted in: 2.0 to
# 2.2 orders a core second. A published figure of this project, measured apart: it needs Node and minutes.
VENDURE = 2.2
# Where a hold's delay is taken: below it queues hardly grow, above it they do without end.
SHARE_OF_CAPACITY = 0.8


@dataclass(frozen=True)
class Served:
    """A running server, with `others` that work for it."""

    process: Process
    others: tuple[int, ...] = ()

    @property
    def pids(self) -> tuple[int, ...]:
        """Every process that counts as it."""
        return (self.process.pid, *self.others)

    def crowd(self) -> Crowd:
        """Nobody has come yet."""
        return Crowd(self.process.port, SECRET, CONNECTIONS)

    def rush(self, name: str, visit: Visit, visits: int) -> tuple[float, float]:
        """Visits a CPU second and a second; the former is reported."""
        asyncio.run(self.crowd().rush(visit, min(visits, 500)))
        crowd, before = self.crowd(), cpu_s(*self.pids)
        took = asyncio.run(crowd.rush(visit, visits))
        used = cpu_s(*self.pids) - before
        assert set(crowd.statuses) == {201}, crowd.statuses
        report(name, visits / used, "visits/CPU s", visits=visits, connections=CONNECTIONS, wall_s=round(took, 2))
        return visits / used, visits / took

    def stream(self, name: str, visit: Visit, visits: int, a_second: float) -> None:
        """Report the p99 of a visit's delay at this rate."""
        crowd = self.crowd()
        asyncio.run(crowd.stream(visit, visits, a_second, random.Random(4)))
        assert set(crowd.statuses) == {201}, crowd.statuses
        p99 = statistics.quantiles(crowd.delays_ms, n=100)[98]
        median = statistics.median(crowd.delays_ms)
        report(name, p99, "ms", a_second=round(a_second), median_ms=round(median, 1), share=SHARE_OF_CAPACITY)


def main() -> None:
    """Bare, SQLite, PostgreSQL, bare: the machine's mood before and after is in the ratio."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    kinds = sys.argv[2:] or ["sqlite", "postgresql"]
    with servers() as used:
        for kind in kinds:
            with serving(None) as (process,):
                bare, _ = Served(process).rush(f"bare_post_beside_{kind}", holding("/bare"), requests)
            config = used.config(kind)
            asyncio.run(furnish(config))
            path = f"/api/drops/{asyncio.run(open_drop(config, STOCK)).id}/holds"
            with serving(config) as (process,):
                server = Served(process, used.pids(kind))
                holds, capacity = server.rush(f"holds_{kind}", holding(path), requests)
                report(f"holds_{kind}_of_bare", holds / bare, "ratio", target=0.6)
                bought, _ = server.rush(f"purchases_{kind}", purchasing(path), requests // 3)
                report(f"purchases_{kind}_of_bare", bought / bare, "ratio", target=0.25)
                report(f"purchases_{kind}_of_vendure", bought / VENDURE, "times", target=300, vendure=VENDURE)
                rate = SHARE_OF_CAPACITY * capacity
                server.stream(f"holds_{kind}_p99_at_80_percent", holding(path), requests, rate)


if __name__ == "__main__":
    main()
