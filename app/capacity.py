"""What an audience takes: web processes, memory, Redis and money, computed from what `bench/push.py` has measured.

The sums are first-order on purpose: CPU is what a write, an entrance and a change cost, times how many there are, and
the measured minute of a gala calibrates what is left. docs/scaling.md explains them and what breaks first.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.errors import Unprocessable
from overlays.coalesce import INTERVAL_MS

FIGURES = Path(__file__).with_name("capacity.json")
# Of each core: what is left carries a reconnect storm, a garbage collection and a neighbour.
CORE_SHARE = 0.6
# How long the last viewer of a process may wait for a cue after the first; cues come a second ahead.
SPREAD_MS = 100.0
TURNS_PER_S = 1000 / INTERVAL_MS
# The other figures of a gala's minute, as the benchmark plays it: cues, and what is coalesced.
GALA_CUES_PER_S = 0.1
GALA_CHANGES_PER_S = 80.0
GALA_CHURN_PER_S = 0.01


class Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Measured by `python -m bench.push fanout gala --keep`, on one core of the processor that it names."""

    processor: str
    viewers: int
    delivery_cpu_us: float
    entrance_cpu_us: float
    gala_cpu_us_per_viewer_second: float
    redis_cpu_us_per_change: float
    connection_kb: float
    process_mb: float

    @classmethod
    def kept(cls, path: Path = FIGURES) -> "Figures":
        """The figures of the last benchmark that was kept."""
        return msgspec.json.decode(path.read_bytes(), type=cls)

    @property
    def change_cpu_us(self) -> float:
        """What a change costs beside its writes: what the gala took that writes and entrances do not explain."""
        writes = self.viewers * (TURNS_PER_S + GALA_CUES_PER_S) * self.delivery_cpu_us
        entrances = self.viewers * GALA_CHURN_PER_S * self.entrance_cpu_us
        rest = self.viewers * self.gala_cpu_us_per_viewer_second - writes - entrances
        return max(0.0, rest / GALA_CHANGES_PER_S)


@dataclass(frozen=True)
class Show:
    """What is asked for: viewers, changes a second that they hear of, cues a second, and the share that comes and goes
    in a second."""

    viewers: int
    changes_per_s: float = GALA_CHANGES_PER_S
    cues_per_s: float = GALA_CUES_PER_S
    churn_per_s: float = GALA_CHURN_PER_S


@dataclass(frozen=True)
class Plan:
    """What it takes."""

    viewers_per_process: int
    processes: int
    cores: float
    memory_gb: float
    redis_core: float
    spread_ms: float
    bound_by: str


class TooMuch(Unprocessable):
    """One process could not even follow the changes."""


def plan(show: Show, figures: Figures) -> Plan:
    """The web processes that carry `show`. Raises TooMuch, also for a show that is none."""
    if show.viewers < 1 or show.changes_per_s < 0:
        raise TooMuch("Ask for one viewer or more, and for no fewer than 0 events a second.")
    writes_per_s = min(show.changes_per_s, TURNS_PER_S) + show.cues_per_s
    viewer_us = writes_per_s * figures.delivery_cpu_us + show.churn_per_s * figures.entrance_cpu_us
    process_us = show.changes_per_s * figures.change_cpu_us
    left_us = CORE_SHARE * 1e6 - process_us
    if left_us < viewer_us:
        raise TooMuch(f"{show.changes_per_s:g} changes a second are more than one process can follow; send fewer.")
    by_cpu = left_us / viewer_us
    by_spread = SPREAD_MS * 1000 / figures.delivery_cpu_us
    most = max(1, math.floor(min(by_cpu, by_spread)))
    processes = max(1, math.ceil(show.viewers / most))
    each = math.ceil(show.viewers / processes)
    return Plan(
        viewers_per_process=most,
        processes=processes,
        cores=(show.viewers * viewer_us + processes * process_us) / 1e6,
        memory_gb=(processes * figures.process_mb * 1e3 + show.viewers * figures.connection_kb) / 1e6,
        # Redis appends a change once and hands it to every process.
        redis_core=show.changes_per_s * processes * figures.redis_cpu_us_per_change / 1e6,
        spread_ms=each * figures.delivery_cpu_us / 1000,
        bound_by="CPU" if by_cpu <= by_spread else "the last viewer's wait",
    )


def describe(show: Show, figures: Figures) -> str:
    """The plan in words, a line a figure. Raises TooMuch."""
    found = plan(show, figures)
    redis = f"{found.redis_core:.2f} of one core"
    if found.redis_core > CORE_SHARE:
        redis += ": too much; send fewer changes (docs/scaling.md)"
    lines = (
        ("viewers", f"{show.viewers:,}, {show.churn_per_s:.0%} come and go a second"),
        ("to tell", f"{show.changes_per_s:g} changes and {show.cues_per_s:g} cues a second"),
        (
            "web processes",
            f"{found.processes:,}, each at most {found.viewers_per_process:,} viewers ({found.bound_by})",
        ),
        ("CPU", f"{found.cores:.2f} cores busy, {found.processes:,} to provide"),
        ("memory", f"{found.memory_gb:.1f} GB"),
        ("Redis", redis),
        ("a cue's spread", f"{found.spread_ms:.0f} ms from a process's first viewer to its last"),
        ("measured on", f"{figures.processor}, {figures.viewers:,} viewers a core"),
    )
    return "\n".join(f"{name:<15} {value}" for name, value in lines)
