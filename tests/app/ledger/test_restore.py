"""A restored ledger is the backup's, whole, whatever a killed shop has left behind."""

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from app.__main__ import main
from app.config import Config
from app.drops.duties import mend
from app.drops.rebuild import PHANTOM_AFTER_MS
from app.drops.rules import Drop
from app.ledger import backup, restore
from app.ledger.engine import Ledger
from app.ledger.restore import RestoreFailed
from app.shop.verify import verify
from tests.app.shopping import ManualClock, open_shop


async def _orders(url: str) -> list[str]:
    ledger = Ledger.of(Config(database_url=url))
    async with ledger.read() as connection:
        found = list(await connection.scalars(text("SELECT id FROM orders ORDER BY id")))
    assert (await verify(ledger))[0] == []
    await ledger.close()
    return found


def test_a_shop_goes_on_from_its_backup(database_url: str, redis_url: str, tmp_path: Path) -> None:
    config, kept, clock = Config(database_url=database_url), tmp_path / "kept", ManualClock()
    drops: list[Drop] = []

    async def sell(pieces: int) -> list[str]:
        async with open_shop(database_url, redis_url, tmp_path / "data", clock) as shop:
            drops.append(drops[0] if drops else await shop.drop(quantity=5))
            for _ in range(2):
                clock.advance(PHANTOM_AFTER_MS + 1)
                await mend(shop.app)
            for number in range(pieces):
                browser = shop.browser()
                email = f"{len(drops)}.{number}@example.org"
                await browser.buy(("tee-m", 1), holds=[await shop.hold(browser, drops[0])], email=email)
        return await _orders(database_url)

    before = asyncio.run(sell(2))
    backup.run(config, str(kept))
    assert len(asyncio.run(sell(1))) == 3
    restore.run(config, str(kept))
    assert asyncio.run(_orders(database_url)) == before
    # The same Redis, which counts an order that is no more: its unit can be bought again.
    assert len(asyncio.run(sell(3))) == 5


def test_what_a_killed_shop_left_in_its_log_does_not_come_back(migrated_file: Path, tmp_path: Path) -> None:
    url, kept, data = f"sqlite:///{migrated_file}", tmp_path / "kept", tmp_path / "data"
    backup.run(Config(database_url=url), str(kept))
    data.mkdir()
    shutil.copy(migrated_file, tmp_path / "live.db")
    with sqlite3.connect(tmp_path / "live.db") as live:
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("INSERT INTO products VALUES ('s', 0, '{}', '', 0, 0)")
        live.commit()
        # Killed: the files as they are at this instant, the log not yet in the database.
        for suffix in ("", "-wal"):
            shutil.copy(f"{tmp_path}/live.db{suffix}", f"{data}/ledger.db{suffix}")
    live.close()

    def products() -> int:
        with sqlite3.connect(data / "ledger.db") as ledger:
            (count,) = ledger.execute("SELECT count(*) FROM products").fetchone()
        ledger.close()
        return int(count)

    assert products() == 1
    restore.run(Config(data=data), str(kept))
    assert products() == 0


def test_what_is_no_backup_changes_nothing(database_url: str, tmp_path: Path) -> None:
    config, other = Config(database_url=database_url), tmp_path / "other"
    with pytest.raises(RestoreFailed, match="no backup"):
        restore.run(config, str(other))
    other.write_bytes(b"not a ledger" * 1000)
    with pytest.raises(RestoreFailed):
        restore.run(config, str(other))
    sqlite3.connect(tmp_path / "empty").close()
    with pytest.raises(RestoreFailed):
        restore.run(config, str(tmp_path / "empty"))
    assert asyncio.run(_orders(database_url)) == []


def test_a_running_shop_is_not_restored_under_its_feet(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app import processes

    kept = tmp_path / "kept"
    config = Config(database_url=database_url, data=tmp_path)
    backup.run(config, str(kept))
    monkeypatch.setenv("LAUFSTEG_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database_url)
    with processes.only_one(config):
        assert main(["restore", str(kept)]) == processes.EX_CONFIG
    assert "already runs" in capsys.readouterr().err

    async def attempt() -> None:
        ledger = Ledger.of(config)
        async with ledger.read():
            with pytest.raises(RestoreFailed, match="running"):
                await asyncio.to_thread(restore.run, config, str(kept))
        await ledger.close()

    if database_url.startswith("postgresql"):
        asyncio.run(attempt())
    assert main(["restore", str(kept)]) == 0
    assert "restored" in capsys.readouterr().out
