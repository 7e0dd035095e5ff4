"""How often somebody may try a password: a sliding window a key. Time is an argument."""

from collections import OrderedDict, deque

# More keys than a flood of forged addresses should make us keep; the ones that were quiet longest are forgotten.
KEYS_MAX = 10_000


class Attempts:
    """At most `limit` attempts a key in any `window_ms`; `limit` 0 means unlimited."""

    def __init__(self, limit: int, window_ms: int) -> None:
        self._limit = limit
        self._window_ms = window_ms
        self._made: OrderedDict[str, deque[int]] = OrderedDict()

    def wait_ms(self, key: str, now_ms: int) -> int:
        """After how many milliseconds `key` may try again; 0: now."""
        made = self._recent(key, now_ms)
        if self._limit == 0 or len(made) < self._limit:
            return 0
        return made[-self._limit] + self._window_ms - now_ms

    def begin(self, key: str, now_ms: int) -> None:
        """Count an attempt before its outcome is known, so that a hundred at once are a hundred."""
        made = self._recent(key, now_ms)
        made.append(now_ms)
        self._made[key] = made
        self._made.move_to_end(key)
        while len(self._made) > KEYS_MAX:
            self._made.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Take the last attempt back: who knows the password is not guessing."""
        made = self._made.get(key)
        if made:
            made.pop()

    def _recent(self, key: str, now_ms: int) -> deque[int]:
        made = self._made.get(key, deque())
        while made and now_ms - made[0] >= self._window_ms:
            made.popleft()
        if not made:
            self._made.pop(key, None)
        return made
