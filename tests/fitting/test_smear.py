from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from fitting import Wardrobe
from fitting import pose as at
from fitting.body import Body, body_of
from fitting.compositing import Compositor
from fitting.geometry import place
from fitting.pace import EXPOSURE, Pace
from fitting.pose import Bytes, Floats, Pose
from fitting.silhouette import Silhouette
from tests.fitting import people

SHIRT = (130, 105, 35)
SECONDS = 1 / 30
ARM = (at.RIGHT_ELBOW, at.RIGHT_WRIST, at.RIGHT_PINKY, at.RIGHT_INDEX, at.RIGHT_THUMB)
# From the chest, in body scales: a right arm before it.
PLACES = ((-0.62, 0.75), (-0.25, 0.85), (-0.08, 0.90), (-0.06, 0.82), (-0.12, 0.76))


def reaching(moved: float) -> Pose:
    """The A pose with its right hand before the shirt, so many pixels to the left."""
    pose = people.pose("a_pose")
    body, points, visibility = body_of(pose), pose.points.copy(), pose.visibility.copy()
    for joint, (across, down) in zip(ARM, PLACES, strict=True):
        points[joint, :2] = body.chest + body.scale * np.array([across, down]) - [moved, 0]
        points[joint, 2] = -60
        visibility[joint] = 1
    return replace(pose, points=points, visibility=visibility)


def shares(body: Body, blur: int) -> Floats:
    """How much of each pixel a hand shows that moves by so many pixels while the picture is exposed."""
    arm, mask = body.arms[0], np.zeros(people.picture("a_pose").shape[:2], np.float32)
    knuckles = arm.hand.mean(0)
    ends = [tuple(np.round(end).astype(int).tolist()) for end in (arm.elbow, arm.wrist, knuckles)]
    cv2.line(mask, ends[0], ends[1], 1.0, round(0.16 * body.scale))
    cv2.line(mask, ends[1], ends[2], 1.0, round(0.26 * body.scale))
    return np.asarray(cv2.blur(mask, (blur, 3)), np.float32)


def plain() -> tuple[Bytes, Floats]:
    """Somebody in a plain shirt, and the colour of their skin."""
    picture, seen = people.picture("a_pose"), people.truth("a_pose")
    skin = picture[np.isin(seen, people.FACE)].mean(0)
    picture[np.isin(seen, people.SHIRT)] = SHIRT
    return picture, np.asarray(skin, np.float32)


def shown(step: float, blur: int) -> tuple[Floats, Bytes, Bytes, npt.NDArray[np.bool_]]:
    """The hand's shares, the picture before and with a tee, and where that is whole behind the hand, after a move."""
    tee, compositor = Wardrobe.demo()["tee"], Compositor()
    picture, skin = plain()
    for moved in (4 * step, 3 * step, 2 * step, step, 0):
        body = body_of(reaching(moved))
        share = shares(body, blur)
        frame = np.asarray(share[..., None] * skin + (1 - share[..., None]) * picture + 0.5, np.uint8)
        placed = place(tee, body, Silhouette(body), lambda points: points)
        out, _ = compositor.compose(frame, body, [placed], SECONDS)
    _, alpha = Compositor().compose(picture, body_of(people.pose("a_pose")), [placed], SECONDS)
    return share, frame, out, alpha == 255


def test_a_smeared_hand_lets_the_garment_through_and_not_the_own_shirt() -> None:
    share, _, out, whole = shown(step=44, blur=23)
    _, _, as_if_sharp, _ = shown(step=0, blur=23)
    cloth = out[whole & (share == 0)].astype(np.float32).mean(0)
    rim = whole & (share > 0.3) & (share < 0.95)
    wanted = share[rim][:, None] * plain()[1] + (1 - share[rim][:, None]) * cloth
    off, before = out[rim] - wanted, as_if_sharp[rim] - wanted
    assert np.abs(off).mean() < 0.8 * np.abs(before).mean()
    assert np.abs(off.mean(0)[2]) < 0.4 * np.abs(before.mean(0)[2])  # the own shirt has no red
    middle = whole & (share > 0.97)
    assert np.abs(out[middle].astype(np.float32) - plain()[1]).mean() < 4


def test_a_quick_hand_that_is_sharp_stays_whole() -> None:
    share, _, out, whole = shown(step=44, blur=3)
    _, _, slow, _ = shown(step=0, blur=3)
    hand = whole & (share > 0)
    assert np.abs(out[hand].astype(int) - slow[hand]).mean() < 1


def test_a_smeared_hand_before_nothing_worn_stays_as_it_is() -> None:
    _, frame, out, _ = shown(step=44, blur=23)
    beside = np.s_[:, :150]
    assert (out[beside] == frame[beside]).all()


def test_blur_is_what_a_hand_moves_while_the_picture_is_exposed() -> None:
    pace = Pace()
    pace.look(body_of(reaching(30)), SECONDS)
    moved = pace.look(body_of(reaching(0)), SECONDS)
    assert moved[0, 1] == pytest.approx([30 * EXPOSURE / SECONDS, 0], abs=1)
    assert np.abs(moved[1]).max() < 1


def test_who_walks_with_still_hands_smears_nothing() -> None:
    pace, pose = Pace(), reaching(0)
    pace.look(body_of(pose), SECONDS)
    walked = replace(pose, points=pose.points + np.array([30, 0, 0], np.float32))
    assert np.abs(pace.look(body_of(walked), SECONDS)).max() < 1


def test_a_picture_that_comes_twice_is_as_smeared_as_the_first() -> None:
    pace = Pace()
    pace.look(body_of(reaching(40)), SECONDS)
    first = pace.look(body_of(reaching(0)), SECONDS)[0, 1, 0]
    assert pace.look(body_of(reaching(0)), SECONDS)[0, 1, 0] > 0.4 * first
