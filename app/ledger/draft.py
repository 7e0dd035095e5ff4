"""Draft the next migration: `python -m app.ledger.draft "what changes"`, then read and correct what was written.

Compares the tables that the domains declare with a fresh database at the newest revision, in memory of a temporary
file; no running shop is touched.
"""

import asyncio
import sys
import tempfile

from alembic import command
from alembic.script import ScriptDirectory

from app.ledger.engine import Ledger
from app.ledger.migrate import alembic_config, migrate, newest_revision


async def draft(message: str) -> str:
    """Write the next revision's module; its path."""
    number = f"{int(newest_revision() or 0) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(f"sqlite+aiosqlite:///{folder}/draft.db")
        await migrate(ledger)
        async with ledger.write() as connection:
            await connection.run_sync(
                lambda sync: command.revision(alembic_config(sync), message, autogenerate=True, rev_id=number)
            )
        await ledger.close()
    return str(ScriptDirectory.from_config(alembic_config()).get_revision(number).path)


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(draft(" ".join(sys.argv[1:]) or "change")) + "\n")
