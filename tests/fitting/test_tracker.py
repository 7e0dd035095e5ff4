import numpy as np
import pytest

from fitting.pose import LEFT_SHOULDER, NOSE, RIGHT_SHOULDER
from fitting.tracker import PoseTracker
from tests.fitting import people


@pytest.mark.parametrize("model", ["lite", "full"])
def test_who_stands_sideways_is_found_in_a_mirror(model: str) -> None:
    frame = people.picture("sideways")
    tracker = PoseTracker(model)
    try:
        poses = [tracker.track(frame, 33 * i) for i in range(6)]
    finally:
        tracker.close()
    found = [pose for pose in poses if pose is not None]
    assert len(found) >= 3
    for pose in found:
        nose, left, right = (pose.points[joint, :2] for joint in (NOSE, LEFT_SHOULDER, RIGHT_SHOULDER))
        assert np.hypot(*(nose - (396, 113))) < 12
        assert np.hypot(*((left + right) / 2 - (335, 198))) < 40
        assert left[0] > right[0]  # they look to the picture's right
        assert pose.mask[250, 340] > 127
