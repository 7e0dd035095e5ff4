import numpy as np

from fitting.pose import LEFT_ELBOW, LEFT_SHOULDER, RIGHT_ELBOW, RIGHT_SHOULDER, Floats
from fitting.smoothing import OneEuroFilter, UpperArms


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


def arms(lengths: Floats, turn: float = 0.0) -> Floats:
    """Landmarks whose upper arms (right, left) look so long, in pixels, raised sideways by an angle."""
    points = np.zeros((33, 3), np.float32)
    points[LEFT_SHOULDER, 0] = 120
    points[RIGHT_ELBOW, :2] = lengths[0] * np.array([-np.sin(turn), np.cos(turn)])
    points[LEFT_ELBOW, :2] = points[LEFT_SHOULDER, :2] + lengths[1] * np.array([np.sin(turn), np.cos(turn)])
    return points


def test_elbows_that_slip_along_a_swinging_arm_are_calmed() -> None:
    rng, calm = np.random.default_rng(3), UpperArms()
    before: list[float] = []
    after: list[float] = []
    for i in range(60):
        points = arms(110 + rng.normal(0, 3, 2), turn=i / 20)
        out = calm(points, 1 / 30, 120.0)
        for path, found in ((before, points), (after, out)):
            path.append(float(np.hypot(*(found[LEFT_ELBOW, :2] - found[LEFT_SHOULDER, :2]))))
        bones = [found[RIGHT_ELBOW, :2] - found[RIGHT_SHOULDER, :2] for found in (points, out)]
        assert abs(bones[0][0] * bones[1][1] - bones[0][1] * bones[1][0]) < 1  # as swung as tracked
    assert np.std(np.diff(after[5:])) < 0.3 * np.std(np.diff(before[5:]))


def test_arms_that_turn_to_the_camera_are_followed() -> None:
    calm = UpperArms()
    for i in range(31):
        length = 120 * np.cos(i / 30 * np.pi / 3)
        out = calm(arms(np.array([length, length])), 1 / 30, 120.0)
    assert abs(out[RIGHT_ELBOW, 1] - length) < 12  # having become 60 shorter within a second


def test_after_a_reset_elbows_are_taken_as_they_are() -> None:
    calm = UpperArms()
    calm(arms(np.array([50.0, 60.0])), 1 / 30, 120.0)
    calm.reset()
    points = arms(np.array([110.0, 120.0]))
    assert np.allclose(calm(points, 1 / 30, 120.0), points, atol=1e-3)


def test_only_elbows_are_moved() -> None:
    calm, rng = UpperArms(), np.random.default_rng(4)
    for _ in range(3):
        points = rng.normal(200, 50, (33, 3)).astype(np.float32)
        out = calm(points, 1 / 30, 120.0)
    rest = np.setdiff1d(np.arange(33), [LEFT_ELBOW, RIGHT_ELBOW])
    assert (out[rest] == points[rest]).all()
    assert (out[:, 2] == points[:, 2]).all()
