import numpy as np

from fitting.smoothing import OneEuroFilter


def test_a_still_body_is_calmed() -> None:
    noise = np.random.default_rng(1).normal(0, 1, (200, 33, 2)).astype(np.float32)
    smooth = OneEuroFilter()
    out = np.array([smooth(100 + frame, 1 / 30, 120.0) for frame in noise])
    assert np.diff(out[50:], axis=0).std() < 0.25 * np.diff(noise[50:], axis=0).std()


def test_a_moving_body_is_followed_within_a_frame() -> None:
    smooth = OneEuroFilter()
    speed = 600.0  # pixels a second: an arm that swings
    for i in range(30):
        true = np.full((1, 2), speed * i / 30, np.float32)
        out = smooth(true, 1 / 30, 120.0)
    assert float((true - out)[0, 0]) / speed < 0.033


def test_the_same_motion_near_and_far_is_smoothed_alike() -> None:
    path = np.random.default_rng(2).normal(0, 3, (40, 5, 2)).cumsum(axis=0).astype(np.float32)
    near, far = OneEuroFilter(), OneEuroFilter()
    for frame in path:
        a, b = near(frame * 3, 1 / 30, 300.0), far(frame, 1 / 30, 100.0)
    assert np.allclose(a, b * 3, rtol=1e-3, atol=1e-2)


def test_after_a_reset_the_next_points_are_taken_as_they_are() -> None:
    smooth = OneEuroFilter()
    smooth(np.zeros((3, 2), np.float32), 1 / 30, 100.0)
    smooth.reset()
    jump = np.full((3, 2), 500, np.float32)
    assert (smooth(jump, 1 / 30, 100.0) == jump).all()
