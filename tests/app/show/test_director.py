"""The run of show follows the looping film, exactly once a loop, and steps back for people."""

import pytest

from app.catalogue import queries as catalogue
from app.drops import queries as drops
from app.show import queries
from app.show.director import Director, drop_due, stamp
from app.show.rundown import DEMO_FILE, PlannedDrop, parse_rundown
from overlays.messages import numbered
from overlays.timeline import Timeline
from tests.app.show.conftest import House

GALA = parse_rundown(DEMO_FILE.read_text(), DEMO_FILE)
FRAME_MS = 1000 / 24
LOOP_MS = 1_790_000_000_000


async def announced(house: House) -> tuple[int, dict[str, int]]:
    """The event's number and the cues with the durations that are left of them."""
    async with house.ledger.read() as conn:
        rows = await queries.announced_after(conn, "gala", 0)
    timeline = Timeline()
    timeline.apply_all(numbered(row.kind, row.body) for row in rows)
    return timeline.seq, {cue.id: cue.duration_ms for cue in timeline.state().cues}


def test_every_tag_appears_and_leaves_on_a_frame_that_shows_its_outfit() -> None:
    # The film's acts with full light, as frame numbers.
    acts = [(9, 181, {"qipao"}), (201, 373, {"jacket", "tee", "trousers", "glasses"}), (393, 565, {"dress", "hat"})]
    cues = stamp(GALA, LOOP_MS, LOOP_MS)
    assert {sku for cue in cues for sku in cue.products} == set().union(*(act[2] for act in acts))
    for cue in cues:
        first, last = (cue.at_ms - LOOP_MS) / FRAME_MS, (cue.end_ms - LOOP_MS) / FRAME_MS
        assert first == pytest.approx(round(first), abs=0.02)
        assert any(begin <= first < last <= end and set(cue.products) <= worn for begin, end, worn in acts), cue


def test_a_late_start_leaves_out_what_is_over() -> None:
    ids = [cue.id for cue in stamp(GALA, LOOP_MS, LOOP_MS + 12_000)]
    assert f"cue_film_{LOOP_MS}_1" not in ids
    assert f"cue_film_{LOOP_MS}_2" in ids


def test_a_drop_has_its_turn_every_so_many_loops() -> None:
    planned = PlannedDrop(sku="dress", variant="dress-m", quantity=1, every_loops=5)
    reveal = LOOP_MS + 17_000
    assert drop_due(planned, None, LOOP_MS, 24_000)
    turns = [loop for loop in range(1, 12) if drop_due(planned, reveal, LOOP_MS + loop * 24_000, 24_000)]
    assert turns[0] == 5


async def test_a_loop_is_stamped_once_whoever_asks_and_whatever_restarts(house: House) -> None:
    await Director().perform(house.app)
    seq, cues = await announced(house)
    assert set(cues) == {f"cue_film_{house.camera.loop_ms}_{row}" for row in (1, 2, 3, 4, 5, 6)}
    async with house.ledger.read() as conn:
        (drop,) = await drops.of_event(conn, "gala")
    assert drop.reveal_at_ms == house.camera.loop_ms + 17_000
    again = Director()  # as after a restart
    await again.perform(house.app)
    assert (await announced(house))[0] == seq
    house.camera.loop_ms += 24_000
    house.camera.advance(24_040)
    await again.perform(house.app)
    assert len((await announced(house))[1]) == 12
    async with house.ledger.read() as conn:
        assert len(await drops.of_event(conn, "gala")) == 1


async def test_a_publisher_takes_the_stage_and_the_films_tags_are_taken_back(house: House) -> None:
    director = Director()
    await director.perform(house.app)
    house.camera.source = "whip"
    house.camera.advance(9_000)  # row 2 is shown, row 3 and later are ahead, row 1 is over
    await director.perform(house.app)
    _, cues = await announced(house)
    loop = house.camera.loop_ms
    assert cues == {f"cue_film_{loop}_1": 7000, f"cue_film_{loop}_2": 500}
    house.camera.loop_ms += 24_000
    house.camera.advance(15_000)
    await director.perform(house.app)
    assert len((await announced(house))[1]) == 2


@pytest.mark.parametrize("how", ["autopilot", "after"])
async def test_a_host_stops_it(house: House, how: str) -> None:
    director = Director()
    await director.perform(house.app)
    if how == "autopilot":
        status, _ = await house.call("PUT", "/api/events/gala/autopilot", {"on": False})
    else:
        status, _ = await house.call("POST", "/api/events/gala/state", {"state": "after"})
    assert status == 200
    await director.perform(house.app)
    assert (await announced(house))[1] == {}


async def test_the_demos_stock_lasts(house: House) -> None:
    async with house.ledger.write() as conn:
        left = (await catalogue.variants_on_sale(conn, ["dress-m"]))["dress-m"][0].left
        await catalogue.adjust(conn, "dress-m", -left)
    await Director().perform(house.app)
    async with house.ledger.read() as conn:
        assert [drop.quantity for drop in await drops.of_event(conn, "gala")] == [12]
