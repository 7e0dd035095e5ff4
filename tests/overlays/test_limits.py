"""Allowances fill with time and are bounded in burst and in memory."""

from overlays.limits import Buckets, Rate, TokenBucket


def test_a_burst_passes_and_then_only_the_rate() -> None:
    bucket = TokenBucket(Rate(per_second=2, burst=5), now=100.0)
    assert [bucket.take(100.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.wait_s(100.0) == 0.5
    assert [bucket.take(100.5), bucket.take(100.6)] == [True, False]
    assert [bucket.take(1000.0) for _ in range(6)] == [True] * 5 + [False]


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    bucket = TokenBucket(Rate(1, 1), now=100.0)
    assert bucket.take(100.0)
    assert not bucket.take(50.0)
    assert not bucket.take(50.5)


def test_each_key_has_its_own_allowance_and_the_stalest_is_forgotten() -> None:
    buckets = Buckets(Rate(1, 1), most=2)
    assert [buckets.take(key, 0.0) for key in ("a", "a", "b")] == [True, False, True]
    buckets.take("a", 0.0)
    assert buckets.take("c", 0.0)
    assert len(buckets) == 2
    assert [buckets.take("a", 0.0), buckets.take("b", 0.0)] == [False, True]
