import numpy as np
import pytest

from fitting.bare import BareHand
from fitting.body import Body, body_of, unit
from fitting.pose import Floats
from fitting.window import Canvas
from tests.fitting import people


def may_be_the_hand(body: Body, spot: Floats) -> bool:
    """Whether a place may show the right hand before a long sleeve."""
    arm = body.arms[0]
    canvas = Canvas(BareHand.window(arm, body), 1)
    column, row = canvas.at(spot)
    return bool(BareHand(arm, body, canvas, 2.0).reach[row, column])


@pytest.mark.parametrize("bend", (0.0, 2.8))
def test_a_hand_held_towards_the_camera_lies_before_its_forearm(bend: float) -> None:
    body = body_of(people.pointing(bend, 0.12))
    arm = body.arms[0]
    assert may_be_the_hand(body, (arm.elbow + arm.wrist) / 2)


@pytest.mark.parametrize("side", (-0.2, 0.2))
def test_no_strip_of_the_own_arm_shows_beside_a_cuff(side: float) -> None:
    body = body_of(people.pointing(0.0, 0.5))
    arm = body.arms[0]
    bone = unit(arm.wrist - arm.elbow) * body.scale
    across = np.array([bone[1], -bone[0]])
    assert may_be_the_hand(body, arm.wrist + side * across)
    assert not may_be_the_hand(body, arm.wrist + side * across - 0.2 * bone)
