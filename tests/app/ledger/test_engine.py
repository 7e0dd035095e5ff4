import asyncio

import pytest
from sqlalchemy import text

from app.config import Config, ConfigError
from app.ledger.engine import Ledger, LedgerDown, ledger_url
from app.ledger.migrate import WrongRevision, check_revision, current_revision, migrate, newest_revision


async def _table(ledger: Ledger) -> None:
    async with ledger.write() as connection:
        await connection.execute(text("CREATE TABLE counts (n INTEGER)"))
        await connection.execute(text("INSERT INTO counts VALUES (0)"))


async def test_a_write_is_kept_and_an_exception_undoes_it(ledger: Ledger) -> None:
    await _table(ledger)
    with pytest.raises(RuntimeError):
        async with ledger.write() as connection:
            await connection.execute(text("UPDATE counts SET n = 7"))
            raise RuntimeError
    async with ledger.write() as connection:
        await connection.execute(text("UPDATE counts SET n = n + 1"))
    async with ledger.read() as connection:
        assert await connection.scalar(text("SELECT n FROM counts")) == 1


async def test_two_hundred_concurrent_writers_lose_no_update(ledger: Ledger) -> None:
    await _table(ledger)

    async def add() -> None:
        async with ledger.write() as connection:
            await connection.execute(text("UPDATE counts SET n = n + 1"))

    await asyncio.gather(*(add() for _ in range(200)))
    async with ledger.read() as connection:
        assert await connection.scalar(text("SELECT n FROM counts")) == 200


async def test_what_is_read_together_belongs_to_one_moment(ledger: Ledger) -> None:
    await _table(ledger)
    async with ledger.read() as reading:
        assert await reading.scalar(text("SELECT n FROM counts")) == 0
        async with ledger.write() as connection:
            await connection.execute(text("UPDATE counts SET n = 5"))
        assert await reading.scalar(text("SELECT n FROM counts")) == 0


async def test_a_reader_cannot_write(ledger: Ledger) -> None:
    await _table(ledger)
    with pytest.raises(Exception, match=r"read-?only"):
        async with ledger.read() as connection:
            await connection.execute(text("UPDATE counts SET n = 5"))


async def test_every_commit_is_durable(ledger: Ledger) -> None:
    async with ledger.write() as connection:
        if ledger.dialect == "sqlite":
            assert await connection.scalar(text("PRAGMA synchronous")) == 2
            assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
            assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
        else:
            assert await connection.scalar(text("SHOW synchronous_commit")) == "on"


async def test_migrating_twice_changes_nothing_and_the_revision_fits(ledger: Ledger) -> None:
    await migrate(ledger)
    assert await current_revision(ledger) == newest_revision()
    await check_revision(ledger)


async def test_a_database_of_another_version_is_refused(ledger: Ledger) -> None:
    async with ledger.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongRevision, match="9999"):
        await check_revision(ledger)


async def test_a_database_that_is_away_is_busy_not_an_error() -> None:
    ledger = Ledger(ledger_url(Config(database_url="postgresql://nobody@127.0.0.1:1/none")))
    with pytest.raises(LedgerDown):
        async with ledger.read():
            pass
    await ledger.close()


def test_database_urls_are_taken_as_people_write_them() -> None:
    url = ledger_url(Config(database_url="postgres://shop:secret@db/laufsteg?sslmode=require"))
    assert url.drivername == "postgresql+asyncpg"
    assert url.query == {"ssl": "require"}
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        ledger_url(Config(database_url="sqlite://"))
