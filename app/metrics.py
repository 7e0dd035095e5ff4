"""Counters for Prometheus: what was asked, how it was answered, how long that took, and whether the loop keeps up."""

import asyncio
import contextlib
from bisect import bisect_left
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from itertools import accumulate

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

# A tap should be answered within 0.1 s; a slow payment takes seconds; blocking playlist reloads wait up to six.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# How often somebody waits for the loop on purpose, to see how late their turn comes.
LAG_EVERY_S = 0.25
_LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Answers(Collector):
    """How many answers there were by method, route and status, and how long they took by route.

    Plain numbers until somebody asks: every request passes here, and the library's own counters lock thrice.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int]] = Counter()
        # By route, how many took no longer than each of _SECONDS but longer than the one before; the sum of seconds.
        self._slots: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def count(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """One more answer, and how long it took; None: that says nothing."""
        self._counts[method, route, status] += 1
        if seconds is not None:
            slots = self._slots.get(route) or self._slots.setdefault(route, [0] * (len(_SECONDS) + 1))
            slots[bisect_left(_SECONDS, seconds)] += 1
            self._sums[route] = self._sums.get(route, 0.0) + seconds

    def collect(self) -> Iterator[Metric]:
        """The figures, as the registry asks for them."""
        labels = ["method", "route", "status"]
        requests = CounterMetricFamily("laufsteg_http_requests", "Answers by route and status.", labels=labels)
        for (method, route, status), number in list(self._counts.items()):
            requests.add_metric([method, route, str(status)], number)
        yield requests
        seconds = HistogramMetricFamily("laufsteg_http_seconds", "Time to the answer by route.", labels=["route"])
        limits = [*map(floatToGoString, _SECONDS), "+Inf"]
        for route, slots in list(self._slots.items()):
            buckets = list(zip(limits, map(float, accumulate(slots)), strict=True))
            seconds.add_metric([route], buckets, self._sums[route])
        yield seconds


class Metrics:
    """This process's figures. One an application, so that two in one process do not share counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.answers = Answers()
        self.registry.register(self.answers)
        self.lag = Histogram(
            "laufsteg_loop_lag_seconds", "How late the event loop gives a turn.", buckets=_LAGS, registry=self.registry
        )

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


METRICS = web.AppKey("metrics", Metrics)


async def watched(app: web.Application) -> AsyncIterator[None]:
    """Measure the event loop's lag while the process runs."""

    async def measure() -> None:
        clock, lag = asyncio.get_running_loop().time, app[METRICS].lag
        while True:
            due = clock() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            lag.observe(max(0.0, clock() - due))

    measuring = asyncio.create_task(measure())
    yield
    measuring.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await measuring


def route_of(request: web.Request) -> str:
    """The route's pattern, so that ids do not become label values; unknown addresses count together."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


async def expose(request: web.Request) -> web.Response:
    """GET /metrics: Prometheus text."""
    return web.Response(body=request.app[METRICS].text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
