"""`python -m app restore FILE`: the ledger becomes what a backup says. The shop has to be stopped."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL

from app.config import Config, ConfigError
from app.ledger.backup import postgres_program
from app.ledger.engine import Ledger, ledger_url
from app.ledger.migrate import current_revision

# What `app.ledger.engine` calls its connections, so that a running shop is recognised.
_RUNNING = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'laufsteg' AND datname = current_database() AND pid <> pg_backend_pid()
"""


class RestoreFailed(ConfigError):
    """The ledger is as it was; the message says why."""


def run(config: Config, file: str) -> None:
    """Replace the ledger's whole content by the backup's, in one step or not at all. Raises RestoreFailed."""
    path, url = Path(file).absolute(), ledger_url(config)
    if not path.is_file():
        raise RestoreFailed(f"There is no backup at {path}.")
    if url.get_backend_name() == "sqlite":
        _put_back(path, Path(url.database or ""))
    else:
        _load(path, url)
    revision = asyncio.run(_revision(config))
    sys.stdout.write(
        f"The ledger is restored, at revision {revision}; run `python -m app verify-ledger`, then start.\n"
    )


def _put_back(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as kept:
            kept.execute("SELECT version_num FROM alembic_version").fetchone()
            if (found := kept.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise RestoreFailed(f"{source} is damaged: {found}")
            # Written through the ledger's own log as one transaction: a file put in its place would be overwritten by
            # what a killed shop has left in that log.
            with closing(sqlite3.connect(target)) as ledger:
                kept.backup(ledger)
    except sqlite3.Error as error:
        raise RestoreFailed(f"The ledger could not be restored from {source}: {error}.") from None


def _load(source: Path, url: URL) -> None:
    if asyncio.run(_users(url)):
        raise RestoreFailed("A shop is running on this database; stop every process of it first.")
    how = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
    if (said := postgres_program("pg_restore", url, *how, str(source))) is not None:
        raise RestoreFailed(f"pg_restore failed: {said}")


async def _users(url: URL) -> int:
    ledger = Ledger(url)
    try:
        async with ledger.read() as connection:
            return int(await connection.scalar(text(_RUNNING)) or 0)
    finally:
        await ledger.close()


async def _revision(config: Config) -> str | None:
    ledger = Ledger.of(config)
    try:
        return await current_revision(ledger)
    finally:
        await ledger.close()
