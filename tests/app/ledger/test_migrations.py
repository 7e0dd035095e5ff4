import asyncio
import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from app.ledger import draft, migrate
from app.ledger.engine import Ledger
from app.ledger.schema import complete


async def test_the_migrated_schema_equals_the_declared_tables(ledger: Ledger) -> None:
    """A difference needs a migration: python -m app.ledger.draft "what changes"."""
    async with ledger.read() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts={"compare_type": True}), complete())
        )
    assert differences == []


async def test_every_check_that_guards_stock_and_money_is_in_the_database(ledger: Ledger) -> None:
    declared = {
        (table.name, constraint.name)
        for table in complete().tables.values()
        for constraint in table.constraints
        if type(constraint).__name__ == "CheckConstraint"
    }
    async with ledger.read() as connection:
        found = await connection.run_sync(
            lambda sync: {
                (table, check["name"])
                for table in inspect(sync).get_table_names()
                for check in inspect(sync).get_check_constraints(table)
            }
        )
    assert declared and declared <= found


async def test_a_change_that_would_oversell_is_refused_by_the_database_itself(ledger: Ledger) -> None:
    with pytest.raises(Exception, match="never_oversold"):
        async with ledger.write() as connection:
            await connection.execute(
                text(
                    "INSERT INTO drops (id, event, sku, variant, quantity, per_customer, reveal_at_ms, opens_at_ms, "
                    "draw_ms, seed, created_ms, epoch, held, reserved, sold, returned) "
                    "VALUES ('d', 'e', 's', 'v', 1, 1, 0, 0, 0, '', 0, 0, 1, 0, 1, 0)"
                )
            )


def test_the_next_migration_can_be_drafted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "FOLDER", copy)
    path = Path(asyncio.run(draft.draft("add nothing")))
    assert path.parent == copy / "versions"
    assert "op." not in path.read_text()
    heads = ScriptDirectory.from_config(migrate.alembic_config()).get_heads()
    assert heads == [path.name.removeprefix("r").partition("_")[0]]
