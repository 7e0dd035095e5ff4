"""A shop on each kind of ledger."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.config import Config
from app.ledger.engine import Ledger
from app.ledger.schema import complete
from tests.app.shopping import Browser, ManualClock, Shop, open_shop
from tests.servers import Postgres


@pytest.fixture(scope="session")
def shop_database(postgres: Postgres) -> str:
    """One PostgreSQL database for the shop's tests: emptying it is much faster than making a new one."""
    postgres.run("CREATE DATABASE shop_tests TEMPLATE template_shop")
    return postgres.url("shop_tests")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The DATABASE_URL of a migrated database, once on each kind; the `shop` fixture empties it."""
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("shop_database")
    return url


@pytest.fixture
async def emptied(database_url: str) -> None:
    """Forget what the test before left in a shared database."""
    opened = Ledger.of(Config(database_url=database_url))
    if opened.dialect == "postgresql":
        async with opened.write() as conn:
            tables = ", ".join(table.name for table in complete().sorted_tables)
            await conn.exec_driver_sql(f"TRUNCATE {tables}")
    await opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def shop(
    database_url: str, redis_url: str, tmp_path: Path, clock: ManualClock, emptied: None
) -> AsyncIterator[Shop]:
    """A running shop with some of the demo's products, once on SQLite and once on PostgreSQL."""
    async with open_shop(database_url, redis_url, tmp_path / "data", clock) as opened:
        yield opened


@pytest.fixture
async def browser(shop: Shop) -> Browser:
    return shop.browser()
