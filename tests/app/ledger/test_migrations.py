import asyncio
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from alembic import command
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


@pytest.fixture
async def old(tmp_path: Path) -> AsyncIterator[Ledger]:
    """A ledger before its migrations."""
    ledger = Ledger(f"sqlite+aiosqlite:///{tmp_path}/old.db")
    yield ledger
    await ledger.close()


async def upgrade(ledger: Ledger, revision: str) -> None:
    async with ledger.write() as connection:
        await connection.run_sync(lambda sync: command.upgrade(migrate.alembic_config(sync), revision))


async def insert(ledger: Ledger, table: str, **row: object) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    async with ledger.write() as connection:
        await connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608 - names only


async def test_units_that_came_back_before_they_were_noted_are_found_in_the_counters(old: Ledger) -> None:
    put = partial(insert, old)
    await upgrade(old, "0003")
    await put("products", sku="s", position=0, document="{}", digest="", retired=0, imported_ms=0)
    # Three were ordered and refunded, one of them stayed away.
    await put("variants", id="v", sku="s", position=0, size="M", retired=0, quantity=9, sold=1)
    money, times = {"amount": 1, "currency": "EUR", "document": ""}, {"created_ms": 0, "deadline_ms": 0}
    attempt = {"fingerprint": "", "state": "paid", "method": "", "token": "", "email_key": "", **money, **times}
    order = {"number": "", "state": "refunded", "email": "", "name": "", "language": "", "refunded": 1, **money}
    for id_, units in (("a", 1), ("b", 2)):
        line = {"variant": "v", "sku": "s", "title": "", "size": "M", "material": "", "unit_amount": 1}
        await put("attempts", id=id_, shopper=id_, key="", **attempt)
        await put("orders", id=id_, attempt=id_, created_ms=0, updated_ms=0, **order)
        await put("order_lines", order_id=id_, line=1, quantity=units, refunded=units, vat_basis_points=0, **line)
    await upgrade(old, "head")
    async with old.read() as connection:
        found = await connection.execute(text("SELECT order_id, restocked FROM order_lines ORDER BY order_id"))
        assert [tuple(row) for row in found] == [("a", 0), ("b", 2)]


async def test_payments_that_came_too_late_have_refunds_like_any_other(old: Ledger) -> None:
    await upgrade(old, "0008")
    attempt = {"fingerprint": "", "method": "", "token": "", "email_key": "", "amount": 5, "currency": "EUR"}
    times = {"document": "", "created_ms": 1, "deadline_ms": 2}
    for name, state, check_ms in (("a", "late", 3), ("b", "late-refunded", None), ("c", "expired", None)):
        facts = {"id": f"att_{name}", "shopper": name, "key": "", "state": state, "order_id": f"ord_{name}"}
        await insert(old, "attempts", **facts, check_ms=check_ms, **attempt, **times)
    await upgrade(old, "head")
    async with old.read() as connection:
        attempts = await connection.execute(text("SELECT state, check_ms FROM attempts ORDER BY id"))
        assert [tuple(row) for row in attempts] == [("late", None), ("late", None), ("expired", None)]
        columns = "id, order_id, state, amount, check_ms, refusals"
        refunds = await connection.execute(text(f"SELECT {columns} FROM refunds ORDER BY id"))  # noqa: S608 - names only
        assert [tuple(row) for row in refunds] == [
            ("ref_a", "ord_a", "asked", 5, 3, 0), ("ref_b", "ord_b", "done", 5, None, 0),
        ]  # fmt: skip


async def test_receipts_from_before_are_their_orders(old: Ledger) -> None:
    await upgrade(old, "0010")
    letter = {"recipient": "", "subject": "", "text": "", "language": "en", "state": "sent", "tries": 1}
    for name, key, order in (("a", "receipt:ord_x", "ord_x"), ("b", "refund:ref_y", "ord_x"), ("c", "code:z", None)):
        await insert(old, "outbox", id=f"mail_{name}", key=key, order_id=order, created_ms=1, **letter)
    await upgrade(old, "head")
    async with old.read() as connection:
        found = await connection.execute(text("SELECT id, key FROM outbox ORDER BY id"))
        assert [tuple(row) for row in found] == [("mail_b", "refund:ref_y"), ("mail_c", "code:z"), ("mail_x", None)]


def test_the_next_migration_can_be_drafted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "FOLDER", copy)
    path = Path(asyncio.run(draft.draft("add nothing")))
    assert path.parent == copy / "versions"
    assert "op." not in path.read_text()
    heads = ScriptDirectory.from_config(migrate.alembic_config()).get_heads()
    assert heads == [path.name.removeprefix("r").partition("_")[0]]
