from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from app.host.attempts import KEYS_MAX, Attempts


@given(st.lists(st.integers(0, 5000), max_size=60), st.integers(1, 5))
def test_no_window_ever_holds_more_attempts_than_allowed(steps: list[int], limit: int) -> None:
    attempts, now, made = Attempts(limit, 10_000), 0, []
    for step in steps:
        now += step
        wait = attempts.wait_ms("key", now)
        if wait == 0:
            attempts.begin("key", now)
            made.append(now)
        else:
            # Time does not run backward for the real one, so the future is asked of copies.
            assert deepcopy(attempts).wait_ms("key", now + wait) == 0
            assert deepcopy(attempts).wait_ms("key", now + wait - 1) > 0
        assert sum(1 for at in made if now - at < 10_000) <= limit


def test_a_success_is_not_counted() -> None:
    attempts = Attempts(1, 10_000)
    attempts.begin("key", 0)
    assert attempts.wait_ms("key", 0) == 10_000
    attempts.succeeded("key")
    assert attempts.wait_ms("key", 0) == 0


def test_keys_do_not_disturb_each_other() -> None:
    attempts = Attempts(1, 10_000)
    attempts.begin("a", 0)
    assert attempts.wait_ms("b", 0) == 0


def test_a_flood_of_keys_is_forgotten_oldest_first() -> None:
    attempts = Attempts(1, 10_000)
    for n in range(KEYS_MAX + 10):
        attempts.begin(str(n), 0)
    assert attempts.wait_ms("9", 0) == 0
    assert attempts.wait_ms("10", 0) == 10_000
    assert len(attempts._made) == KEYS_MAX
