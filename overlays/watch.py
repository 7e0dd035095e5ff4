"""A connection that was silent for too long is over: its client's pings and pongs would have come by then."""

from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """Something that will happen."""

    def cancel(self) -> None:
        """Let it not happen."""


class Timers(Protocol):
    """What is used of an event loop."""

    def time(self) -> float:
        """Seconds, monotonic."""

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Timer:
        """Call once, after `delay` seconds."""


class Watch:
    """Calls `over` once nothing was heard for `silent_s` seconds; one timer however much is heard."""

    def __init__(self, loop: Timers, silent_s: float, over: Callable[[], object]) -> None:
        self._loop = loop
        self._silent_s = silent_s
        self._over = over
        self._heard_at = self._loop.time()
        self._timer = self._loop.call_later(silent_s, self._look)

    def heard(self, now: float) -> None:
        """Something was; `now` by the loop's clock."""
        self._heard_at = now

    def stop(self) -> None:
        """It may be silent from now on."""
        self._timer.cancel()

    def _look(self) -> None:
        left_s = self._heard_at + self._silent_s - self._loop.time()
        if left_s > 0:
            self._timer = self._loop.call_later(left_s, self._look)
        else:
            self._over()
