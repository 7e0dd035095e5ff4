import numpy as np

from fitting.colours import Palette, encode, evidence, gleaming
from fitting.pose import Bytes

RED, BLUE = (40, 40, 200), (200, 60, 40)


def patch(colour: tuple[int, int, int]) -> Bytes:
    noise = np.random.default_rng(6).normal(0, 6, (30, 30, 3))
    return np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)


def learnt(colour: tuple[int, int, int]) -> Palette:
    palette = Palette()
    palette.learn(encode(patch(colour)).ravel(), 10)
    return palette


def test_colours_that_differ_share_nothing() -> None:
    assert learnt(RED).overlap(learnt(BLUE)) < 0.05
    assert learnt(RED).overlap(learnt(RED)) > 0.95


def test_black_hair_is_told_from_a_black_shirt() -> None:
    assert learnt((26, 26, 28)).overlap(learnt((48, 48, 50))) < 0.3


def test_evidence_speaks_for_the_colour_that_was_learnt() -> None:
    red, blue = learnt(RED).share, learnt(BLUE).share
    assert red is not None
    assert blue is not None
    table = evidence(red, blue)
    assert np.median(table[encode(patch(RED))]) > 2
    assert np.median(table[encode(patch(BLUE))]) < -2


def test_too_few_samples_teach_nothing() -> None:
    palette = Palette()
    palette.learn(encode(patch(RED)).ravel()[:5], 10)
    assert palette.share is None


def test_a_colour_is_also_expected_in_shadow() -> None:
    palette = Palette()
    skin, shadow = np.full((20, 20, 3), (90, 140, 200), np.uint8), np.full((4, 4, 3), (72, 112, 160), np.uint8)
    palette.learn(encode(skin).ravel(), 10)
    assert palette.share is not None
    assert palette.shaded is not None
    code = int(encode(shadow)[0, 0])
    assert palette.share[code] < 1e-6
    assert palette.shaded[code] > 1e-3
    assert abs(float(palette.shaded.sum()) - 1) < 1e-3


def test_skin_is_also_expected_in_the_light_but_its_paler_edge_is_not() -> None:
    palette, pale = Palette(), (130, 140, 150)
    palette.learn(encode(np.concatenate([patch((90, 140, 200)), patch(pale)[:8]])).ravel(), 10)
    assert palette.share is not None
    lit = gleaming(palette.share)
    for colour, seen in (((90, 140, 200), True), (pale, False)):
        code = int(encode(np.full((1, 1, 3), colour, np.uint8) + np.uint8(45))[0, 0])
        assert palette.share[code] < 1e-5
        assert (lit[code] > 1e-3) == seen


def test_a_sleeve_is_of_a_shirts_cloth_in_another_light_and_beside_a_print() -> None:
    printed = Palette()
    printed.learn(encode(np.concatenate([patch((40, 40, 42)), patch((200, 205, 210))])).ravel(), 10)
    assert learnt((52, 52, 54)).shown_by(printed) > 0.5
    assert learnt((90, 140, 200)).shown_by(printed) < 0.1
