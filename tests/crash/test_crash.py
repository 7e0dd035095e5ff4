"""Never one unit too many, never an acknowledged order lost, whatever dies; `python -m bench crash` kills longer."""

import asyncio

import pytest

from tests.crash import faults
from tests.crash.crash import crash

# Ten times what it takes. Buyers go on until everything is sold, and a shop that sells nothing would keep them.
PATIENCE_S = 300


@pytest.mark.parametrize(("ledger", "redis"), [("sqlite", "redis"), ("postgresql", "valkey")])
async def test_whatever_dies_nothing_is_oversold_lost_charged_for_nothing_or_stuck(ledger: str, redis: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        outcome = await crash(ledger, redis, kills=6, units=20, seed=1, patience_s=1.5)
    assert outcome.verdict.faults == []
    assert outcome.deaths.total() >= 6
    assert outcome.verdict.orders >= 20


def test_every_arrow_of_a_sale_is_somebodys_to_die_at() -> None:
    assert set(faults.WEB) | set(faults.WORKER) == faults.POINTS.keys()
