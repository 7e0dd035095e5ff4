"""The only place where the web process is wired."""

import asyncio
import gc
import logging
import signal

import uvloop
from aiohttp import web

from app import keys, pages
from app.conduct import conduct
from app.config import Config, require_secret
from app.customers.sessions import keep_session
from app.disputes.duties import DISPUTE_DUTIES
from app.drops.duties import drop_duties
from app.duties import Duty, performing
from app.express import ExpressRunner
from app.ledger.clock import now_ms
from app.mail.duties import MAIL_DUTIES
from app.metrics import METRICS, Metrics, watched
from app.mirror.socket import say_goodbye
from app.resources import RESOURCES
from app.routes import EXPRESS, add_routes
from app.shop.duties import SHOP_DUTIES
from app.show import begin as show
from app.show.director import show_duties
from app.webhooks.duties import WEBHOOK_DUTIES

log = logging.getLogger(__name__)

# How long open answers may take at the end; sockets are closed first by their own on_shutdown.
SHUTDOWN_TIMEOUT_S = 3.0
# What waits in the kernel's queue while a reconnect storm is accepted.
BACKLOG = 4096

# Objects made since the last look; a few megabytes.
GC_AFTER = 50_000


def collect_rarely() -> None:
    """Have the collector look for cycles seldom, and never among what lives as long as the process.

    Requests leave hardly a cycle behind, and at Python's own pace looking for them takes a sixth of a busy process.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_AFTER)


def create_app(config: Config, *, duties: bool = False) -> web.Application:
    """The web process's application; with `duties` it also does the worker's.

    Raises ConfigError when it cannot serve with `config`.
    """
    app = _base(config, web.Application(middlewares=[conduct]))
    pages.install(app, config)
    show.install(app)
    add_routes(app)
    app.on_response_prepare.append(keep_session)
    app.on_shutdown.append(say_goodbye)
    if duties:
        app.cleanup_ctx.append(performing(*_duties()))
    return app


def create_worker(config: Config) -> web.Application:
    """The worker's application: the same resources, the duties, and no pages."""
    app = _base(config, web.Application())
    app.cleanup_ctx.append(performing(*_duties()))
    return app


def _base(config: Config, app: web.Application) -> web.Application:
    require_secret(config)
    app[keys.CONFIG] = config
    app[keys.CLOCK] = now_ms
    app[METRICS] = Metrics()
    app.cleanup_ctx.extend((*RESOURCES, watched))
    return app


def _duties() -> tuple[Duty, ...]:
    # In one process of the shop: the worker, or web on a single machine.
    shop = (*SHOP_DUTIES, *DISPUTE_DUTIES, *MAIL_DUTIES, *WEBHOOK_DUTIES)
    return (*show_duties(), *drop_duties(), *shop)


def runner_of(app: web.Application) -> web.AppRunner:
    """What serves the web process's application."""
    return ExpressRunner(app, EXPRESS, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S)


async def _serve(config: Config, duties: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = runner_of(create_app(config, duties=duties))
    await runner.setup()
    collect_rarely()
    await web.TCPSite(runner, config.bind, config.port, backlog=BACKLOG, reuse_address=True).start()
    await stop.wait()
    await runner.cleanup()


def run(config: Config, *, duties: bool) -> None:
    """The web process. Returns after SIGINT or SIGTERM."""
    uvloop.run(_serve(config, duties))
