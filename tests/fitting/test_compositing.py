from dataclasses import replace

import cv2
import numpy as np
import pytest

from fitting import Wardrobe
from fitting import pose as at
from fitting.body import body_of
from fitting.compositing import Compositor
from fitting.geometry import place
from fitting.silhouette import Silhouette
from tests.fitting import people
from tests.fitting.dressing import dressed

OUTFITS = (["tee"], ["trousers", "shirt", "jacket", "hat"], ["dress", "glasses"], ["skirt", "blouse"], ["coat"])
SHADOW_REACH = 30
# Upper arms, forearms and hands in the truth mask.
BARE_ARMS = (6, 7, 8, 9, 10, 11)


@pytest.mark.parametrize("outfit", OUTFITS, ids="+".join)
@pytest.mark.parametrize("person", people.NAMES)
def test_pixels_away_from_the_garment_are_never_changed(outfit: list[str], person: str) -> None:
    frame = people.picture(person)
    out, alpha = dressed(outfit, person)
    far = cv2.dilate((alpha > 0).astype(np.uint8), np.ones((2 * SHADOW_REACH + 1,) * 2)) == 0
    assert alpha.max() > 200
    assert (out[far] == frame[far]).all()


@pytest.mark.parametrize("outfit", OUTFITS[:1] + OUTFITS[3:], ids="+".join)
@pytest.mark.parametrize("person", people.NAMES)
def test_a_garment_never_covers_the_face(outfit: list[str], person: str) -> None:
    _, alpha = dressed(outfit, person)
    points = people.pose(person).points[:11, :2]
    face = cv2.fillConvexPoly(np.zeros(alpha.shape, np.uint8), cv2.convexHull(points.astype(np.int32)), 1)
    assert alpha[face > 0].max() == 0


@pytest.mark.parametrize("person", people.NAMES)
def test_a_true_to_size_tee_lies_on_the_worn_shirt(person: str) -> None:
    _, alpha = dressed(["tee"], person)
    assert people.overlap(alpha > 127, np.isin(people.truth(person), people.SHIRT)) > 0.86


@pytest.mark.parametrize("person", ["arms_crossed", "hands_on_hips"])
def test_hands_and_bare_forearms_stay_in_front(person: str) -> None:
    _, alpha = dressed(["tee"], person)
    for parts in (people.HANDS, people.FOREARMS):
        inside = np.isin(people.truth(person), parts)
        assert (alpha[inside] > 127).mean() < 0.1


def test_a_forearm_stays_in_front_beside_where_it_was_tracked() -> None:
    pose = people.pose("arms_crossed")
    points = pose.points.copy()
    arms = [at.LEFT_ELBOW, at.RIGHT_ELBOW, at.LEFT_WRIST, at.RIGHT_WRIST]
    points[arms, 1] -= 0.13 * body_of(pose).scale
    body, frame = body_of(replace(pose, points=points)), people.picture("arms_crossed")
    compositor = Compositor()
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    for _ in range(4):
        _, alpha = compositor.compose(frame, body, placements, 0.033)
    inside = np.isin(people.truth("arms_crossed"), people.FOREARMS)
    assert (alpha[inside] > 127).mean() < 0.1


def test_a_hand_that_is_larger_than_its_joints_tell_keeps_its_fingers() -> None:
    body, frame, truth = (
        body_of(people.pose("arms_crossed")),
        people.picture("arms_crossed"),
        people.truth("arms_crossed"),
    )
    larger, hands = frame.copy(), np.zeros(truth.shape, bool)
    for arm, part in zip(body.arms, reversed(people.HANDS), strict=True):
        towards_the_camera = cv2.getRotationMatrix2D(arm.wrist.astype(float).tolist(), 0, 1.6)
        shown = cv2.warpAffine((truth == part).astype(np.uint8), towards_the_camera, truth.shape[::-1]) > 0
        larger[shown] = cv2.warpAffine(frame, towards_the_camera, truth.shape[::-1])[shown]
        hands |= shown
    _, alpha = dressed(["tee"], "arms_crossed", frame=larger)
    before_the_shirt = hands & (people.mask("arms_crossed") & people.EXTENT > 0)
    assert (alpha[before_the_shirt] > 127).mean() < 0.045


def test_a_hand_on_which_a_lamp_shines_stays_whole() -> None:
    body, frame, truth = (
        body_of(people.pose("arms_crossed")),
        people.picture("arms_crossed"),
        people.truth("arms_crossed"),
    )
    compositor = Compositor()
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    for _ in range(4):
        compositor.compose(frame, body, placements, 0.033)
    hands = np.isin(truth, people.HANDS)
    frame[hands] = np.minimum(frame[hands], 195) + np.uint8(60)
    _, alpha = compositor.compose(frame, body, placements, 0.033)
    before_the_shirt = hands & (people.mask("arms_crossed") & people.EXTENT > 0)
    assert (alpha[before_the_shirt] > 127).mean() < 0.05


def test_cloth_of_a_colour_never_seen_is_no_hand() -> None:
    body, frame = body_of(people.pose("arms_crossed")), people.picture("arms_crossed")
    compositor = Compositor()
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    for _ in range(4):
        compositor.compose(frame, body, placements, 0.033)
    truth = people.truth("arms_crossed")
    hands, forearms = (
        cv2.dilate(np.isin(truth, parts).astype(np.uint8), np.ones((side, side))) > 0
        for parts, side in ((people.HANDS, 25), (people.FOREARMS, 41))
    )
    lining = hands & ~forearms & np.isin(truth, people.SHIRT)
    frame[lining] = (0, 150, 250)
    _, alpha = compositor.compose(frame, body, placements, 0.033)
    assert (alpha[lining] > 127).mean() > 0.85


def test_a_forearm_in_a_sleeve_of_a_printed_shirts_own_cloth_is_kept_by_its_shape() -> None:
    body, frame, truth = (
        body_of(people.pose("arms_crossed")),
        people.picture("arms_crossed"),
        people.truth("arms_crossed"),
    )
    forearms, shirt = np.isin(truth, people.FOREARMS), np.isin(truth, people.SHIRT)
    light = frame[forearms].mean(axis=1, keepdims=True) / frame[forearms].mean()
    cloth = frame[shirt].mean(axis=0)
    frame[shirt & (np.indices(shirt.shape).sum(0) // 16 % 2 == 0)] = (185, 188, 190)
    frame[forearms] = np.clip(1.6 * cloth * light, 0, 255).astype(np.uint8)
    compositor = Compositor()
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    for _ in range(4):
        _, alpha = compositor.compose(frame, body, placements, 0.033)
    assert (alpha[forearms] > 127).mean() < 0.4


def test_an_arms_shadow_on_a_shirt_is_no_part_of_it_though_it_has_the_colour_of_shaded_skin() -> None:
    body, frame, truth = (
        body_of(people.pose("arms_crossed")),
        people.picture("arms_crossed"),
        people.truth("arms_crossed"),
    )
    hands, forearms, shirt = (np.isin(truth, parts) for parts in (people.HANDS, people.FOREARMS, people.SHIRT))
    light = frame[shirt].mean(axis=1, keepdims=True) / frame[shirt].mean()
    frame[shirt] = np.clip(light * (50, 50, 170), 0, 255).astype(np.uint8)
    by_hands, by_arms = (shirt & (cv2.dilate(part.astype(np.uint8), np.ones((9, 9))) > 0) for part in (hands, forearms))
    frame[by_hands | by_arms] //= 2
    compositor = Compositor()
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    for _ in range(4):
        _, alpha = compositor.compose(frame, body, placements, 0.033)
    assert (alpha[by_arms & ~by_hands] > 127).mean() > 0.9
    assert (alpha[forearms] > 127).mean() < 0.03


def test_the_cuff_of_a_pushed_up_sleeve_stays_beside_the_bare_arm() -> None:
    body, frame, truth = (
        body_of(people.pose("arms_crossed")),
        people.picture("arms_crossed"),
        people.truth("arms_crossed"),
    )
    sleeves, middle = np.zeros(truth.shape, np.uint8), np.zeros(truth.shape, np.uint8)
    for arm in body.arms:
        elbow, wrist = arm.elbow.astype(int).tolist(), arm.wrist.astype(int).tolist()
        cv2.line(sleeves, elbow, (arm.elbow + 0.4 * (arm.wrist - arm.elbow)).astype(int).tolist(), 1, 50)
        cv2.line(middle, elbow, wrist, 1, 12)
    forearms, shirt = np.isin(truth, people.FOREARMS), np.isin(truth, people.SHIRT)
    for cloth in (shirt, forearms & (sleeves > 0)):
        light = frame[cloth].mean(axis=1, keepdims=True) / frame[cloth].mean()
        frame[cloth] = np.clip(light * (42, 40, 40), 0, 255).astype(np.uint8)
    compositor = Compositor()
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    for _ in range(4):
        _, alpha = compositor.compose(frame, body, placements, 0.033)
    assert (alpha[forearms & (middle > 0)] > 127).mean() < 0.12


def test_a_jacket_lies_over_the_shirt_that_is_worn_below() -> None:
    shirt, _ = dressed(["shirt"], "a_pose")
    both, _ = dressed(["shirt", "jacket"], "a_pose")
    jacket, alpha = dressed(["jacket"], "a_pose")
    core = cv2.erode((alpha == 255).astype(np.uint8), np.ones((9, 9))) > 0
    assert np.abs(both[core].astype(int) - jacket[core]).mean() < 3
    assert np.abs(both[core].astype(int) - shirt[core]).mean() > 20


def test_own_clothes_and_not_the_back_of_a_garment_show_in_its_opening() -> None:
    body = body_of(people.pose("a_pose"))
    _, alpha = dressed(["dress"], "a_pose")
    chest = np.zeros_like(alpha)
    for side in (-1, 1):
        middle = body.chest + body.scale * (0.02 * body.up + 0.2 * side * body.across)
        cv2.circle(chest, np.round(middle).astype(int).tolist(), round(0.05 * body.scale), 255, -1)
    assert (alpha[chest > 0] == 0).all()


def test_the_back_of_a_garment_stands_behind_the_neck() -> None:
    body = body_of(people.pose("a_pose"))
    _, alpha = dressed(["hoodie"], "a_pose")
    beside = np.zeros_like(alpha)
    for side in (-1, 1):
        neck = body.chest + 0.25 * body.scale * body.up + 0.24 * body.scale * side * body.across
        cv2.circle(beside, np.round(neck).astype(int).tolist(), 2, 255, -1)
    assert (alpha[beside > 0] > 127).all()


def test_strength_fades_the_garment() -> None:
    frame = people.picture("a_pose").astype(int)
    full, half, none = (dressed(["tee"], "a_pose", strength)[0].astype(int) for strength in (1.0, 0.5, 0.0))
    assert (none == frame).all()
    assert np.abs(half - (full + frame) / 2).mean() < 0.6
    assert np.abs(half - (full + frame) / 2).max() < 40


@pytest.mark.parametrize("person", ["a_pose", "arms_crossed"])
@pytest.mark.parametrize("outfit", OUTFITS[:2], ids="+".join)
def test_the_picture_is_the_one_that_was_looked_at(person: str, outfit: list[str]) -> None:
    """Golden pictures, with room for another library version's rounding."""
    out, _ = dressed(outfit, person)
    small = cv2.resize(out, (320, 240), interpolation=cv2.INTER_AREA)
    golden = cv2.imread(str(people.DATA / f"golden_{person}_{'_'.join(outfit)}.jpg"))
    assert golden is not None
    assert np.abs(small.astype(int) - golden).mean() < 3.0


def test_no_strip_of_the_own_shirt_shows_beside_a_hanging_arm() -> None:
    _, alpha = dressed(["tee"], "turned")
    truth = people.truth("turned")
    arms = cv2.dilate(np.isin(truth, BARE_ARMS).astype(np.uint8), np.ones((25, 25))) > 0
    shirt = np.isin(truth, people.SHIRT) & arms
    assert (alpha[shirt] < 128).mean() < 0.1


def test_a_bare_arm_that_is_tracked_beside_itself_cuts_no_hole() -> None:
    frame, pose = people.picture("a_pose"), people.pose("a_pose")
    body, compositor, points = body_of(pose), Compositor(), pose.points.copy()
    elbow = body.chest + 0.25 * body.scale * body.across + 0.45 * body.torso * body.down
    wrist = elbow + 0.45 * body.torso * body.down
    hand = [at.LEFT_WRIST, at.LEFT_PINKY, at.LEFT_INDEX, at.LEFT_THUMB]
    points[hand, :2] += wrist - points[at.LEFT_WRIST, :2]
    points[at.LEFT_ELBOW, :2] = elbow
    placements = [place(Wardrobe.demo()["tee"], body, Silhouette(body), lambda points: points)]
    for _ in range(30):
        compositor.compose(frame, body, placements, 0.033)
    alpha = compositor.compose(frame, body_of(replace(pose, points=points)), placements, 0.033)[1]
    forearm = np.zeros(alpha.shape, np.uint8)
    ends = [(elbow + share * (wrist - elbow)).astype(int).tolist() for share in (0.1, 0.6)]
    cv2.line(forearm, ends[0], ends[1], 1, 5)
    over = (forearm > 0) & np.isin(people.truth("a_pose"), people.SHIRT)
    assert over.sum() > 100
    assert (alpha[over] > 127).mean() > 0.9


def test_a_coats_sleeve_ends_where_the_arm_does_below_the_waist_too() -> None:
    """The coat hangs freely there; of a sleeve that reached beyond the elbow a torn piece stood out."""
    pose = people.pose("a_pose")
    body, points, mask = body_of(pose), pose.points.copy(), pose.mask.copy()
    shoulder, scale = points[at.RIGHT_SHOULDER, :2], body.scale
    points[at.RIGHT_ELBOW, :2] = shoulder + np.array([-0.45, 1.1], np.float32) * scale
    hand = [at.RIGHT_WRIST, at.RIGHT_PINKY, at.RIGHT_INDEX, at.RIGHT_THUMB]
    points[hand, :2] = points[at.RIGHT_ELBOW, :2] + np.array([-0.25, 0.5], np.float32) * scale
    right, end = float(shoulder[0]) - 0.3 * scale, float(points[at.RIGHT_ELBOW, 1]) + 0.1 * scale
    mask[round(end / pose.scale) :, : round(right / pose.scale)] = 0
    body = body_of(replace(pose, points=points, mask=mask))
    placements = [place(Wardrobe.demo()["coat"], body, Silhouette(body), lambda points: points)]
    _, alpha = Compositor().compose(people.picture("a_pose"), body, placements, 0.033)
    assert alpha[round(end + 0.15 * scale) :, : round(right - 0.3 * scale)].max() < 10


@pytest.mark.parametrize("off", (-0.1, 0.1))
def test_a_cuff_leaves_the_heel_of_a_hand_whose_wrist_is_tracked_at_its_edge(off: float) -> None:
    pose = people.pose("arms_crossed")
    points = pose.points.copy()
    points[[at.LEFT_WRIST, at.RIGHT_WRIST], 1] += off * body_of(pose).scale
    body, frame = body_of(replace(pose, points=points)), people.picture("arms_crossed")
    compositor = Compositor()
    placements = [place(Wardrobe.demo()["shirt"], body, Silhouette(body), lambda points: points)]
    for _ in range(4):
        _, alpha = compositor.compose(frame, body, placements, 0.033)
    hands = np.isin(people.truth("arms_crossed"), people.HANDS)
    before_the_shirt = hands & (people.mask("arms_crossed") & people.EXTENT > 0)
    assert (alpha[before_the_shirt] > 127).mean() < 0.045
