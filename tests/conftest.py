"""Fixtures on real servers: a migrated ledger on SQLite and on PostgreSQL, and a gate on a real Redis."""

import asyncio
import itertools
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.config import Config
from app.gate.connection import Gate
from app.ledger.engine import Ledger, ledger_url
from app.ledger.migrate import migrate
from app.ledger.schema import complete
from tests.servers import Postgres, RedisServer, short_folder

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """What a command sets up for its process's log ends with the test that ran it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in list(root.handlers):
        if handler not in before:
            root.removeHandler(handler)
    root.setLevel(level)


async def _migrated(url: str) -> None:
    ledger = Ledger.of(Config(database_url=url))
    await migrate(ledger)
    await ledger.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for all tests; its database `template_shop` is migrated, tests use copies of it."""
    with short_folder() as folder:
        server = Postgres(folder)
        server.create()
        server.start()
        try:
            server.run("CREATE DATABASE template_shop")
            asyncio.run(_migrated(server.url("template_shop")))
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database that tests copy."""
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    asyncio.run(_migrated(f"sqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The DATABASE_URL of a migrated, empty database, once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    server: Postgres = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE template_shop")
    return server.url(name)


@pytest.fixture(scope="session")
def shared_database(postgres: Postgres) -> str:
    """One PostgreSQL database for whole shops: emptying it is much faster than making a new one."""
    postgres.run("CREATE DATABASE shared_shop TEMPLATE template_shop")
    return postgres.url("shared_shop")


@pytest.fixture(params=["sqlite", "postgresql"])
def used_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The DATABASE_URL of a migrated database, once on each kind; in PostgreSQL with what the test before left."""
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("shared_database")
    return url


@pytest.fixture
async def emptied_url(used_url: str) -> str:
    """The DATABASE_URL of a migrated, empty database, once on each kind."""
    opened = Ledger.of(Config(database_url=used_url))
    if opened.dialect == "postgresql":
        async with opened.write() as conn:
            tables = ", ".join(table.name for table in complete().sorted_tables)
            await conn.exec_driver_sql(f"TRUNCATE {tables}")
    await opened.close()
    return used_url


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Ledger]:
    """A migrated, empty ledger, once on SQLite and once on PostgreSQL."""
    opened = Ledger(ledger_url(Config(database_url=database_url)))
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """One Redis for all tests that do not harm it."""
    with short_folder() as folder:
        server = RedisServer(folder)
        server.start()
        yield server
        server.kill()


@pytest.fixture
def redis_url(shared_redis: RedisServer) -> str:
    """The REDIS_URL of an empty Redis."""
    shared_redis.ask("FLUSHALL")
    return shared_redis.url


@pytest.fixture
async def gate(redis_url: str) -> AsyncIterator[Gate]:
    """A gate on an empty Redis."""
    opened = Gate(redis_url)
    yield opened
    await opened.close()


@pytest.fixture(params=["redis", "valkey"])
def own_redis(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A Redis, and once a Valkey, of the test's own, to be killed and restarted."""
    with short_folder() as folder:
        server = RedisServer(folder, request.param)
        server.start()
        yield server
        server.kill()
