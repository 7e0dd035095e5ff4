"""The audience in Prometheus' figures: viewers, deliveries, and who was too slow."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from overlays.namespace import Stage


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
