"""The audience in Prometheus' figures: viewers, deliveries, who was too slow, and how late an announcement is."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from overlays.namespace import Stage

# Ten thousand writes take a core about a tenth of a second; beyond a second something is wrong.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def announcement_seconds(registry: CollectorRegistry) -> Histogram:
    """From an announcement's publication, by Redis's clock, to the write to the last viewer of this process."""
    name, says = "laufsteg_live_announcement_seconds", "From the publication of a cue or drop to the last write."
    return Histogram(name, says, buckets=_SECONDS, registry=registry)


class Audience(Collector):
    """Reads this process's stage whenever Prometheus asks, so that a delivery costs nothing extra."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        stage, sent = self._stage, self._stage.deliveries
        viewers = GaugeMetricFamily("laufsteg_viewers", "Viewers connected to this process.", labels=["event"])
        for event, count in stage.rooms().items():
            viewers.add_metric([event], count)
        yield viewers
        yield GaugeMetricFamily("laufsteg_live_backlog_bytes", "Bytes that wait for slow viewers.", stage.backlog())
        yield CounterMetricFamily("laufsteg_live_messages", "Messages written to viewers.", value=sent.frames)
        yield CounterMetricFamily("laufsteg_live_bytes", "Bytes of these messages.", value=sent.bytes)
        yield CounterMetricFamily("laufsteg_live_slow", "Viewers cut off for not reading.", value=sent.slow)
        yield CounterMetricFamily("laufsteg_live_flooding", "Viewers cut off for flooding.", value=sent.flooded)
