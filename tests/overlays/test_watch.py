"""Who is silent for too long, on a clock of the test's own."""

from collections.abc import Callable
from dataclasses import dataclass, field

from overlays.watch import Watch


@dataclass
class Due:
    at: float
    callback: Callable[[], None]
    timers: list["Due"]

    def cancel(self) -> None:
        self.timers.remove(self)


@dataclass
class HandClock:
    """An event loop's timers, turned by hand."""

    now: float = 0.0
    timers: list[Due] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Due:
        self.timers.append(Due(self.now + delay, callback, self.timers))
        return self.timers[-1]

    def turn_to(self, now: float) -> None:
        while (due := min(self.timers, key=lambda timer: timer.at, default=None)) and due.at <= now:
            due.cancel()
            self.now = due.at
            due.callback()
        self.now = now


def test_only_silence_ends_a_connection_and_much_talk_costs_one_timer() -> None:
    clock, over = HandClock(), list[float]()
    watch = Watch(clock, 45.0, lambda: over.append(clock.now))
    for second in range(100):
        clock.turn_to(second)
        watch.heard(second)
        assert len(clock.timers) == 1
    clock.turn_to(143.9)
    assert over == []
    clock.turn_to(1000)
    assert over == [144.0]


def test_a_connection_that_ended_otherwise_is_not_ended_again() -> None:
    clock, over = HandClock(), list[float]()
    Watch(clock, 45.0, lambda: over.append(clock.now)).stop()
    clock.turn_to(1000)
    assert over == []
