"""A shelf outlives its process: numbers go on, whatever was lost, and old files go."""

from pathlib import Path

import pytest

from app.media.channel import RESTART_MARGIN_MS, Channel
from app.media.packager import File, Packager
from app.media.reel import KEPT_S, WINDOW_S, Reel
from app.media.shelf import RESUME, Shelf
from tests.app.media.streams import pack, watch

BASE = 1_790_000_000_000


def packaged(shelf: Shelf, packager: Packager, at_ms: float, frames: int) -> None:
    for file in pack(packager, at_ms, frames):
        shelf.write(file)
    shelf.publish(packager.reel)


def test_an_empty_shelf_has_nothing_to_resume(tmp_path: Path) -> None:
    assert Shelf(tmp_path / "hls" / "show").resume() is None


def test_the_open_segment_is_completed_from_its_parts_after_a_crash(tmp_path: Path) -> None:
    shelf, packager = Shelf(tmp_path), Packager(Reel(base_ms=BASE))
    packaged(shelf, packager, BASE, 24 * 3)
    reel = shelf.resume()
    assert reel is not None and not reel.open and not reel.live
    assert [round(segment.duration, 2) for segment in reel.segments] == [2.0, 0.67]
    after = Packager(reel)
    packaged(shelf, after, reel.end_ms + 5000, 60)
    shelf.publish(after.reel)
    assert [segment.number for segment in after.reel.segments] == [0, 1, 2, 3]
    assert after.reel.segments[2].discontinuity
    seen = watch(tmp_path)
    assert [frame.number for frame in seen] == [*range(64), *range(48)]


def test_numbers_continue_behind_the_files_when_the_reel_is_unreadable(tmp_path: Path) -> None:
    shelf, packager = Shelf(tmp_path, lambda: BASE + 60_000), Packager(Reel(base_ms=BASE))
    packaged(shelf, packager, BASE, 24 * 5)
    (tmp_path / RESUME).write_bytes(b'{"base_ms": 17')
    reel = shelf.resume()
    assert reel is not None and reel.number == 3 and reel.label != packager.reel.label


def test_a_segment_whose_parts_are_gone_is_left_out(tmp_path: Path) -> None:
    shelf, packager = Shelf(tmp_path), Packager(Reel(base_ms=BASE))
    packaged(shelf, packager, BASE, 24 * 3)
    (tmp_path / packager.reel.part_name(1, 0)).unlink()
    reel = shelf.resume()
    assert reel is not None and [segment.number for segment in reel.segments] == [0] and reel.number == 2


def test_old_files_are_deleted_and_what_is_listed_stays(tmp_path: Path) -> None:
    shelf, packager = Shelf(tmp_path), Packager(Reel(base_ms=BASE))
    packaged(shelf, packager, BASE, 24 * 150)
    (tmp_path / "seg-beef-3.mp4").write_bytes(b"of a former show")
    shelf.prune(packager.reel)
    names = {path.name for path in tmp_path.iterdir()}
    segments = sum(name.startswith("seg") for name in names)
    assert segments <= (WINDOW_S + KEPT_S) / 2 + 2 and "seg-beef-3.mp4" not in names
    assert {packager.reel.segment_name(segment) for segment in packager.reel.closed} <= names
    assert packager.reel.initialisation_name(0) in names
    assert sum(name.startswith("part") for name in names) <= (KEPT_S / 2 + 1) * 6


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(tmp_path)
    shelf.write(File("video.m3u8", b"old"))

    def full(self: Path, data: bytes) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        shelf.write(File("video.m3u8", b"new"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"video.m3u8": b"old"}


async def test_media_time_goes_on_behind_everything_that_was_told(tmp_path: Path) -> None:
    shelf, packager = Shelf(tmp_path), Packager(Reel(base_ms=BASE))
    packaged(shelf, packager, BASE, 24 * 5)
    channel = Channel("show", tmp_path, wall=lambda: BASE / 1000 - 3600)  # the wall clock was set back an hour
    assert channel.now_ms() >= packager.reel.end_ms + RESTART_MARGIN_MS
    assert channel.now()["now_ms"] >= packager.reel.end_ms
