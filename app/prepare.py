"""Bring the ledger to this version's schema and to what the merchant's files say.

`python -m app migrate`, and the first act of the parent process: a mistake in a file stops the start with its line,
before anybody is served.
"""

import asyncio

from app.catalogue.files import CatalogueError
from app.catalogue.folder import catalogue_folder
from app.catalogue.importer import import_catalogue
from app.config import Config, ConfigError
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
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
    """Prepare the ledger that `config` names."""
    asyncio.run(_run(config))


async def _run(config: Config) -> None:
    ledger = Ledger.of(config)
    try:
        await prepare(config, ledger)
    finally:
        await ledger.close()
