"""Any order of buying, paying, failing, cancelling, refunding and withdrawing: units and money always add up."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.drops.rules import Drop
from app.payments.provider import Provider
from app.shop.order import BY_HAND, STEPS, OrderState, by_the_host
from tests.app.shop.bank import Bank
from tests.app.shop.ordering import Ordering
from tests.app.shopping import HOST, TEES, Browser, ManualClock, Shop, open_shop
from tests.servers import RedisServer

# Enough to run out, few enough to count by hand.
STOCK, DROPPED = 6, 3


@pytest.fixture
def machine(migrated_file: Path, shared_redis: RedisServer, tmp_path: Path) -> Iterator[type[Ordering]]:
    """The machine with a shop that has few pieces."""
    path, clock = shutil.copy(migrated_file, tmp_path / "ledger.db"), ManualClock()
    providers: dict[str, Provider] = {"bank": Bank()}

    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[Shop, Browser, Drop]]:
        url = f"sqlite:///{path}"
        async with open_shop(url, shared_redis.url, tmp_path, clock, providers=providers) as shop:
            browser = shop.browser()
            await browser.ask("POST", "/api/variants/tee-m/stock", {"by": STOCK - TEES}, headers=HOST)
            yield shop, browser, await shop.drop(quantity=DROPPED, per_customer=DROPPED)

    shared_redis.ask("FLUSHALL")
    with asyncio.Runner() as runner, closing(sqlite3.connect(path)) as ledger:
        opening = opened()
        shop, browser, drop = runner.run(opening.__aenter__())
        with closing(sqlite3.connect(":memory:")) as untouched:
            ledger.backup(untouched)
            Ordering.runner, Ordering.server, Ordering.providers, Ordering.clock = (
                runner,
                shared_redis,
                providers,
                clock,
            )
            Ordering.shop, Ordering.browser, Ordering.ledger, Ordering.untouched = shop, browser, ledger, untouched
            Ordering.drop = drop
            yield Ordering
        runner.run(opening.__aexit__(None, None, None))


def test_every_state_and_every_step_of_the_host_is_reached_through_the_api(machine: type[Ordering]) -> None:
    walk = machine()
    walk.post("/api/variants/tee-m/stock", {"by": 200})
    for state in OrderState:
        reached = str(walk.order_that_is(state))
        assert walk.state_of(reached) == state
        # A bank that transfers cannot be stopped.
        for after in by_the_host(state) if state != OrderState.PROCESSING else ():
            order = str(walk.order_that_is(state))
            walk.take(order, after)
            assert walk.state_of(order) == after
        for other in BY_HAND - STEPS[state] - {state}:
            walk.take(reached, other)
            assert walk.state_of(reached) == state
    walk.states_only_take_allowed_steps()
    walk.teardown()


def test_units_and_money_add_up_whatever_happens(machine: type[Ordering]) -> None:
    quick = settings(
        max_examples=28, stateful_step_count=20, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=quick)
