"""The shelf: one event's folder of media files and playlists, written so that every reader always sees whole files."""

import logging
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from app.media import playlist
from app.media.packager import File
from app.media.reel import KEPT_S, SEGMENT_S, Reel

log = logging.getLogger(__name__)

RESUME = "resume.json"
STATE = "state.json"
# Files of segments that left the playlist stay this many segments longer.
_KEPT_SEGMENTS = int(KEPT_S / SEGMENT_S)
_NUMBERED = re.compile(r"(seg|part|init)-([0-9a-f]+)-(\d+)(?:-\d+)?\.mp4")


class Shelf:
    """Writes files into a folder. Every method may raise OSError; a failed write leaves the old file whole."""

    def __init__(self, folder: Path, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self.folder = folder
        self._now_ms = now_ms

    def resume(self) -> Reel | None:
        """The reel as it was last published, its open segment completed from its parts; None on an empty shelf.

        A reel that cannot be read is replaced by an empty one whose numbers continue behind every file that exists.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            reel = msgspec.json.decode((self.folder / RESUME).read_bytes(), type=Reel)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            log.exception("%s cannot be read; numbers continue behind the existing files", self.folder / RESUME)
            return self._behind_files()
        if reel.open and reel.segments[-1].parts:
            last = reel.segments[-1]
            names = [reel.part_name(last.number, index) for index in range(len(last.parts))]
            try:
                data = b"".join((self.folder / name).read_bytes() for name in names)
            except FileNotFoundError:
                return msgspec.structs.replace(reel, segments=reel.segments[:-1], open=False, live=False)
            self.write(File(reel.segment_name(last), data))
        return reel.pause()

    def _behind_files(self) -> Reel:
        matches = [_NUMBERED.fullmatch(path.name) for path in self.folder.iterdir()]
        number = max((int(match[3]) for match in matches if match and match[1] != "init"), default=-1) + 1
        return Reel(base_ms=self._now_ms() // 1000 * 1000, number=number, discontinuities=number)

    def write(self, file: File) -> None:
        """Store a file under its name, atomically."""
        temporary = self.folder / f".{file.name}.tmp"
        try:
            temporary.write_bytes(file.data)
            temporary.replace(self.folder / file.name)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise

    def publish(self, reel: Reel) -> None:
        """Let readers see a reel whose files are stored."""
        self.write(File(RESUME, msgspec.json.encode(reel)))
        if reel.video is None or not reel.closed:
            return  # players refuse a playlist without a whole segment
        self.write(File("plain.m3u8", playlist.media(reel, low_latency=False).encode()))
        self.write(File("video.m3u8", playlist.media(reel).encode()))
        self.write(File("index.m3u8", playlist.multivariant(reel).encode()))

    def state(self, state: dict[str, Any]) -> None:
        """Write the state that the web processes read."""
        self.write(File(STATE, msgspec.json.encode(state)))

    def prune(self, reel: Reel) -> None:
        """Delete what no playlist has named for a while."""
        if not reel.segments:
            return
        oldest = {
            "seg": reel.segments[0].number - _KEPT_SEGMENTS,
            "part": reel.segments[-1].number - _KEPT_SEGMENTS,
            # The one before may still be needed by a segment that is only on disk.
            "init": reel.segments[0].initialisation - 1,
        }
        for path in self.folder.iterdir():
            match = _NUMBERED.fullmatch(path.name)
            if match and (int(match[3]) < oldest[match[1]] or match[2] != reel.label):
                path.unlink(missing_ok=True)
