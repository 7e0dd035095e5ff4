from dataclasses import replace

import cv2
import numpy as np
import pytest

from fitting import pose as at
from fitting.body import body_of
from fitting.head import Head
from tests.fitting import people
from tests.fitting.dressing import dressed


def test_long_hair_hangs_before_the_shirt_and_hides_no_more_of_it_than_it_covers() -> None:
    _, alpha = dressed(["tee"], "hands_on_hips")
    mask = people.mask("hands_on_hips")
    hair = (people.truth("hands_on_hips") == people.HAIR) & ((mask & people.EXTENT) > 0)
    beside = cv2.dilate(hair.astype(np.uint8), np.ones((9, 9))) > 0
    shirt = np.isin(people.truth("hands_on_hips"), people.SHIRT) & beside
    assert (alpha[hair] > 127).mean() < 0.1
    assert (alpha[shirt] > 127).mean() > 0.85


@pytest.mark.parametrize(("dark", "worn"), [(40, (28, 28, 30)), (30, (30, 26, 40)), (60, (60, 55, 50))])
def test_dark_locks_hang_before_a_dark_shirt(dark: int, worn: tuple[int, int, int]) -> None:
    frame, truth, mask = (read("hands_on_hips") for read in (people.picture, people.truth, people.mask))
    light = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
    hair, shirt = truth == people.HAIR, np.isin(truth, people.SHIRT)
    frame[shirt] = np.clip((light[shirt] / light[shirt].mean())[:, None] * np.array(worn), 0, 255)
    frame[hair] = np.clip((light[hair] / light[hair].mean())[:, None] ** 1.5 * dark, 0, 255)
    alpha = dressed(["tee"], "hands_on_hips", frame=frame)[1]
    hair &= (mask & people.EXTENT) > 0
    assert (alpha[hair] > 127).mean() < 0.1
    assert (alpha[shirt] > 127).mean() > 0.94


def test_locks_in_the_colours_of_the_face_hang_before_the_shirt() -> None:
    frame, truth, mask = (read("hands_on_hips") for read in (people.picture, people.truth, people.mask))
    light = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
    hair, shirt, skin = truth == people.HAIR, np.isin(truth, people.SHIRT), np.isin(truth, people.FACE)
    frame[hair] = np.clip((light[hair] / light[hair].mean())[:, None] * frame[skin].mean(axis=0), 0, 255)
    alpha = dressed(["tee"], "hands_on_hips", frame=frame)[1]
    hair &= (mask & people.EXTENT) > 0
    assert (alpha[hair] > 127).mean() < 0.1
    assert (alpha[shirt] > 127).mean() > 0.94


def test_most_of_locks_in_the_colours_of_the_face_hangs_before_the_shirt_beside_a_raised_hand() -> None:
    frame, truth, mask = (read("hands_on_hips") for read in (people.picture, people.truth, people.mask))
    pose = people.pose("hands_on_hips")
    head, points = Head(body_of(pose)), pose.points.copy()
    hand = [at.LEFT_WRIST, at.LEFT_INDEX, at.LEFT_PINKY, at.LEFT_THUMB]
    points[hand, :2] = head.centre + head.side * 1.4 * head.size
    light = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
    hair, skin = truth == people.HAIR, np.isin(truth, people.FACE)
    frame[hair] = np.clip((light[hair] / light[hair].mean())[:, None] * frame[skin].mean(axis=0), 0, 255)
    alpha = dressed(["tee"], "hands_on_hips", frame=frame, pose=replace(pose, points=points))[1]
    hair &= (mask & people.EXTENT) > 0
    assert (alpha[hair] > 127).mean() < 0.4


@pytest.mark.parametrize("tips", [60, 75])
def test_locks_hang_before_a_shirt_in_the_colour_of_their_roots(tips: int) -> None:
    frame, truth, mask = (read("hands_on_hips") for read in (people.picture, people.truth, people.mask))
    head = Head(body_of(people.pose("hands_on_hips")))
    light = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
    hair, shirt = truth == people.HAIR, np.isin(truth, people.SHIRT)
    frame[shirt] = np.clip(light[shirt] / light[shirt].mean() * 50, 0, 255)[:, None]
    tone = np.where(np.arange(len(frame)) < head.eyes[1], 44, tips)[:, None]
    frame[hair] = np.clip((light / light[hair].mean()) ** 1.5 * tone, 0, 255)[hair][:, None]
    alpha = dressed(["tee"], "hands_on_hips", frame=frame)[1]
    hair &= (mask & people.EXTENT) > 0
    assert (alpha[hair] > 127).mean() < 0.1
    assert (alpha[shirt] > 127).mean() > 0.94


def test_a_lock_that_is_not_seen_to_join_the_turned_head_hangs_before_the_shirt() -> None:
    frame, truth, mask = (read("hands_on_hips") for read in (people.picture, people.truth, people.mask))
    head = Head(body_of(people.pose("hands_on_hips")))
    rows, columns = np.indices(truth.shape)
    away = (np.dstack([columns, rows]) - head.chin) @ head.side * np.sign(head.look)
    far, low = away > 0, (np.dstack([columns, rows]) - head.chin) @ -head.up > 0.1 * head.size
    frame[far & ~low & (truth == people.HAIR)] = np.median(frame[truth == 0], axis=0)
    alpha = dressed(["tee"], "hands_on_hips", frame=frame)[1]
    hair = far & (truth == people.HAIR) & ((mask & people.EXTENT) > 0)
    assert (alpha[hair] > 127).mean() < 0.1


def test_a_lock_behind_a_turned_head_is_told_from_a_shirt_of_its_colours_by_its_streaks() -> None:
    frame, truth, mask = (read("hands_on_hips") for read in (people.picture, people.truth, people.mask))
    pose = people.pose("hands_on_hips")
    head, points = Head(body_of(pose)), pose.points.copy()
    points[at.NOSE, :2] = head.centre + head.side * 0.4 * head.size
    rows, columns = np.indices(truth.shape)
    away = (np.dstack([columns, rows]) - head.chin) @ head.side > 0
    light = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
    hair, shirt = truth == people.HAIR, np.isin(truth, people.SHIRT)
    frame[shirt] = np.clip(light[shirt] / light[shirt].mean() * 44, 0, 255)[:, None]
    frame[hair] = np.clip((light / light[hair].mean()) ** 3 * 40, 0, 255)[hair][:, None]
    frame[away & hair & (rows > head.eyes[1])] = np.median(frame[truth == 0], axis=0)
    alpha = dressed(["tee"], "hands_on_hips", frame=frame, pose=replace(pose, points=points))[1]
    hair &= ~away & ((mask & people.EXTENT) > 0)
    assert (alpha[hair] > 127).mean() < 0.15
    assert (alpha[shirt & ~away] > 127).mean() > 0.9


def test_a_lock_goes_on_below_a_shadow_in_the_colours_of_the_face() -> None:
    frame, truth, mask = (read("hands_on_hips") for read in (people.picture, people.truth, people.mask))
    head, random = Head(body_of(people.pose("hands_on_hips"))), np.random.default_rng(3)
    rows, columns = np.indices(truth.shape)
    low = (np.dstack([columns, rows]) - head.chin) @ -head.up / head.size
    hair, face = truth == people.HAIR, frame[np.isin(truth, people.FACE)]
    skin = hair & ((random.random(truth.shape) < 0.1) | ((low > 0.1) & (low < 0.35)))
    frame[skin] = random.choice(face, int(skin.sum()))
    alpha = dressed(["tee"], "hands_on_hips", frame=frame)[1]
    hair &= (low > 0.4) & ((mask & people.EXTENT) > 0)
    assert (alpha[hair] > 127).mean() < 0.15


def test_a_dark_hood_beside_the_neck_is_no_hair() -> None:
    frame, truth, head = people.picture("a_pose"), people.truth("a_pose"), Head(body_of(people.pose("a_pose")))
    shirt, hair = np.isin(truth, people.SHIRT), truth == people.HAIR
    dark = frame[hair].mean(axis=0)
    light = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)[shirt].astype(np.float32)
    frame[shirt] = np.clip((light / light.mean())[:, None] * dark * 1.3, 0, 255)
    for side in (-1, 1):
        place = head.chin + head.side * side * 0.6 * head.size
        cv2.circle(frame, (int(place[0]), int(place[1])), int(0.25 * head.size), (dark * 0.8).tolist(), -1)
    alpha = dressed(["tee"], "a_pose", frame=frame)[1]
    assert (alpha[shirt] > 127).mean() > 0.94
