"""How long to wait before something is tried again that somebody else's server did not take. No I/O."""

FIRST_PAUSE_MS = 30_000
LONGEST_PAUSE_MS = 6 * 3_600_000
# With the pauses above: given up after about two days, like mail servers do.
TRIES_MAX = 14


def pause_ms(tries: int) -> int:
    """How long to wait after that many tries: four times longer each time, up to six hours."""
    return int(min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 4 ** (tries - 1)))
