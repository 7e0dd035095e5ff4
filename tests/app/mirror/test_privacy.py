"""A shopper's picture touches no disk, no log and no other host: watched from outside while frames flow."""

import logging
import os
import sys
from pathlib import Path

import psutil
import pytest

from tests.app.mirror.conftest import Browser, Open, WorkerProcess, person_frames

PERSON = person_frames()
FRAMES = 30


@pytest.fixture
def data(worker: WorkerProcess) -> Path:
    return worker.socket.parents[1]


def contents(*folders: Path) -> dict[Path, tuple[int, int]]:
    """Every file below the folders with its size and time."""
    found = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                found[path] = (path.stat().st_size, path.stat().st_mtime_ns)
    return found


def written(process: psutil.Process) -> int:
    """Bytes that the process has sent towards any disk."""
    return int(process.io_counters().write_bytes) if sys.platform == "linux" else 0


async def flow(browser: Browser) -> None:
    await browser.say(wear=["tee"], mirror=True)
    for number in range(FRAMES):
        await browser.send(PERSON[number], sequence=number)
        assert (await browser.answer())[0] == number
    # What goes wrong with a picture is nobody's business either.
    await browser.send(PERSON[0][:-400] + b"\xff\xd9", sequence=900, timestamp_ms=900_000)
    await browser.answer()
    await browser.send(b"garbage", sequence=901, timestamp_ms=900_001)
    await browser.told(error="not-a-jpeg")


async def test_the_worker_writes_logs_and_connects_nowhere(browse: Open, worker: WorkerProcess, data: Path) -> None:
    # What Python and Numba load and cache at their first use is no picture: the watch begins with the second shopper.
    await flow(await browse())
    browser = await browse()
    await browser.told(state="ok")
    process = psutil.Process(worker.process.pid)
    folders = (data, Path(process.cwd()) / "data", Path(process.cwd()) / "demo")
    before, bytes_before, log_before = contents(*folders), written(process), worker.log.read_bytes()
    await flow(browser)
    assert contents(*folders) == before
    # The kernel counts whole pages, and a library may still cache code: less than the smallest picture.
    assert written(process) - bytes_before < min(map(len, PERSON))
    assert worker.log.read_bytes() == log_before
    assert process.net_connections("inet") == []
    writable = [file.path for file in process.open_files() if getattr(file, "mode", "r") != "r"]
    assert set(writable) <= {str(worker.log)}
    assert process.children() == []


async def test_web_opens_no_file_and_logs_no_line(browse: Open, data: Path, caplog: pytest.LogCaptureFixture) -> None:
    browser = await browse()
    await browser.told(state="ok")
    opened: list[object] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if (
            watching
            and event == "open"
            and isinstance(flags := arguments[2], int)
            and flags & (os.O_WRONLY | os.O_RDWR)
        ):
            opened.append(arguments[0])

    sys.addaudithook(watch)
    try:
        with caplog.at_level(logging.DEBUG):
            await flow(browser)
    finally:
        watching = False  # a hook cannot be taken off
    assert opened == []
    assert [record.getMessage() for record in caplog.records] == []
