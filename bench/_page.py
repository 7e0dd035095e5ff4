"""Puts what was measured into docs/scaling.md, whose sentences stay as they are written."""

import os
import re
import statistics
from collections.abc import Callable, Mapping

from app.capacity import Figures, Show, describe, plan
from app.show.door import ENTRANCES
from bench._contest import BENCH
from bench._gala import Minute, cues
from bench._storm import STAYING, Storm

Change = Callable[[str], str]

PAGE = BENCH.parent / "docs" / "scaling.md"
# Before anything is measured.
LOAD = os.getloadavg()[0]
CORE_HOUR = 0.04
NUMBER = r"[\d,.]+"
# The rows that stand beside Node's: the metric, its unit and how many decimals are told.
BESIDE_NODE = (
    ("CPU of a delivery, 319 bytes", "push_cpu_per_delivery", "µs", 1),
    ("a single event to the last viewer, p99", "push_time_to_last_viewer_p99", "ms", 1),
    ("memory of a connection", "push_memory_per_connection", "kB", 1),
    ("CPU of a connect", "push_cpu_per_connect", "µs", 0),
    ("CPU of a client's event and its answer", "push_cpu_per_answered_event", "µs", 0),
    ("CPU of a gala, a viewer and second", "push_gala_cpu_per_viewer_second", "µs", 0),
)


class Moved(Exception):
    """The page does not have, or has twice, what a figure belongs into."""


def put(page: str, pattern: str, *values: object) -> str:
    """The page with `values` in the place of the groups of `pattern`, which stands there once. Raises Moved."""
    found = list(re.finditer(pattern, page))
    if len(found) != 1:
        raise Moved(f"docs/scaling.md has {len(found)} places like {pattern!r}")
    for group in range(len(values), 0, -1):
        page = page[: found[0].start(group)] + str(values[group - 1]) + page[found[0].end(group) :]
    return page


def planned(page: str, figures: Figures) -> str:
    """The page with everything that follows from `figures`."""
    for viewers in re.findall(r"\$ python -m app capacity --viewers (\d+)", page):
        block = "".join(f"    {line}\n" for line in describe(Show(int(viewers)), figures).splitlines())
        page = put(page, rf"app capacity --viewers {viewers}\n((?:    .+\n)+)", block)
    for label, value, unit in (
        ("one message to one viewer", figures.delivery_cpu_us, "µs of CPU"),
        ("a viewer's entrance: connection, session, join, snapshot", round(figures.entrance_cpu_us), "µs"),
        ("a viewer in a gala's minute, a second", figures.gala_cpu_us_per_viewer_second, "µs"),
        ("a connection", figures.connection_kb, "kB"),
        ("a change in Redis, written and read by one process", figures.redis_cpu_us_per_change, "µs"),
    ):
        page = put(page, rf"\| {label} \| ({NUMBER}) {unit}", value)
    page = put(page, rf"kernel's \| (.+), ({NUMBER}) viewers \|", figures.processor, figures.viewers)
    page = put(page, rf"beside ({NUMBER}) MB that a web process takes empty", figures.process_mb)
    million = plan(Show(1_000_000), figures)
    cores, memory = f"{million.processes:,}", f"{million.memory_gb:,.0f}"
    cost = round(million.processes * CORE_HOUR)
    page = put(page, rf"\| ({NUMBER}) cores, ({NUMBER}) GB \| [^|]+ \| ({NUMBER}) \|", cores, memory, cost)
    page = put(page, rf"({NUMBER}) processes use ({NUMBER}) of its one core", cores, f"{million.redis_core:.2f}")
    page = put(page, rf"({NUMBER}) small queries", cores)
    each = million.viewers_per_process
    page = put(page, rf"A process of ({NUMBER}) empties", f"{each:,}")
    back = round(each / ENTRANCES.per_second)
    return put(
        page, rf"into ({NUMBER}) others[^;]+; into a single one within (\d+) s", f"{million.processes - 1:,}", back
    )


def compared(page: str, medians: Mapping[str, Mapping[str, float]], clients: int) -> str:
    """The page with what each server took, by metric and kind."""
    page = put(page, rf"`python -m bench.push fanout gala`: ({NUMBER}) viewers", f"{clients:,}")
    page = put(page, r"in turns, (on a machine .+?)\. CPU is little", machine())
    for label, metric, unit, decimals in BESIDE_NODE:
        found = medians[metric]
        cells = [f"{found['ours']:,.{decimals}f} {unit}", f"{found['ours'] / found['node']:.2f}"]
        plain = found.get("plain")
        cells += ["", ""] if plain is None else [f"{plain:,.{decimals}f} {unit}", f"{plain / found['node']:.2f}"]
        cells.append(f"{found['node']:,.{decimals}f} {unit}")
        page = put(page, rf"\n\| {label} \|(.*)\|\n", f" {' | '.join(cells)} ")
    return page


def crowded(page: str, found: Minute, clients: int, seconds: float) -> str:
    """The page with how one process held a crowd."""
    told = cues(found)
    core, lost = found.cpu_us_per_viewer_second * clients / 1e6, f"{found.lost:,}" if found.lost else "nobody"
    text = (
        f"Through {seconds / 60:g} min, {machine()}, it lost {lost}. A cue took"
        f" {told['cue_to_first_viewer_ms']:.0f} ms from the host's request to its first viewer,"
        f" {told['cue_to_last_viewer_ms']:.0f} ms to its last (the slowest {told['slowest_cue_ms']:.0f} ms), of which"
        f" the process\nitself counts {found.written_ms:.0f} ms from publication to last write; {core:.0%} of its core"
        f" and {found.memory_mb:.0f} MB were used."
    )
    page = put(page, rf"`python -m bench.push crowd` fills one web process with ({NUMBER}) viewers", f"{clients:,}")
    return put(page, r"(Through [^|]+? MB were used\.)", text)


def stormy(page: str, found: Storm, clients: int) -> str:
    """The page with how a storm went by."""
    text = (
        f"{machine().capitalize()}, all were inside after {found.back_s:.0f} s, after\n{found.refused:,} refusals and"
        f" with {found.core_share:.0%} of the core in use. The {STAYING} who had stayed had their cues in"
        f" {statistics.median(found.storm_ms):.0f} ms in the median; the worst took {max(found.storm_ms) / 1000:.2f} s"
        f" ({max(found.calm_ms) / 1000:.2f} s before the storm)."
    )
    page = put(page, rf"`python -m bench.push storm` sends ({NUMBER}) away", f"{clients:,}")
    return put(page, r"later and later while they are refused\. ([^|]+? before the storm\)\.)", text)


def machine() -> str:
    """What else the machine did, for times depend on it."""
    return f"on a machine whose load was {LOAD:.1f} before"


def renew(*changes: Change) -> None:
    """Write the page with `changes` in it. Raises Moved, and then nothing is written."""
    page = PAGE.read_text(encoding="utf-8")
    for change in changes:
        page = change(page)
    PAGE.write_text(page, encoding="utf-8")
