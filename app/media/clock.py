"""The media clock: the one clock of the show, and the rule by which frames are stamped with it. Pure."""

# A host clock corrected by NTP moves at most 500 ppm; a viewer cannot see a frame being 0.05 % longer.
SLEW = 500e-6
# Between two sources, when no picture depends on it, the clock may jump ahead by more than this, in ms.
CATCH_UP_MS = 1_000.0
# Sender clocks differ from ours by up to some 100 ppm; 5 ms a second follows them and does not show.
LATE_SLEW = 0.005
# A frame that arrives before its stamp shows that earlier ones were slow: stamps come down by a tenth of the time,
# and when they are off by more than STAMP_BOUND_MS, by half of it.
EARLY_SLEW = 0.1
HASTY_SLEW = 0.5
# A stamp may be this much before the arrival over the fastest path; then it is stepped ahead. In ms.
STAMP_BOUND_MS = 250.0
# A stamp this far ahead of its arrival says that the sender's timestamps have jumped: it is stepped back. In ms.
JUMP_MS = 1_000.0
# The fastest path is looked for in this much time: shorter windows follow bursts, longer ones drift. In ms.
WINDOW_MS = 2_000.0
# Two frames never share a media time: 1 ms apart at least.
STEP_MS = 1.0


class MediaClock:
    """Epoch milliseconds that never run backward, follow the wall clock by slewing and survive a restart.

    `floor_ms` is the latest media time that anybody may have seen before this process started.
    """

    def __init__(self, floor_ms: float = 0.0) -> None:
        self._media_ms = floor_ms
        self._monotonic_s: float | None = None

    def read(self, monotonic_s: float, wall_s: float) -> float:
        """Media time in ms for this instant, given as monotonic and wall clock seconds."""
        wall_ms = wall_s * 1000
        if self._monotonic_s is None:
            self._media_ms = max(self._media_ms, wall_ms)
        else:
            passed = max(0.0, (monotonic_s - self._monotonic_s) * 1000)
            error = wall_ms - (self._media_ms + passed)
            self._media_ms += passed + max(-SLEW * passed, min(SLEW * passed, error))
        self._monotonic_s = monotonic_s
        return self._media_ms

    def catch_up(self, monotonic_s: float, wall_s: float) -> None:
        """Jump ahead to a wall clock that has been stepped forward. Only between two sources."""
        self.read(monotonic_s, wall_s)
        if wall_s * 1000 - self._media_ms > CATCH_UP_MS:
            self._media_ms = wall_s * 1000


class Stamper:
    """Media times for one sender's frames: their own even spacing, laid onto their arrival on our clock.

    The network delays frames unevenly, so an arrival time alone would make the picture stutter. The stamp is the
    sender's timestamp plus the smallest offset (arrival minus timestamp) of the last seconds: the arrival over the
    fastest path. It follows a sender's drifting clock slowly, steps when it is far off, and increases strictly.
    """

    def __init__(self, after_ms: float = 0.0) -> None:
        self._last_ms = after_ms
        self._offset: float | None = None
        self._low = self._lower = 0.0
        self._window_start = 0.0
        self._last_sent = 0.0

    def stamp(self, sent_ms: float, arrival_ms: float) -> float:
        """Media time of the frame that the sender dated `sent_ms` (any origin) and that arrived at `arrival_ms`."""
        delay = arrival_ms - sent_ms
        if self._offset is None:
            self._offset = self._low = self._lower = delay
            self._window_start, self._last_sent = arrival_ms, sent_ms
        if arrival_ms - self._window_start >= WINDOW_MS:
            self._low, self._lower, self._window_start = self._lower, delay, arrival_ms
        self._lower = min(self._lower, delay)
        error = min(self._low, self._lower) - self._offset
        if error > STAMP_BOUND_MS or error < -JUMP_MS:
            self._offset += error
        else:
            spacing = max(0.0, min(sent_ms - self._last_sent, JUMP_MS))
            early = EARLY_SLEW if error > -STAMP_BOUND_MS else HASTY_SLEW
            self._offset += max(-early * spacing, min(LATE_SLEW * spacing, error))
        self._last_sent = sent_ms
        self._last_ms = max(self._last_ms + STEP_MS, sent_ms + self._offset)
        return self._last_ms

    def place(self, sent_ms: float) -> float | None:
        """Where a timestamp of the sender lies in media time, None before the first frame."""
        return None if self._offset is None else sent_ms + self._offset
