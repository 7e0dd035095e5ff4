"""Frames become parts and segments whose times a player can trust, and playlists that state them."""

import itertools
import re

import pytest

from app.media import playlist
from app.media.fmp4 import SOUND_SCALE
from app.media.packager import File, Packager
from app.media.reel import PART_TARGET_S, WINDOW_S, Reel
from app.media.sound import SoundTrack
from tests.app.media.streams import decode, pack, sound_frames

BASE = 1_790_000_000_000


def by_name(files: list[File], beginning: str) -> list[bytes]:
    return [file.data for file in files if file.name.startswith(beginning)]


def test_every_frame_keeps_its_media_time_to_the_tick() -> None:
    packager = Packager(Reel(base_ms=BASE))
    files = pack(packager, BASE + 1234.5, 100) + packager.interrupt()
    seen = decode(b"".join(by_name(files, "init") + by_name(files, "seg")), BASE)
    assert [frame.number for frame in seen] == list(range(100))
    assert all(abs(frame.at_ms - (BASE + 1234.5 + i * 1000 / 24)) < 0.02 for i, frame in enumerate(seen))


def test_a_segment_is_the_sum_of_its_parts() -> None:
    packager = Packager(Reel(base_ms=BASE))
    files = pack(packager, BASE, 100) + packager.interrupt()
    assert b"".join(by_name(files, "part")) == b"".join(by_name(files, "seg"))


@pytest.mark.parametrize(("fps", "frames_a_part"), [(24, 8), (25, 8), (30, 10), (60, 20), (15, 5)])
def test_parts_last_a_third_of_a_second_at_every_frame_rate(fps: int, frames_a_part: int) -> None:
    packager = Packager(Reel(base_ms=BASE))
    pack(packager, BASE, fps * 2 + 2, fps=fps, group=fps * 2)
    parts = packager.reel.segments[0].parts
    assert all(part.duration <= PART_TARGET_S for part in parts)
    assert parts[0].duration == pytest.approx(frames_a_part / fps, abs=1e-4)
    assert [part.independent for part in parts] == [True] + [False] * (len(parts) - 1)


def test_a_publishers_own_short_rhythm_is_kept_to_two_seconds_or_so() -> None:
    packager = Packager(Reel(base_ms=BASE))
    pack(packager, BASE, 200, group=24)
    assert [round(segment.duration, 3) for segment in packager.reel.closed] == [2.0, 2.0, 2.0, 2.0]


def test_a_new_size_starts_a_new_initialisation_after_a_discontinuity() -> None:
    packager = Packager(Reel(base_ms=BASE))
    files = pack(packager, BASE, 30)
    files += pack(packager, BASE + 1250, 30, width=640, height=360) + packager.interrupt()
    first, second = packager.reel.segments
    assert (first.discontinuity, second.discontinuity) == (False, True)
    assert (first.initialisation, second.initialisation) == (0, 1)
    inits, segments = by_name(files, "init"), by_name(files, "seg")
    assert {(f.width, f.height) for f in decode(inits[0] + segments[0])} == {(320, 180)}
    assert {(f.width, f.height) for f in decode(inits[1] + segments[1])} == {(640, 360)}
    text = playlist.media(packager.reel)
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1 and text.count("#EXT-X-MAP:") == 2


def test_a_returning_publisher_with_the_same_format_needs_no_new_initialisation() -> None:
    packager = Packager(Reel(base_ms=BASE))
    pack(packager, BASE, 30)
    packager.interrupt()
    pack(packager, BASE + 9000, 30)
    assert packager.reel.initialisations == 1 and packager.reel.segments[-1].discontinuity


def test_before_the_first_key_frame_nothing_is_packaged() -> None:
    packager = Packager(Reel(base_ms=BASE))
    assert packager.interrupt() == [] and packager.reel.segments == ()


def test_sound_lies_beside_the_pictures_without_a_gap() -> None:
    packager = Packager(Reel(base_ms=BASE))
    start = packager.sound_ticks(BASE + 500)
    track = SoundTrack(start)
    files = pack(packager, BASE + 500, 1)
    for at, data in track.silence(start + 4 * SOUND_SCALE):
        packager.sound(at, data)
    files += pack(packager, BASE + 500 + 42, 96) + packager.interrupt()
    frames = sound_frames(b"".join(by_name(files, "init") + by_name(files, "seg")))
    assert frames[0][0] == pytest.approx(0.5, abs=1e-4)
    assert all(b[0] - a[0] == pytest.approx(1024 / SOUND_SCALE, abs=1e-5) for a, b in itertools.pairwise(frames))


def test_the_playlist_reaches_back_at_least_a_minute_and_forgets_what_is_older() -> None:
    packager = Packager(Reel(base_ms=BASE))
    for minute in range(2):
        pack(packager, BASE + minute * 60_000, 24 * 60)
    listed = [float(text) for text in re.findall(r"#EXTINF:([\d.]+)", playlist.media(packager.reel))]
    assert 60 <= sum(listed) <= WINDOW_S + 4
    first = int(re.findall(r"#EXT-X-MEDIA-SEQUENCE:(\d+)", playlist.media(packager.reel))[0])
    assert first == packager.reel.segments[0].number > 0


def test_the_discontinuity_sequence_counts_what_has_left_the_playlist() -> None:
    packager = Packager(Reel(base_ms=BASE))
    for turn in range(4):
        pack(packager, BASE + turn * 30_000, 24 * 25)
        packager.interrupt()
    text = playlist.media(packager.reel)
    shown = text.count("#EXT-X-DISCONTINUITY\n")
    counted = int(re.findall(r"#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)", text)[0])
    assert shown + counted == 3  # the first of all segments has no tag


def test_while_nobody_is_live_the_playlist_offers_no_blocking_reload() -> None:
    packager = Packager(Reel(base_ms=BASE))
    pack(packager, BASE, 60)
    assert "CAN-BLOCK-RELOAD=YES" in playlist.media(packager.reel)
    assert f'URI="{packager.reel.part_name(1, 1)}"' in playlist.media(packager.reel).splitlines()[-1]
    packager.interrupt()
    paused = playlist.media(packager.reel)
    assert "CAN-BLOCK-RELOAD" not in paused and "PRELOAD-HINT" not in paused and "ENDLIST" not in paused


def test_the_plain_playlist_lists_whole_segments_only() -> None:
    packager = Packager(Reel(base_ms=BASE))
    pack(packager, BASE, 130)
    text = playlist.media(packager.reel, low_latency=False)
    assert "PART" not in text and text.count("#EXTINF") == 2 and "#EXT-X-VERSION:6" in text


def test_playlists_state_what_the_standard_wants() -> None:
    packager = Packager(Reel(base_ms=BASE))
    pack(packager, BASE + 7, 130)
    text = playlist.media(packager.reel)
    assert "#EXT-X-TARGETDURATION:2\n" in text
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:20.007Z" in text
    hold_back = float(re.findall(r"PART-HOLD-BACK=([\d.]+)", text)[0])
    assert hold_back >= 3 * float(re.findall(r"PART-TARGET=([\d.]+)", text)[0])
    index = playlist.multivariant(packager.reel)
    assert re.search(r'CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2",RESOLUTION=320x180,FRAME-RATE=24\.000', index)
    with pytest.raises(ValueError, match="no multivariant"):
        playlist.multivariant(Reel(base_ms=BASE))
