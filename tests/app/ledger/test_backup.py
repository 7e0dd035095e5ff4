import asyncio
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from app.config import Config
from app.ledger import backup
from app.ledger.backup import BackupFailed
from app.ledger.engine import Ledger
from app.ledger.migrate import check_revision
from tests.servers import Postgres, postgres_program


async def _write(url: str, *statements: str) -> None:
    ledger = Ledger.of(Config(database_url=url))
    async with ledger.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await ledger.close()


async def _read(url: str) -> int:
    ledger = Ledger.of(Config(database_url=url))
    await check_revision(ledger)
    async with ledger.read() as connection:
        found = await connection.scalar(text("SELECT n FROM note7"))
    await ledger.close()
    return int(found)


def test_a_backup_of_a_running_shop_can_be_put_in_place(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> None:
    asyncio.run(_write(database_url, "CREATE TABLE note7 (n INTEGER)", "INSERT INTO note7 VALUES (7)"))
    target = tmp_path / "backup"
    backup.run(Config(database_url=database_url), str(target))
    asyncio.run(_write(database_url, "UPDATE note7 SET n = 8"))
    if database_url.startswith("sqlite"):
        restored = f"sqlite:///{target}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        server.run("CREATE DATABASE restored")
        command = [postgres_program("pg_restore"), "-h", str(server.folder), "-Upostgres", "-drestored", str(target)]
        subprocess.run(command, check=True)
        restored = server.url("restored")
    assert asyncio.run(_read(restored)) == 7
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".partial")] == []


def test_a_backup_never_overwrites_and_says_what_is_missing(
    migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(database_url=f"sqlite:///{migrated_file}")
    (tmp_path / "there").touch()
    for target, sentence in ((tmp_path / "there", "exists already"), (tmp_path / "no" / "b", "does not exist")):
        with pytest.raises(BackupFailed, match=sentence):
            backup.run(config, str(target))
    with pytest.raises(BackupFailed, match="no ledger"):
        backup.run(Config(data=tmp_path), str(tmp_path / "b"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupFailed, match="pg_dump"):
        backup.run(Config(database_url="postgresql://shop@localhost/shop"), str(tmp_path / "b"))
