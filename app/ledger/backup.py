"""`python -m app backup FILE`: one consistent copy of the ledger, taken while the shop runs."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from app.config import Config, ConfigError
from app.ledger.engine import ledger_url


class BackupFailed(ConfigError):
    """No backup was made; the message says why."""


def run(config: Config, file: str) -> None:
    """Write the backup to `file`, which must not exist yet. Raises BackupFailed.

    SQLite: a database file. PostgreSQL: pg_dump's custom format. `app.ledger.restore` brings either back.
    """
    path, url = Path(file).absolute(), ledger_url(config)
    if path.exists():
        raise BackupFailed(f"{path} exists already; name a new file.")
    if not path.parent.is_dir():
        raise BackupFailed(f"The folder {path.parent} does not exist; make it first.")
    partial = path.with_name(path.name + ".partial")
    try:
        if url.get_backend_name() == "sqlite":
            _copy(Path(url.database or ""), partial)
        else:
            _dump(url, partial)
        # Only a complete backup ever has the name that was asked for.
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(path)
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(f"The backup could not be written: {error}.") from None
    finally:
        partial.unlink(missing_ok=True)
    sys.stdout.write(f"The ledger is kept in {path} ({path.stat().st_size:,} bytes).\n")


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupFailed(f"There is no ledger at {source}; check LAUFSTEG_DATA and DATABASE_URL.")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        # A single file, without a write-ahead log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _dump(url: URL, target: Path) -> None:
    said = postgres_program("pg_dump", url, "--format=custom", "--no-owner", f"--file={target}")
    if said is not None:
        raise BackupFailed(f"pg_dump failed: {said}")


def postgres_program(name: str, url: URL, *arguments: str) -> str | None:
    """Run one of PostgreSQL's client programs on the database; None, or what it complained about.

    Raises BackupFailed when it is not installed.
    """
    program = shutil.which(name)
    if program is None:
        raise BackupFailed(f"{name} is not on PATH; install PostgreSQL's client programs.")
    query = {("sslmode" if key == "ssl" else key): value for key, value in url.query.items()}
    with tempfile.NamedTemporaryFile("w", prefix="laufsteg-") as passwords:
        # Readable by its owner only, unlike an argument; a colon or backslash is escaped.
        password = (url.password or "").replace("\\", "\\\\").replace(":", "\\:")
        passwords.write(f"*:*:*:*:{password}\n")
        passwords.flush()
        plain = url.set(drivername="postgresql", password=None, query={**query, "passfile": passwords.name})
        command = [program, *arguments, f"--dbname={plain}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return None if done.returncode == 0 else " ".join(done.stderr.split())[:500]
