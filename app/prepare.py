"""Bring the ledger to this version's schema and to what the merchant's files say.

`python -m app migrate`, and the first act of the parent process: a mistake in a file stops the start with its line,
before anybody is served.
"""

import asyncio

from app.catalogue.files import CatalogueError
from app.catalogue.folder import catalogue_folder
from app.catalogue.importer import import_catalogue
from app.config import Config, ConfigError
from app.errors import Unavailable
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger, LedgerDown
from app.ledger.migrate import migrate
from app.show.begin import import_events


async def prepare(config: Config, ledger: Ledger) -> None:
    """Migrate, then import products and events; a second run changes nothing. Raises ConfigError."""
    await migrate(ledger)
    folder = catalogue_folder(config)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        await import_catalogue(ledger, folder, now_ms)
    except CatalogueError as error:
        raise ConfigError(str(error)) from None
    await import_events(config, ledger, now_ms)


def run(config: Config) -> None:
    """Prepare the ledger that `config` names. Raises ConfigError, or Unavailable while its server is away."""
    asyncio.run(_run(config))


async def _run(config: Config) -> None:
    ledger = Ledger.of(config)
    try:
        await prepare(config, ledger)
    except LedgerDown as down:
        place = ledger.url.host or ledger.url.query.get("host") or ledger.url.database
        raise Unavailable(f"The database at {place} does not answer; is DATABASE_URL right?") from down
    finally:
        await ledger.close()
