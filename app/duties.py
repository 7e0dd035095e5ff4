"""The ledger's standing duties: expiry, openings, outbox, reconciliation. One process of the shop performs them.

That is the worker, or on a single machine the web process, because on SQLite one process writes. Each duty is safe
to run twice at once: what it claims, it claims in the ledger.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from app.config import Config
from app.errors import Unavailable

log = logging.getLogger(__name__)

# A failing duty tries again later and later, so that a database that is away is not hammered.
RETRY_MAX_S = 10.0


@dataclass(frozen=True)
class Duty:
    """`perform(app)` is called every `every_s` seconds; the application holds the resources."""

    name: str
    every_s: float
    perform: Callable[[web.Application], Awaitable[None]]


def performing(*duties: Duty) -> Callable[[web.Application], AsyncIterator[None]]:
    """A cleanup context that performs `duties` while the application runs."""

    async def context(app: web.Application) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_repeat(app, duty), name=duty.name) for duty in duties]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return context


async def _repeat(app: web.Application, duty: Duty) -> None:
    failures = 0
    while True:
        try:
            await duty.perform(app)
            failures = 0
        except Unavailable as away:
            failures += 1
            log.warning("%s waits: %s", duty.name, away)
        except Exception:
            failures += 1
            log.exception("%s failed; it is tried again", duty.name)
        await asyncio.sleep(min(RETRY_MAX_S, duty.every_s * 2**failures) if failures else duty.every_s)


def run(config: Config) -> None:
    """The worker process: the shop's resources and duties without its pages. Returns after SIGINT or SIGTERM."""
    from app.server import create_worker

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        runner = web.AppRunner(create_worker(config), handle_signals=False)
        await runner.setup()
        with suppress(asyncio.CancelledError):
            await stop.wait()
        await runner.cleanup()

    asyncio.run(serve())
