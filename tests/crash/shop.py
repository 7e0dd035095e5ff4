"""The shop's processes as they are killed here: web, worker and single process, on a clock that hurries."""

import asyncio
import multiprocessing
import os
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import uvloop
from aiohttp import web

from app import keys
from app.config import Config
from app.ledger.clock import Clock, now_ms
from app.server import create_app, create_worker, runner_of
from tests.crash import faults
from tests.running_shop import free_port

# A minute is a second here: every deadline of the shop (a hold's, an attempt's, a claim's) comes sixty times sooner.
HURRY = 60
START_TIMEOUT_S = 60.0
# Forked from a clean server that has imported everything once: deaths are what is tested here, not imports.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.crash.shop"])


@dataclass(frozen=True)
class Hurried:
    """The clock of every process of one shop."""

    began_ms: int

    def __call__(self) -> int:
        return self.began_ms + HURRY * (now_ms() - self.began_ms)


def serve(role: str, config: Config, clock: Clock, fault: tuple[str, int] | None, log: str) -> None:
    """One process: `web`, `worker`, or `single`, which is both."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if fault is not None:
        faults.arm(*fault)

    async def run() -> None:
        app = create_worker(config) if role == "worker" else create_app(config, duties=role == "single")
        app[keys.CLOCK] = clock
        runner = web.AppRunner(app) if role == "worker" else runner_of(app)
        await runner.setup()
        if role != "worker":
            await web.TCPSite(runner, config.bind, config.port, reuse_address=True).start()
        await asyncio.Event().wait()

    uvloop.run(run())


@dataclass
class Process:
    """One process, on a port that it keeps over its deaths; `fault` is what the present life ends with."""

    role: str
    config: Config
    clock: Clock
    port: int = field(default_factory=free_port)
    fault: str | None = None
    process: Any = None

    @property
    def log(self) -> str:
        return f"{self.config.data}/{self.role}-{self.port}.log"

    def start(self, fault: str | None = None, passages: int = 1) -> None:
        """Begin a life, and return when it answers, so that every death interrupts something."""
        self.fault = fault
        armed = (fault, passages) if fault else None
        config = replace(self.config, port=self.port)
        arguments = (self.role, config, self.clock, armed, self.log)
        self.process = _CONTEXT.Process(target=serve, args=arguments, daemon=True)
        self.process.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if not self.process.is_alive() and not fault:
                # PostgreSQL may be away at this instant: whoever watches over processes starts them again.
                self.process = _CONTEXT.Process(target=serve, args=arguments, daemon=True)
                self.process.start()
            elif not self.process.is_alive():
                return
            if time.monotonic() > deadline:
                with open(self.log) as log:  # noqa: PTH123
                    raise AssertionError(log.read()[-3000:])
            time.sleep(0.02)

    def _answers(self) -> bool:
        if self.role == "worker":
            return bool(self.process.is_alive())
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1):
            return True
        return False

    def dies(self, within_s: float) -> bool:
        """Whether it dies by itself."""
        self.process.join(within_s)
        return not self.process.is_alive()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None
