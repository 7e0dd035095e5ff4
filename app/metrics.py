"""Counters for Prometheus: what was asked, how it was answered, how long that took, and whether the loop keeps up."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

# A tap should be answered within 0.1 s; a slow payment takes seconds; blocking playlist reloads wait up to six.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# How often somebody waits for the loop on purpose, to see how late their turn comes.
LAG_EVERY_S = 0.25
_LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """This process's figures. One an application, so that two in one process do not share counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        names = ["method", "route", "status"]
        self.requests = Counter("laufsteg_http_requests", "Answers by route and status.", names, registry=self.registry)
        self.seconds = Histogram(
            "laufsteg_http_seconds", "Time to the answer by route.", ["route"], buckets=_SECONDS, registry=self.registry
        )
        self.lag = Histogram(
            "laufsteg_loop_lag_seconds", "How late the event loop gives a turn.", buckets=_LAGS, registry=self.registry
        )
        # Finding a counter by its labels costs more than counting; there are as many as routes and statuses.
        self.counted = cache(self.requests.labels)
        self.timed = cache(self.seconds.labels)

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


@web.middleware
async def measured(request: web.Request, handler: Any) -> web.StreamResponse:
    """Count and time every answer; websockets count when they end and are not timed."""
    metrics, started, status = request.app[METRICS], time.perf_counter(), 500
    try:
        answer: web.StreamResponse = await handler(request)
        status = answer.status
        return answer
    finally:
        route = route_of(request)
        metrics.counted(request.method, route, status).inc()
        if status != 101:
            metrics.timed(route).observe(time.perf_counter() - started)


async def expose(request: web.Request) -> web.Response:
    """GET /metrics: Prometheus text."""
    return web.Response(body=request.app[METRICS].text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
