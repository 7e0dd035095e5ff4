"""Checkouts of the same moment in one transaction: each comes to what it would have come to alone, in turn."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select, text

from app.config import Config
from app.drops import queries as drops
from app.drops.keeping import keep_holds
from app.drops.rules import HOLD_MS, Drop, Hold, HoldState
from app.drops.tables import holds as table
from app.ledger.engine import Ledger
from app.ledger.statement import Statement, Work
from app.shop import placing, queries
from app.shop.address import Address
from app.shop.attempt import Attempt, AttemptState
from app.shop.cart import Wanted
from app.shop.idempotency import Answer, InProgress, fingerprint
from app.shop.placing import Overtaken, Placing, place
from app.shop.verify import verify
from app.shop.wish import CheckoutBody, Payment, checked
from tests.app.shopping import ADDRESS, TEES, ManualClock, Shop, open_shop, order_of
from tests.servers import Postgres

_numbers = itertools.count()


def asking(clock: ManualClock, shopper: str, *, key: str = "", tees: int = 0, **wanted: Any) -> Placing:
    """A checkout of `tees` T-shirts and other `wanted` members of the body."""
    lines = (Wanted("tee-m", tees),) if tees else ()
    email = wanted.pop("email", f"{shopper}@example.org")
    given = {"email": email, "address": Address(**ADDRESS), "lines": lines, **wanted}
    body = CheckoutBody(payment=Payment("sandbox", behaviour="approve"), **given)
    named = key or f"key-{next(_numbers)}"
    wish = checked(
        body,
        shopper=shopper,
        key=named,
        fingerprint=fingerprint(repr(body).encode()),
        language="en",
        methods={"sandbox": None},
    )
    return Placing(wish, None, clock())


async def held(shop: Shop, drop: Drop, *shoppers: str) -> list[str]:
    """A hold of one unit for each."""
    now_ms = shop.clock()
    kept = [
        Hold(f"hld_{next(_numbers)}", drop.id, drop.event, drop.sku, drop.variant, shopper, 1, HoldState.HELD, now_ms,
             now_ms + HOLD_MS)
        for shopper in shoppers
    ]  # fmt: skip
    assert await shop.ledger.run(keep_holds([(hold, 0) for hold in kept])) == [True] * len(kept)
    return [hold.id for hold in kept]


def told(answers: Sequence[Attempt | Answer | Exception]) -> list[str]:
    """What each came to: `placed`, a refusal's slug, or an error's name."""
    return [
        "placed" if isinstance(one, Attempt)
        else one.body.partition('"type":"')[2].partition('"')[0] if isinstance(one, Answer)
        else type(one).__name__
        for one in answers
    ]  # fmt: skip


async def test_mixed_carts_of_a_moment_are_decided_one_after_the_other(shop: Shop, clock: ManualClock) -> None:
    drop = await shop.drop(quantity=5)
    ada, bea, cai, dea = await held(shop, drop, "ada", "bea", "cai", "dea")
    batch = [
        asking(clock, "ada", holds=(ada,)),
        asking(clock, "bea", holds=(bea,), tees=2),
        asking(clock, "eve", holds=(ada,)),
        asking(clock, "ada", holds=(ada,)),
        asking(clock, "cai", holds=(cai, "hld_unknown")),
        asking(clock, "dea", holds=(dea,), email="ADA+again@example.org"),
        asking(clock, "fay", key="twin", tees=3),
        asking(clock, "fay", key="twin", tees=3),
        asking(clock, "fay", key="twin", tees=4),
        asking(clock, "gus", lines=(Wanted("no-such", 1),)),
        asking(clock, "hal", lines=(Wanted("jacket-xl", 2),)),
        asking(clock, "ivy", key="late", lines=(Wanted("jacket-xl", 2),)),
        asking(clock, "ivy", key="late", lines=(Wanted("jacket-xl", 2),)),
    ]
    expected = [
        "placed", "placed", "hold-expired", "hold-expired", "hold-expired", "limit-reached", "placed", "InProgress",
        "KeyReused", "Unprocessable", "placed", "sold-out", "sold-out",
    ]  # fmt: skip
    answers = await shop.ledger.run(place(batch))
    assert told(answers) == expected
    assert answers[11] == answers[12]
    async with shop.ledger.read() as conn:
        found = await drops.find(conn, drop.id)
    assert found is not None
    assert (found.held, found.reserved) == (2, 2)
    assert await shop.left("tee-m") == TEES - 5
    assert (await verify(shop.ledger))[0] == []
    # Who asks again with the same key hears the same, except that nobody has told the placed ones how they stand.
    again = told(await shop.ledger.run(place(batch)))
    assert again == ["InProgress" if one == "placed" else one for one in expected]


async def test_a_payment_that_could_not_be_asked_for_goes_on_once_in_a_batch(shop: Shop, clock: ManualClock) -> None:
    (first,) = await shop.ledger.run(place([asking(clock, "ada", key="k", tees=1)]))
    assert isinstance(first, Attempt)
    async with shop.ledger.write() as conn:
        started = [AttemptState.STARTED]
        assert await queries.move_attempt(conn, first.id, AttemptState.UNANSWERED, before=started)
    twins = [asking(clock, "ada", key="k", tees=1), asking(clock, "ada", key="k", tees=1)]
    again, other = await shop.ledger.run(place(twins))
    assert isinstance(again, Attempt) and isinstance(other, InProgress)
    assert again.id == first.id
    assert await shop.left("tee-m") == TEES - 1


def interrupted(work: Work[Any], before: Statement, act: Callable[[], None]) -> Work[Any]:
    """The work, with something happening elsewhere right before one of its statements."""
    steps, acted = next(work), False
    while True:
        if not acted and before in [statement for statement, _ in steps]:
            act()
            acted = True
        found = yield steps
        try:
            steps = work.send(found)
        except StopIteration as done:
            return done.value


@pytest.fixture
def database_of_two(postgres: Postgres) -> str:
    name = f"of_two_{next(_numbers)}"
    postgres.run(f"CREATE DATABASE {name} TEMPLATE template_shop")
    return postgres.url(name)


@pytest.mark.parametrize("locked", [False, True])
async def test_a_batch_that_is_overtaken_leaves_nothing_behind_and_can_be_tried_again(
    database_of_two: str, redis_url: str, tmp_path: Path, clock: ManualClock, locked: bool
) -> None:
    """On PostgreSQL only: SQLite lets nobody write between two statements of a transaction.

    What is looked at without locks is looked at again by the same try, with them (a key that is known already asks for
    that from the beginning).
    """
    async with open_shop(database_of_two, redis_url, tmp_path, clock) as shop:
        drop = await shop.drop(quantity=5)
        (ada,) = await held(shop, drop, "ada")
        batch = [asking(clock, "ada", holds=(ada,)), asking(clock, "bea", lines=(Wanted("jacket-xl", 3),))]
        if locked:
            batch.append(asking(clock, "dea", lines=(Wanted("no-such", 1),)))
        expected = ["placed", "sold-out", "Unprocessable"][: len(batch)]
        faster = asking(clock, "cai", lines=(Wanted("jacket-xl", 1),))

        async def overtake() -> None:
            other = Ledger.of(Config(database_url=database_of_two))
            assert told(await other.run(place([faster]))) == ["placed"]
            await other.close()

        def act() -> None:
            thread = Thread(target=asyncio.run, args=(overtake(),))
            thread.start()
            thread.join()

        overtaken = interrupted(place(batch), placing._START, act)
        if locked:
            with pytest.raises(Overtaken):
                await shop.ledger.run(overtaken)
            overtaken = place(batch)
        assert told(await shop.ledger.run(overtaken)) == expected
        assert (await verify(shop.ledger))[0] == []


async def test_two_processes_that_place_the_same_holds_do_not_wait_for_each_other_crosswise(
    database_of_two: str, redis_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    """On PostgreSQL only: in one turn or in several, what is locked first is the same."""
    other = Ledger.of(Config(database_url=database_of_two))
    async with open_shop(database_of_two, redis_url, tmp_path, clock) as shop:
        shoppers = [f"shopper-{number}" for number in range(20)]
        holds = await held(shop, await shop.drop("tee-m", quantity=20), *shoppers)
        once, again = (
            [asking(clock, shopper, holds=(hold,)) for shopper, hold in zip(shoppers, holds, strict=True)]
            for _ in range(2)
        )
        again.append(asking(clock, "dea", lines=(Wanted("no-such", 1),)))

        async def waiting(wanted: int) -> None:
            counted = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            found = -1
            while found != wanted:
                async with shop.ledger.read() as conn:
                    found = await conn.scalar(counted)

        async with asyncio.TaskGroup() as tasks, shop.ledger.write() as conn:
            await conn.execute(select(table).where(table.c.id == min(holds)).with_for_update())
            first = tasks.create_task(other.run(place(again)))
            await waiting(1)
            second = tasks.create_task(shop.ledger.run(place(once)))
            await waiting(2)
        assert told(first.result()) == ["placed"] * 20 + ["Unprocessable"]
        assert told(second.result()) == ["hold-expired"] * 20
    await other.close()


async def test_two_processes_never_sell_the_same_last_units(
    shop: Shop, used_url: str, redis_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    async with open_shop(used_url, redis_url, tmp_path / "data", clock) as other:
        browsers = [process.browser() for process in (shop, other) for _ in range(3)]
        drop = await shop.drop(quantity=6)
        holds = [await shop.hold(browser, drop) for browser in browsers]
        bodies = [order_of(("jacket-xl", 1), holds=[hold], email=f"{hold}@example.org") for hold in holds]
        answers = await asyncio.gather(
            *(browser.checkout(body) for browser, body in zip(browsers, bodies, strict=True))
        )
    assert sorted(status for status, _ in answers) == [201] * 3 + [409] * 3
    assert {answer["type"] for status, answer in answers if status == 409} == {"sold-out"}
    assert await shop.left("jacket-xl") == 0
    assert (await verify(shop.ledger))[0] == []
