"""The console's SQL on both databases."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.catalogue.product import Titles
from app.config import Config
from app.host import queries
from app.host.deeds import Done
from app.host.queries import Account
from app.host.roles import Role
from app.ledger.engine import Ledger, ledger_url
from app.show.queries import save_event
from app.show.rundown import Rundown


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Ledger]:
    opened = Ledger(ledger_url(Config(database_url=database_url)))
    yield opened
    await opened.close()


async def test_accounts_and_their_sessions(ledger: Ledger) -> None:
    async with ledger.write() as conn:
        for name, role in (("host", Role.OPERATOR), ("mo", Role.MODERATOR)):
            await queries.add_account(conn, Account(name, "hash", role, 5))
        await queries.open_session(conn, "a", "mo", 100)
        await queries.open_session(conn, "b", "mo", 200)
        await queries.open_session(conn, "c", "host", 200)
        await queries.touch_session(conn, "b", 300)
        await queries.forget_expired(conn, seen_before_ms=150, created_before_ms=0)
    async with ledger.read() as conn:
        assert await queries.session(conn, "a") is None
        found = await queries.session(conn, "b")
        assert found is not None
        assert (found.name, found.role, found.created_ms, found.seen_ms) == ("mo", Role.MODERATOR, 200, 300)
        assert [one.name for one in await queries.accounts(conn)] == ["host", "mo"]
    async with ledger.write() as conn:
        await queries.set_password(conn, "host", "new")
        assert await queries.remove_account(conn, "mo")
        assert not await queries.remove_account(conn, "mo")
    async with ledger.read() as conn:
        assert await queries.session(conn, "b") is None
        assert await queries.session(conn, "c") is None
        kept = await queries.account(conn, "host")
        assert kept is not None
        assert kept.password_hash == "new"


async def test_of_many_processes_that_make_the_first_account_at_once_one_does(ledger: Ledger) -> None:
    async def make(number: int) -> bool:
        async with ledger.write() as conn:
            return await queries.add_account(conn, Account("host", f"hash-{number}", Role.OPERATOR, 5))

    assert sorted(await asyncio.gather(*map(make, range(8)))) == [False] * 7 + [True]


async def test_a_deed_is_taken_once(ledger: Ledger) -> None:
    async with ledger.write() as conn:
        await save_event(conn, Rundown(id="gala", title=Titles(en="G", de="G", zh="G")), None, "key", 0)
        await queries.keep_deed(conn, "gala", "host", Done("shown", "cue_1", 1))
        await queries.keep_deed(conn, "gala", "host", Done("dropped", "drp_1", 2))
        assert await queries.take_deed(conn, "gala", "mo") is None
        assert await queries.take_deed(conn, "gala", "host") == Done("dropped", "drp_1", 2)
        assert await queries.take_deed(conn, "gala", "host") is None


async def test_no_orders_are_no_takings(ledger: Ledger) -> None:
    async with ledger.read() as conn:
        assert await queries.takings(conn, 0) == []
