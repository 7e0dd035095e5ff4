"""What Prometheus is told, and the dashboard that shows it."""

import json
import re
import time
from pathlib import Path

import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from app import metrics
from app.metrics import METRICS, Metrics
from app.show.figures import Audience, announcement_seconds
from overlays.broadcast import live_server
from overlays.namespace import Stage
from tests.viewers import eventually

DASHBOARD = Path(__file__).resolve().parents[2] / "docs" / "grafana.json"
# What a query may say besides the names of metrics and their labels.
WORDS = re.compile(r"\b(?:laufsteg|process|python)_[a-z_]+\b")


def told() -> set[str]:
    """Every series that a web process tells of."""
    figures = Metrics()
    figures.registry.register(Audience(Stage(live_server())))
    announcement_seconds(figures.registry)
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    return {
        family.name + ending
        for family in text_string_to_metric_families(figures.text().decode())
        for ending in endings.get(family.type, ("",))
    }


async def test_the_dashboard_asks_only_for_what_there_is() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = {name for panel in panels for target in panel["targets"] for name in WORDS.findall(target["expr"])}
    assert asked <= told(), asked - told()
    assert len({panel["id"] for panel in panels}) == len(panels)


async def test_the_dashboard_shows_every_figure_of_ours() -> None:
    dashboard = DASHBOARD.read_text()
    ours = {name for name in told() if name.startswith("laufsteg_")}
    missing = {name for name in ours if name not in dashboard and not name.endswith(("_sum", "_count", "_created"))}
    assert missing == set()


async def test_a_loop_that_is_held_up_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "LAG_EVERY_S", 0.01)
    app = web.Application()
    app[METRICS] = Metrics()
    app.cleanup_ctx.append(metrics.watched)
    runner = web.AppRunner(app)
    await runner.setup()

    def lags(above_s: float) -> float:
        registry = app[METRICS].registry
        below = registry.get_sample_value("laufsteg_loop_lag_seconds_bucket", {"le": str(above_s)}) or 0
        return (registry.get_sample_value("laufsteg_loop_lag_seconds_count") or 0) - below

    await eventually(lambda: lags(0) >= 1)
    time.sleep(0.15)  # noqa: ASYNC251 - that is what is measured
    await eventually(lambda: lags(0.1) >= 1)
    await runner.cleanup()
