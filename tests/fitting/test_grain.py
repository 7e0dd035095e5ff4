import cv2
import numpy as np
import numpy.typing as npt

from fitting.colours import BINS
from fitting.grain import Grain, grain, weigh_both
from fitting.pose import Bytes


def streaked(light: int, depth: int) -> Bytes:
    columns = np.where(np.arange(80) % 5 < 2, light + depth, light)
    return np.broadcast_to(columns[None, :, None], (80, 80, 3)).astype(np.uint8)


def plain(light: int) -> Bytes:
    noise = np.random.default_rng(4).normal(light, 1.5, (80, 80, 1))
    return np.broadcast_to(noise, (80, 80, 3)).astype(np.uint8)


def learnt() -> Grain:
    seen = Grain()
    seen.learn_cloth(grain(plain(46)).reshape(-1))
    seen.learn_hair(grain(streaked(40, 18)).reshape(-1))
    return seen


def test_streaks_are_told_from_plain_cloth_of_the_same_brightness() -> None:
    table = learnt().table
    assert table is not None
    assert table[grain(streaked(30, 16))].mean() > 0.5
    assert table[grain(plain(60))].mean() < -0.5


def test_streaks_are_what_the_clothes_have_not() -> None:
    seen = Grain()
    assert not seen.streaked(grain(streaked(40, 18))).any()  # no cloth was seen
    seen.learn_cloth(grain(plain(46)).reshape(-1))
    assert (seen.streaked(grain(streaked(40, 18))) > 0).mean() > 0.9
    assert (seen.streaked(grain(plain(80))) > 0).mean() < 0.05
    seen.learn_cloth(grain(streaked(60, 18)).reshape(-1))
    assert not seen.streaked(grain(streaked(40, 18))).any()


def test_one_edge_between_plain_colours_has_grain_in_a_narrow_band_only() -> None:
    picture = plain(40)
    picture[:, 40:] += 100
    more = grain(picture)[10:-10, 10:-10].astype(int) - grain(plain(40))[10:-10, 10:-10]
    assert (more > 8).sum(axis=1).max() <= 4


def test_cloth_as_streaked_as_hair_tells_nothing() -> None:
    seen = Grain()
    for _ in range(3):
        seen.learn_cloth(grain(streaked(60, 18)).reshape(-1))
        seen.learn_hair(grain(streaked(40, 18)).reshape(-1))
    assert seen.table is not None
    assert np.abs(seen.table).max() < 0.2
    assert not seen.differs
    assert learnt().differs


def test_too_few_samples_teach_nothing() -> None:
    seen = Grain()
    seen.learn_cloth(grain(plain(46)).reshape(-1))
    seen.learn_hair(grain(streaked(40, 18)).reshape(-1)[:20])
    assert seen.table is None


def test_grain_counts_for_colours_that_hair_has_and_away_from_skin_and_ground() -> None:
    table = learnt().table
    assert table is not None
    codes: npt.NDArray[np.uint16] = np.zeros((80, 80), np.uint16)
    codes[:, :40] = 1
    own, even, never = np.zeros(BINS, np.float32), np.zeros(BINS, np.float32), np.full(BINS, 4, np.float32)
    own[0] = 1
    mixed, everywhere = np.zeros((80, 80), np.uint8), np.full((80, 80), 255, np.uint8)
    mixed[:20] = 255
    score = weigh_both(codes, grain(streaked(40, 18)), everywhere, mixed, table, (own, even, never))
    assert score[30:70, 45:75].min() > 0
    assert not score[:, :40].any()
    assert not score[:20].any()
    assert cv2.countNonZero((score[20:23] != 0).astype(np.uint8)) == 0
