from dataclasses import replace

import numpy as np
import pytest

from fitting import FittingSession, Wardrobe
from fitting.body import body_of
from fitting.geometry import place
from fitting.pose import Bytes, Pose
from fitting.silhouette import Silhouette
from fitting.sizing import Advice, Measures, advise, measure, resized
from tests.fitting import people

TEE = Wardrobe.demo()["tee"]


def measures(chest: float, spread: float = 4.0) -> Measures:
    return Measures(chest, chest - 10, chest + 2, spread, True)


def test_a_larger_chest_gets_a_larger_size() -> None:
    order = list(TEE.sizes_cm)
    best = [advise(TEE, measures(chest)).sizes for chest in (84, 92, 100)]
    assert [order.index(sizes[0]) for sizes in best] == sorted(order.index(sizes[0]) for sizes in best)
    assert best[0] != best[-1]


def test_an_uncertain_measure_gives_a_range() -> None:
    assert len(advise(TEE, measures(94, spread=9)).sizes) > len(advise(TEE, measures(92, spread=2)).sizes)


@pytest.mark.parametrize("height", [None, 40, 400])
def test_without_a_believable_height_it_cannot_tell(height: float | None) -> None:
    assert measure(body_of(people.pose("a_pose")), height) == "no-height"


def whole_person(below: float) -> Pose:
    """A pose with knees and ankles; ``below``: how far the picture reaches under the hips, in torso lengths."""
    pose = people.pose("a_pose")
    torso = body_of(pose).torso
    hips = pose.points[[23, 24], 1].mean()
    pose.points[[25, 26], 1], pose.points[[27, 28], 1] = hips + 0.8 * torso, hips + 1.6 * torso
    pose.visibility[25:29] = 0.9
    height, width = pose.mask.shape
    deep = round((hips + below * torso) / pose.scale)
    mask: Bytes = np.zeros((deep, width), np.uint8)
    mask[: min(deep, height)] = pose.mask[:deep]
    return replace(pose, mask=mask)


def test_a_body_is_whole_only_when_the_ankles_are_in_the_picture() -> None:
    whole, half, near = (measure(body_of(whole_person(below)), 175) for below in (1.8, 1.2, 0.5))
    assert isinstance(whole, Measures) and isinstance(half, Measures) and isinstance(near, Measures)
    assert (whole.whole, half.whole, near.whole) == (True, False, False)
    assert whole.spread < half.spread
    assert (whole.standing, half.standing, near.standing) == (True, True, False)


def test_a_chest_is_fuller_than_a_waist_of_its_width() -> None:
    pose = people.pose("a_pose")
    body = body_of(pose)
    trunk: Bytes = np.zeros(pose.mask.shape, np.uint8)
    left, right = (round((body.chest[0] + side * 0.56 * body.scale) / pose.scale) for side in (-1, 1))
    trunk[:, left:right] = 255
    found = measure(body_of(replace(pose, mask=trunk)), 175)
    assert isinstance(found, Measures)
    assert 1.02 < found.chest / found.waist < 1.2


def test_who_may_be_sitting_gets_no_size_of_trousers() -> None:
    trousers = Wardrobe.demo()["trousers"]
    standing = measures(92)
    assert advise(trousers, standing).sizes
    assert advise(trousers, replace(standing, standing=False)) == Advice((), "not-seen")
    assert advise(TEE, replace(standing, standing=False)).sizes


def test_trousers_are_chosen_by_the_hips() -> None:
    trousers = Wardrobe.demo()["trousers"]
    loose_shirt = Measures(92, 110, 99, 4.0, True)
    assert advise(trousers, loose_shirt).sizes == ("M",)
    assert len(advise(trousers, replace(loose_shirt, hips=101)).sizes) == 2


def test_a_turned_body_cannot_be_measured() -> None:
    assert measure(body_of(people.pose("turned")), 170) == "turned"


def test_hidden_hips_cannot_be_measured() -> None:
    pose = people.pose("a_pose")
    pose.visibility[[23, 24]] = 0.1
    assert measure(body_of(pose), 170) == "not-seen"


def test_a_taller_person_of_the_same_shape_measures_more() -> None:
    body = body_of(people.pose("a_pose"))
    small, tall = measure(body, 160), measure(body, 190)
    assert isinstance(small, Measures)
    assert isinstance(tall, Measures)
    assert 1.1 < tall.chest / small.chest < 1.25
    assert 60 < small.chest < 130


def test_a_garment_without_a_chart_cannot_be_advised() -> None:
    assert advise(replace(TEE, sizes_cm={}), measures(95)) == Advice((), "no-chart")


def test_a_body_far_outside_the_chart_is_told_so() -> None:
    assert advise(TEE, measures(160)) == Advice((), "outside-chart")


def test_a_large_tee_on_a_small_body_hangs_wider_and_longer() -> None:
    body = body_of(people.pose("a_pose"))
    silhouette = Silhouette(body)
    usual = place(resized(TEE, "S", "S"), body, silhouette, lambda p: p).places["torso"]
    large = place(resized(TEE, "XL", "S"), body, silhouette, lambda p: p).places["torso"]
    assert large[:, 1].max() > usual[:, 1].max() + 2
    assert np.ptp(large[:, 0]) > np.ptp(usual[:, 0]) + 2


def test_a_session_advises_for_the_person_it_saw() -> None:
    with FittingSession(Wardrobe.demo(), tracker=people.Replay(lambda _: people.pose("a_pose"))) as shopper:
        assert shopper.advice("tee", 175).reason == "not-seen"
        shopper.process(people.picture("a_pose"), 1)
        advice = shopper.advice("tee", 175)
    assert set(advice.sizes) <= set(TEE.sizes_cm)
