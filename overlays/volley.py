"""One frame to many sockets at once, past their transports, which cost more than a third of a delivery.

Only for transports in which nothing waits, and without an await in between: then a frame overtakes nothing, and a
descriptor is still the connection's own. Where a compiler was at hand at set-up it is C, by io_uring where the kernel
allows that, else a loop in Python.
"""

import os
from array import array
from collections.abc import Callable

SendEach = Callable[["array[int]", bytes], list[tuple[int, int]]]


def send_each_plainly(sockets: "array[int]", frame: bytes) -> list[tuple[int, int]]:
    """Send `frame` to each of the non-blocking `sockets` (C ints); (index, bytes taken) of those that did not take all
    of it, with 0 also for one that is broken: its transport finds out by itself at the next write."""
    short = []
    for index, descriptor in enumerate(sockets):
        try:
            taken = os.write(descriptor, frame)
        except OSError:
            taken = 0
        if taken < len(frame):
            short.append((index, taken))
    return short


def _fastest() -> SendEach:
    try:
        from overlays import _volley
    except ImportError:
        return send_each_plainly
    return _volley.send_each


send_each = _fastest()
