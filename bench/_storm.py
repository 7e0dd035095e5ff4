"""Everybody is gone at one instant and comes back as the page does, while those who stayed go on watching.

The page's library tries again after FIRST_S on average, twice as long after every refusal, each time by chance up to
JITTER of it sooner or later (web/live.js).
"""

import heapq
import random
import time
from dataclasses import dataclass

from bench._audience import Audience
from bench._gala import ENTERING_PER_S, Host, shop
from bench._viewer import Viewer

FIRST_S, LONGEST_S, JITTER = 0.8, 8.0, 0.75
STAYING = 200
CUE_EVERY_S = 0.25
CALM_CUES = 20
# Who is not back by then counts as lost.
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Storm:
    """What became of it."""

    back_s: float
    lost: int
    refused: int
    core_share: float
    calm_ms: list[float]
    storm_ms: list[float]


def pause_s(refusals: int, chance: random.Random) -> float:
    """How long a page waits before it tries again."""
    usual: float = FIRST_S * 2**refusals
    return min(LONGEST_S, usual * chance.uniform(1 - JITTER, 1 + JITTER))


def _fill(audience: Audience, count: int) -> None:
    audience.entered = lambda viewer: audience.emit(viewer, "join", {"event": "gala"}, 1)
    audience.fill(count, ENTERING_PER_S)
    audience.until(lambda: audience.answers >= count)


def storm(clients: int, chance: random.Random) -> Storm:
    """Fill the house, send `clients` away at once, and wait until they are back."""
    with shop() as (server, _, _), Host(server.port) as host:
        staying, coming = Audience(server.port, "/live"), Audience(server.port, "/live")
        _fill(staying, STAYING)
        _fill(coming, clients)
        staying.listen("cue")

        refusals: dict[Viewer, int] = {}
        due: list[tuple[float, int]] = []

        def come() -> None:
            while due and due[0][0] <= time.monotonic():
                tries = heapq.heappop(due)[1]
                refusals[coming.open()] = tries

        def gone(viewer: Viewer) -> None:
            if not viewer.inside:
                tries = refusals.pop(viewer, 0) + 1
                heapq.heappush(due, (time.monotonic() + pause_s(tries, chance), tries))

        def cue() -> float:
            staying.heard["cue"], at = 0, time.monotonic()
            host.show()
            while staying.heard["cue"] < STAYING:
                staying.poll(0.001)
                coming.poll(0)
                come()
            late_ms = (staying.last_at - at) * 1000
            host.shown()
            return late_ms

        calm_ms = [cue() for _ in range(CALM_CUES)]
        for viewer in list(coming.viewers):
            coming.leave(viewer)
        coming.answers, coming.gone, before = 0, gone, coming.refused
        begun, cpu = time.monotonic(), server.cpu_s()
        due += [(begun + pause_s(0, chance), 0) for _ in range(clients)]
        heapq.heapify(due)
        storm_ms: list[float] = []
        next_cue = begun
        while coming.answers < clients and time.monotonic() - begun < PATIENCE_S:
            come()
            coming.poll(0.002)
            staying.poll(0)
            if time.monotonic() >= next_cue:
                storm_ms.append(cue())
                next_cue = time.monotonic() + CUE_EVERY_S
        back_s = time.monotonic() - begun
        lost, refused = clients - coming.answers, coming.refused - before
        found = Storm(back_s, lost, refused, (server.cpu_s() - cpu) / back_s, calm_ms, storm_ms)
        staying.close()
        coming.close()
        return found
