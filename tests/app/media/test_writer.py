"""A full disk: the show goes on when there is space again."""

import asyncio
import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from app.media import writer
from app.media.packager import File, Packager
from app.media.reel import Reel
from app.media.shelf import Shelf
from app.media.writer import Writer
from tests.app.media.streams import pack, watch

BASE = 1_790_000_000_000


class Disk(Shelf):
    """A shelf on a disk that can be full."""

    full = False

    def write(self, file: File) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(file)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "RETRY_S", 0.02)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not come")


async def test_what_could_not_be_written_is_written_when_there_is_space(tmp_path: Path) -> None:
    disk, packager = Disk(tmp_path), Packager(Reel(base_ms=BASE))
    carrier = Writer(disk)
    carrier.start()
    carrier.put(pack(packager, BASE, 60), packager.reel)
    await until(lambda: (tmp_path / "video.m3u8").exists())
    disk.full = True
    carrier.put(pack(packager, BASE + 2500, 60), packager.reel)
    carrier.put_state({"live": True})
    carrier.put_state({"live": True})
    await until(lambda: carrier.stuck is not None)
    assert carrier.stuck == "No space left on device"
    assert (tmp_path / "video.m3u8").read_text().count("#EXTINF") == 1
    disk.full = False
    await until(lambda: carrier.stuck is None)
    carrier.put(packager.interrupt(), packager.reel)
    await carrier.stop()
    assert len(watch(tmp_path)) == 120


async def test_a_backlog_that_grows_too_large_is_dropped_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BACKLOG_BYTES", 50_000)
    disk, packager = Disk(tmp_path), Packager(Reel(base_ms=BASE))
    disk.full = True
    carrier = Writer(disk)
    carrier.start()
    for second in range(20):
        carrier.put(pack(packager, BASE + second * 1000, 24), packager.reel)
    assert carrier.overflowed
    await carrier.stop()


async def test_stopping_on_a_full_disk_ends_cleanly(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.full = True
    carrier = Writer(disk)
    carrier.start()
    carrier.put([File("seg-1-1.mp4", b"x")], Reel(base_ms=BASE))
    await until(lambda: carrier.stuck is not None)
    await asyncio.wait_for(carrier.stop(), 2)
