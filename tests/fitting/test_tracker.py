import numpy as np

from fitting.pose import LEFT_HIP, LEFT_SHOULDER, NOSE, RIGHT_HIP, RIGHT_SHOULDER
from fitting.tracker import PoseTracker
from tests.fitting import people


def test_who_stands_sideways_is_found_in_a_mirror_and_followed_until_all_of_them_is() -> None:
    frame = people.picture("sideways")
    tracker = PoseTracker("lite")
    try:
        poses = [tracker.track(frame, 33 * i) for i in range(8)]
    finally:
        tracker.close()
    assert all(poses[1:])
    last = poses[-1]
    assert last is not None
    nose, left, right = (last.points[joint, :2] for joint in (NOSE, LEFT_SHOULDER, RIGHT_SHOULDER))
    assert np.hypot(*(nose - (263, 128))) < 12
    assert np.hypot(*((left + right) / 2 - (319, 215))) < 25
    assert np.hypot(*((last.points[LEFT_HIP, :2] + last.points[RIGHT_HIP, :2]) / 2 - (312, 421))) < 35
    assert last.points[LEFT_SHOULDER, 2] < last.points[RIGHT_SHOULDER, 2]  # they look to the picture's left
    assert last.mask[300, 320] > 127
