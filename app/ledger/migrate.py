"""Bring the database to the schema of this version, or find out that it is not."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.config import ConfigError
from app.ledger.engine import Ledger

FOLDER = Path(__file__).parent / "migrations"
# Any constant: two processes that migrate at once take turns on it.
_LOCK = 5_202_604_117


class WrongRevision(ConfigError):
    """The database belongs to another version of the shop."""


def alembic_config(connection: Connection | None = None) -> AlembicConfig:
    """Alembic's configuration; `connection` is what `migrations/env.py` runs on."""
    config = AlembicConfig()
    config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision that this version of the shop needs."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


async def migrate(ledger: Ledger) -> None:
    """Run every missing migration in one transaction; nothing happens when there is none."""
    async with ledger.write() as connection:
        if ledger.dialect == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))


async def current_revision(ledger: Ledger) -> str | None:
    """The database's revision; None for an empty database."""
    async with ledger.read() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def check_revision(ledger: Ledger) -> None:
    """Raise WrongRevision unless the database fits this version exactly."""
    found, needed = await current_revision(ledger), newest_revision()
    if found != needed:
        raise WrongRevision(
            f"The database is at revision {found or 'none'} and this version needs {needed}; "
            "run `python -m app migrate`, or start the version that fits."
        )
