"""The process tree of `python -m app`: the parent starts everything, restarts what dies and takes all down with it."""

import contextlib
import errno
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.config import Config, ConfigError, unwritable

log = logging.getLogger(__name__)

# A child that lives this long was healthy: its next restart is immediate again.
HEALTHY_AFTER_S = 10.0
RESTART_DELAYS_S = (0.0, 0.5, 1.0, 2.0, 5.0)
# After this long a child that ignores SIGTERM is killed; open sockets are closed well before.
STOP_TIMEOUT_S = 8.0
# sysexits(3): a setting cannot be used. Starting such a child again would only repeat its line.
EX_CONFIG = 78
# Children hold the read end of the parent's pipe under this name; its end of file is the parent's death.
PARENT_PIPE = "LAUFSTEG_PARENT_PIPE"


class AlreadyRunning(ConfigError):
    """Another tree uses the same data folder or port."""


@contextlib.contextmanager
def only_one(config: Config) -> Iterator[None]:
    """Hold the data folder's lock, so that two trees never share a ledger. Raises AlreadyRunning."""
    run = config.data / "run"
    run.mkdir(parents=True, exist_ok=True)
    with (run / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(
                f"Laufsteg already runs on {config.data}; stop it, or set LAUFSTEG_DATA to another folder."
            ) from None
        yield


def check_port(config: Config) -> None:
    """Raise AlreadyRunning when the port cannot be bound, ConfigError for a foreign address, before anything starts."""
    family = socket.AF_INET6 if ":" in config.bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.bind, config.port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise ConfigError(
                    f"LAUFSTEG_BIND={config.bind} is no address of this machine; use 127.0.0.1 or 0.0.0.0."
                ) from None
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be bound ({error.strerror})"
            raise AlreadyRunning(
                f"LAUFSTEG_PORT={config.port}: the port {reason}; stop what uses it or set another."
            ) from None


class ChildRefused(Exception):
    """A child cannot start with these settings; it has said why."""


@dataclass
class Child:
    """One process of the tree, started with `arguments` after `python -m app`."""

    name: str
    arguments: tuple[str, ...]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    retry_at: float = 0.0

    def start(self, pipe: int) -> None:
        """Start the process, which inherits the reading end of the parent's pipe."""
        environment = {**self.environment, PARENT_PIPE: str(pipe)}
        command = [sys.executable, "-m", "app", *self.arguments]
        # A session of its own: Ctrl-C reaches the parent only, which ends its children in order.
        self.process = subprocess.Popen(command, env=environment, pass_fds=(pipe,), start_new_session=True)  # noqa: S603
        self.started = time.monotonic()

    def tend(self, pipe: int) -> None:
        """Restart the process when it has died, later and later while it keeps dying."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            code, self.process = self.process.returncode, None
            if code == EX_CONFIG:
                raise ChildRefused(self.name)
            self.failures = 0 if now - self.started > HEALTHY_AFTER_S else self.failures + 1
            delay = RESTART_DELAYS_S[min(self.failures, len(RESTART_DELAYS_S) - 1)]
            self.retry_at = now + delay
            log.warning("%s ended with %s; starting it again in %.1f s", self.name, code, delay)
        if self.process is None and now >= self.retry_at:
            self.start(pipe)


@dataclass
class Tree:
    """The children and how to stop them."""

    children: list[Child]
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> bool:
        """Start every child and tend them until SIGINT or SIGTERM, then stop them all; False when one refused."""
        read_end, write_end = os.pipe()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            while not self.stopping.is_set():
                for child in self.children:
                    child.tend(read_end)
                self.stopping.wait(0.1)
        except ChildRefused:
            return False
        else:
            return True
        finally:
            self._stop()
            os.close(write_end)
            os.close(read_end)

    def _stop(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for process in running:
            try:
                process.wait(max(0.05, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def end_with_parent() -> None:
    """In a child: end by SIGTERM, then SIGKILL, once the parent is gone. Does nothing in a process without one."""
    pipe = os.environ.pop(PARENT_PIPE, None)
    if pipe is None:
        return

    def watch() -> None:
        os.read(int(pipe), 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_TIMEOUT_S)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def fitting_workers() -> int:
    """How many fitting workers this machine gets: one core stays for web and media."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, available - 1)


def children(config: Config, redis_url: str, database_url: str | None) -> list[Child]:
    """The whole shop on one machine."""
    environment = {**os.environ, "REDIS_URL": redis_url, "LAUFSTEG_DATA": str(config.data)}
    if database_url:
        environment["DATABASE_URL"] = database_url
    fitting = [
        Child(f"fitting {index}", ("fitting", f"--index={index}", "--tree"), environment)
        for index in range(fitting_workers())
    ]
    return [Child("web", ("web", "--tree"), environment), Child("media", ("media", "--tree"), environment), *fitting]


def data_folder(config: Config) -> Path:
    """The data folder with its run/ for sockets. Raises ConfigError when it cannot be written."""
    try:
        # Nobody else on this machine reads the ledger and its addresses; a web server in the group may read video.
        config.data.mkdir(mode=0o750, parents=True, exist_ok=True)
        (config.data / "run").mkdir(exist_ok=True)
        probe = config.data / "run" / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise unwritable(config.data, error) from None
    # A Unix socket's path may have at most 104 bytes on macOS, 108 on Linux.
    longest = len(str(config.data / "run" / "fitting-00.sock").encode())
    if longest > 103:
        raise ConfigError("LAUFSTEG_DATA is too deep for socket files; choose a path of at most 80 characters.")
    return config.data
