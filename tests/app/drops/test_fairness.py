import json
from pathlib import Path

import msgspec
import pytest

from app import keys
from app.config import ConfigError
from app.drops import queries
from app.drops.draw import fairness
from app.drops.draw import queries as draws
from app.drops.draw.rules import Entry, seed_hash, winners
from app.drops.draw.verify import run
from app.drops.keeping import keep_holds
from app.drops.rules import DRAW_GRACE_MS, HOLD_MS, Hold, HoldState
from app.drops.views import Draw, draw_view
from tests.app.drops.conftest import HOST, SKU, VARIANT, ManualClock, Starter, furnish, make_drop


async def test_a_published_draw_is_recomputed_and_every_meddling_is_named(
    start: Starter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = ManualClock()
    shop = await start(clock)
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], clock(), quantity=4, per_customer=2, draw_ms=1000)
    entries = [Entry(f"hld_{n}", drop.id, f"shp_{n}", 1 + n % 2, clock() + n * 50) for n in range(20)]
    async with shop.app[keys.LEDGER].write() as conn:
        await draws.enter(conn, entries)
    assert (await shop.ask("GET", f"/api/drops/{drop.id}/fairness", headers=HOST)).status == 409
    clock.advance(1000 + DRAW_GRACE_MS)
    await shop.do_duties()
    # A loser gets what comes back later, under the key of the entry: no winner of the draw.
    won = {entry.id for entry in winners(drop.seed, entries, 4)}
    loser = next(entry for entry in entries if entry.id not in won and entry.quantity == 1)
    back = next(entry for entry in entries if entry.id in won)
    async with shop.app[keys.LEDGER].write() as conn:
        await queries.release(conn, [back.id])
    clock.advance(10)
    late = Hold(
        loser.id, drop.id, "gala", SKU, VARIANT, loser.shopper, 1, HoldState.HELD, clock(), clock() + HOLD_MS
    )  # fmt: skip
    async with shop.app[keys.LEDGER].read() as conn:
        drawn = await queries.find(conn, drop.id)
    assert drawn and await shop.app[keys.LEDGER].run(keep_holds([(late, drawn.epoch)])) == [True]

    published = (await shop.ask("GET", f"/api/drops/{drop.id}/draw")).body
    assert {entry["id"] for entry in published["entries"] if entry["won"]} == won
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(published))
    run(str(file))
    assert "is right" in capsys.readouterr().out
    told = msgspec.convert(published, Draw)
    assert fairness.deviations(told, seed_hash("00" * 32)) == [
        "the seed is not the one whose hash was published before"
    ]
    flipped = [msgspec.structs.replace(told.entries[0], won=not told.entries[0].won), *told.entries[1:]]
    assert len(fairness.deviations(msgspec.structs.replace(told, entries=flipped))) == 1
    twice = msgspec.structs.replace(told, entries=[*told.entries, told.entries[0]])
    assert "a customer is in the draw more than once" in fairness.deviations(twice)
    file.write_text(json.dumps({**published, "seed": "11" * 32}))
    with pytest.raises(ConfigError):
        run(str(file))
    with pytest.raises(ConfigError, match="is no answer"):
        run(str(tmp_path / "missing.json"))

    report = (await shop.ask("GET", f"/api/drops/{drop.id}/fairness", headers=HOST)).body
    assert (report["entered"], report["won"], report["after_draw"]) == (20, len(won), 1)
    assert sum(part["entered"] for part in report["parts"]) == 20 and report["most_by_one"] <= 2
    assert (await shop.ask("GET", f"/api/drops/{drop.id}/fairness")).status == 401


async def test_the_report_tells_an_even_draw_from_one_that_the_first_win(start: Starter) -> None:
    clock = ManualClock()
    shop = await start(clock)
    await furnish(shop.app[keys.LEDGER])
    drop = await make_drop(shop.app[keys.LEDGER], clock(), quantity=100, draw_ms=3000)
    drawn = msgspec.structs.replace(drop, drawn_ms=clock() + 3250)
    entries = [Entry(f"e{n}", drop.id, f"shp_{n}", 1, clock() + n * 3) for n in range(1000)]

    def granted(won: list[Entry]) -> list[Hold]:
        return [
            Hold(e.id, drop.id, "gala", SKU, VARIANT, e.shopper, 1, HoldState.HELD, clock() + 3250, clock())
            for e in won
        ]

    even = [fairness.report(drawn, entries, granted(winners(f"{n:064x}", entries, 100))) for n in range(40)]
    assert sum(one.chi_square > one.uneven_above for one in even) <= 1
    # Two degrees of freedom: the mean of chi-square is two.
    assert 1.2 < sum(one.chi_square for one in even) / len(even) < 3.0
    unfair = fairness.report(drawn, entries, granted(entries[:100]))
    assert unfair.chi_square > unfair.uneven_above
    assert fairness.report(drawn, [], []).chi_square == 0.0
    assert draw_view(drawn, []).entries == []
