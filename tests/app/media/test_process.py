"""A real media process: killed at any instant, it goes on where it was."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.app.media.streams import watch

ROOT = Path(__file__).parents[3]
START = (
    "import sys; from pathlib import Path; from app.config import Config; from app.media.process import run;"
    "run(Config(data=Path(sys.argv[1]), demo=True))"
)


class Process:
    """The media process with the demo film, in a process of its own."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "hls" / "gala"
        self._data = data
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", START, str(self._data)], cwd=ROOT, env=os.environ.copy()
        )

    def end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(10)

    def fill_disk(self) -> None:
        """From now on the kernel refuses every byte that the process wants to store, as a full disk does."""
        self._limit(0)

    def make_room(self) -> None:
        """Let the process store files again."""
        self._limit(psutil.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        assert self._process is not None
        process = psutil.Process(self._process.pid)
        process.rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))

    def until_part(self) -> None:
        """Wait until the open segment has parts."""
        for _ in range(600):
            text = (self.folder / "video.m3u8").read_text()
            if text.rfind("EXT-X-PART:") > text.rfind("#EXTINF"):
                return
            time.sleep(0.01)
        raise AssertionError("no part came")

    def until(self, segments: int) -> str:
        for _ in range(600):
            try:
                text = (self.folder / "video.m3u8").read_text()
            except FileNotFoundError:
                text = ""
            numbers = re.findall(r"seg-\w+-(\d+)\.mp4", text)
            if numbers and int(numbers[-1]) >= segments and "PRELOAD-HINT" in text:
                return text
            time.sleep(0.05)
        raise AssertionError("no segments came")


@pytest.fixture
def process(data: Path) -> Iterator[Process]:
    made = Process(data)
    yield made
    if made._process is not None and made._process.poll() is None:
        made._process.kill()
        made._process.wait(10)


def newest(folder: Path) -> int:
    return int(json.loads((folder / "state.json").read_bytes())["newest_ms"])


def test_a_killed_process_continues_its_sequences_and_its_clock(process: Process) -> None:
    process.start()
    process.until(4)
    process.until_part()
    process.end(signal.SIGKILL)
    before, told = (process.folder / "video.m3u8").read_text(), newest(process.folder)
    process.start()
    last = int(re.findall(r"seg-\w+-(\d+)\.mp4", before)[-1])
    after = process.until(last + 3)
    assert process.end(signal.SIGTERM) == 0
    assert re.findall(r"seg-\w+-\d+\.mp4", before) == re.findall(r"seg-\w+-\d+\.mp4", after)[: last + 1]
    assert after.count("#EXT-X-DISCONTINUITY\n") == 1 and "DISCONTINUITY-SEQUENCE:0" in after
    assert newest(process.folder) > told
    times = [frame.at_ms for frame in watch(process.folder)]
    assert all(b > a for a, b in itertools.pairwise(times))
    # Every part that a viewer may have been told of is in the completed segment.
    parts = [name for name in re.findall(r'EXT-X-PART:.*URI="(.+?)"', before) if f"-{last + 1}-" in name]
    assert parts
    completed = next(process.folder.glob(f"seg-*-{last + 1}.mp4")).read_bytes()
    assert completed == b"".join((process.folder / name).read_bytes() for name in parts)


def test_sigterm_ends_the_show_with_a_playlist_that_stays_valid(process: Process, data: Path) -> None:
    process.start()
    process.until(4)
    assert process.end(signal.SIGTERM) == 0
    text = (process.folder / "video.m3u8").read_text()
    assert "PRELOAD-HINT" not in text and "ENDLIST" not in text
    assert not json.loads((process.folder / "state.json").read_bytes())["live"]
    assert not (data / "run" / "media.sock").exists()


def test_a_full_disk_stops_the_playlist_and_room_brings_every_frame_of_the_time_between(process: Process) -> None:
    process.start()
    process.until(4)
    process.fill_disk()
    time.sleep(2.5)  # more than a segment
    before = process.until(4)
    time.sleep(1.0)
    assert (process.folder / "video.m3u8").read_text() == before, "nothing can be stored, and what is there stays whole"
    process.make_room()
    last = int(re.findall(r"seg-\w+-(\d+)\.mp4", before)[-1])
    after = process.until(last + 2)
    assert "#EXT-X-DISCONTINUITY\n" not in after
    gaps = [b.at_ms - a.at_ms for a, b in itertools.pairwise(watch(process.folder))]
    assert min(gaps) > 0 and max(gaps) < 100
    assert process.end(signal.SIGTERM) == 0


def test_a_show_that_ends_on_a_full_disk_ends_cleanly_and_goes_on_when_there_is_room(process: Process) -> None:
    process.start()
    process.until(4)
    process.fill_disk()
    time.sleep(1.0)
    before = (process.folder / "video.m3u8").read_text()
    assert process.end(signal.SIGTERM) == 0
    assert (process.folder / "video.m3u8").read_text() == before
    process.start()
    process.until(int(re.findall(r"seg-\w+-(\d+)\.mp4", before)[-1]) + 2)
    times = [frame.at_ms for frame in watch(process.folder)]
    assert all(b > a for a, b in itertools.pairwise(times))
