"""What an audience takes is computed from measured figures, and the pages say the same."""

import re
from pathlib import Path

import msgspec
import pytest

from app.__main__ import main
from app.capacity import CORE_SHARE, GALA_CHANGES_PER_S, SPREAD_MS, Figures, Show, TooMuch, describe, plan
from bench import _page
from bench._gala import Minute
from bench._storm import Storm

SCALING = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"
# Round numbers to reckon with by hand.
ROUND = Figures(
    processor="a core", viewers=1000, delivery_cpu_us=10.0, entrance_cpu_us=1000.0, gala_cpu_us_per_viewer_second=100.0,
    redis_cpu_us_per_change=50.0, connection_kb=30.0, process_mb=100.0,
)  # fmt: skip


def test_a_small_show_is_reckoned_by_hand() -> None:
    show = Show(1000, changes_per_s=2, cues_per_s=0, churn_per_s=0)
    found = plan(show, ROUND)
    # 2 writes of 10 us a viewer; and what a change costs beside its writes, from the gala.
    assert found.cores == pytest.approx((1000 * 20 + 2 * ROUND.change_cpu_us) / 1e6)
    assert found.processes == 1
    assert found.memory_gb == pytest.approx(0.13)
    assert found.redis_core == pytest.approx(2 * 50 / 1e6)
    assert found.spread_ms == pytest.approx(10)
    assert (found.viewers_per_process, found.bound_by) == (SPREAD_MS * 1000 / 10, "the last viewer's wait")


def test_the_gala_that_was_measured_is_what_comes_out() -> None:
    found = plan(Show(ROUND.viewers), ROUND)
    assert found.cores == pytest.approx(ROUND.viewers * ROUND.gala_cpu_us_per_viewer_second / 1e6, rel=1e-6)


@pytest.mark.parametrize("viewers", [1, 999, 20_000, 1_000_000])
def test_no_process_is_asked_for_more_than_its_share(viewers: int) -> None:
    found = plan(Show(viewers), ROUND)
    assert found.processes * found.viewers_per_process >= viewers
    assert found.cores <= CORE_SHARE * found.processes * 1.0001
    assert found.spread_ms <= SPREAD_MS


def test_more_changes_than_turns_cost_no_more_writes() -> None:
    busy, busier = (
        plan(Show(100_000, changes_per_s=rate), ROUND) for rate in (GALA_CHANGES_PER_S, 2 * GALA_CHANGES_PER_S)
    )
    assert busier.cores < 1.5 * busy.cores
    assert busier.redis_core >= 2 * busy.redis_core


def test_what_no_process_can_follow_is_refused_in_words() -> None:
    with pytest.raises(TooMuch, match="send fewer"):
        plan(Show(10, changes_per_s=1_000_000), ROUND)
    with pytest.raises(TooMuch, match="one viewer"):
        plan(Show(0), ROUND)


def test_a_redis_that_would_not_keep_up_is_named() -> None:
    slow = msgspec.structs.replace(ROUND, redis_cpu_us_per_change=5_000.0)
    assert "too much" in describe(Show(1_000_000), slow)
    assert "too much" not in describe(Show(1_000), ROUND)


def test_the_command_answers_from_the_kept_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capacity", "--viewers", "5000", "--events", "20"]) == 0
    assert capsys.readouterr().out == describe(Show(5000, 20.0), Figures.kept()) + "\n"
    with pytest.raises(SystemExit):
        main(["capacity"])
    with pytest.raises(SystemExit):
        main(["web", "--viewers", "5"])
    assert main(["capacity", "--viewers", "0"]) == 1


def test_the_page_shows_what_the_command_answers() -> None:
    page = SCALING.read_text()
    blocks = re.findall(r"    \$ python -m app capacity --viewers (\d+)\n((?:    .+\n)+)", page)
    assert [int(viewers) for viewers, _ in blocks] == [1000, 10_000, 100_000, 1_000_000]
    for viewers, block in blocks:
        shown = "\n".join(line.removeprefix("    ") for line in block.splitlines())
        assert shown == describe(Show(int(viewers)), Figures.kept()), (
            f"python -m app capacity --viewers {viewers} says otherwise"
        )


def test_every_number_of_the_page_is_what_was_kept() -> None:
    page = SCALING.read_text()
    assert _page.planned(page, Figures.kept()) == page
    other = _page.planned(page, ROUND)
    assert describe(Show(1000), ROUND).splitlines()[-1] in other
    assert _page.planned(other, Figures.kept()) == page


def test_a_new_measurement_finds_its_places_on_the_page() -> None:
    medians = {metric: {"ours": 1234.5, "plain": 2000.0, "node": 2469.0} for _, metric, _, _ in _page.BESIDE_NODE}
    minute = Minute(50.0, [10.0, 20.0], [30.0, 40.0], 9000, 7, 512.0, 100.0, 1000.0, 0.5, 25.0)

    def renewed(page: str) -> str:
        page = _page.stormy(page, Storm(12.0, 0, 4321, 0.61, [10.0], [40.0, 600.0]), 4000)
        return _page.crowded(_page.compared(page, medians, 1500), minute, 9000, 60.0)

    page = renewed(SCALING.read_text())
    for told in (
        "| CPU of a connect | 1,234 µs | 0.50 | 2,000 µs | 0.81 | 2,469 µs |",
        "Through 1 min",
        "15 ms from the host's request to its first viewer, 35 ms to its last (the slowest 40 ms)",
        "45% of its core",
        "4,321 refusals",
        "320 ms in the median; the worst took 0.60 s (0.01 s before the storm).",
    ):
        assert told in page
    assert renewed(page) == page
    with pytest.raises(_page.Moved, match="0 places"):
        renewed("# Another page")
