import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from app.config import Config
from app.drops import queries
from app.drops.verify import LedgerOff, mistakes, run, verify
from app.ledger.audit import Audit, DropCount, VariantCount
from app.ledger.engine import Ledger
from tests.app.drops.conftest import furnish, make_drop
from tests.app.drops.test_selling import NOW, hold


async def test_a_ledger_in_order_adds_up_and_every_disorder_is_named(ledger: Ledger) -> None:
    await furnish(ledger)
    drop = await make_drop(ledger, NOW, quantity=5)
    async with ledger.write() as conn:
        await queries.keep_holds(conn, [(hold(drop, 1), 0)])
    found, seen = await verify(ledger)
    assert found == [] and seen == "1 variants, 1 drops, 0 units sold"
    for statement, sentence in (
        ("UPDATE drops SET held = 2", "2 units held, its holds have 1"),
        ("UPDATE variants SET allotted = 6", "6 units allotted to drops, the drops have 5"),
        ("UPDATE variants SET sold = 1", "1 units sold, orders have 0"),
        ("UPDATE variants SET reserved = 2", "2 units reserved, payments under way have 0"),
        ("UPDATE holds SET state = 'sold'", "sold, and not on exactly one order"),
    ):
        async with ledger.write() as conn:
            await conn.execute(text(statement))
        found, _ = await verify(ledger)
        assert any(sentence in line for line in found), (statement, found)


def test_giving_away_more_than_there_is_is_named() -> None:

    audit = Audit(
        [VariantCount("v", 5, 2, 0, 4, 2, 4, 0)], [DropCount("d", 1, 0, 0, 2, 0, {"sold": 2})], [], [], [], [], []
    )
    assert [line.split(":")[0] for line in mistakes(audit)] == ["variant v", "drop d"]


def test_the_command_prints_what_it_saw(migrated_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(Config(database_url=f"sqlite:///{migrated_file}"))
    assert "adds up" in capsys.readouterr().out


def test_the_command_fails_when_something_is_off(tmp_path: Path, migrated_file: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(migrated_file.read_bytes())
    with sqlite3.connect(broken) as connection:
        connection.execute("INSERT INTO products VALUES ('s', 0, '{}', '', 0, 0)")
        connection.execute(
            "INSERT INTO variants (id, sku, position, size, retired, quantity, sold) VALUES ('v', 's', 0, 'M', 0, 3, 1)"
        )
    connection.close()
    with pytest.raises(LedgerOff, match="1 things"):
        run(Config(database_url=f"sqlite:///{broken}"))
