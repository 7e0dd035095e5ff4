"""What the push benchmarks share: a server alone on the first core, its CPU and memory, and lines of JSON."""

import contextlib
import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

BENCH = Path(__file__).parent
# Libraries, databases and the connections that have just been closed.
SPARE_FILES = 1000
COMMANDS = {
    "node": ["node", str(BENCH / "socketio_peer.mjs")],
    "ours": [sys.executable, "-m", "bench._push_server", "ours"],
    "plain": [sys.executable, "-m", "bench._push_server", "plain"],
    "stock": [sys.executable, "-m", "bench._push_server", "stock"],
}


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: psutil.Process

    def cpu_s(self) -> float:
        """CPU seconds of all its threads so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory_kb(self) -> float:
        """Resident memory."""
        return float(self.process.memory_info().rss / 1024)


@contextlib.contextmanager
def serving(command: list[str]) -> Iterator[Server]:
    """Start a server that prints its port, on the first core."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=BENCH.parent) as started:
        try:
            pin(0, started.pid)
            assert started.stdout is not None
            yield Server(int(started.stdout.readline()), psutil.Process(started.pid))
        finally:
            started.kill()


def pin(core: int, pid: int = 0) -> None:
    """One core for the server and another one for its clients, where the system lets us."""
    if sys.platform == "linux":
        os.sched_setaffinity(pid, {core})


def allow_connections(count: int) -> None:
    """Raise the limit on open files, which servers inherit; exit with one line when it cannot be raised so far."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < count + SPARE_FILES:
        sys.exit(f"laufsteg: {count} connections need a limit of open files above {count + SPARE_FILES} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + SPARE_FILES, most))


def last_core() -> int:
    """The clients' core."""
    return (os.cpu_count() or 1) - 1


def processor() -> str:
    """The processor's name."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def line(name: str, value: float, unit: str, **detail: object) -> None:
    """Print one figure."""
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "detail": detail}), flush=True)
