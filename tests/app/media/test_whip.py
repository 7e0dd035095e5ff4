"""Real publishers, over real WebRTC on this machine: what they send is what viewers see, at its media time."""

import asyncio
import itertools
import re
import time
from pathlib import Path

import pytest

from app.media import publisher as publishers
from app.media.client import MediaClient, MediaProblem, MediaState
from app.media.process import MediaProcess
from app.media.transcode import Transcoder
from tests.app.media.conftest import Until
from tests.app.media.publisher import FPS, CameraTrack, EncodedTrack, Publisher, encoded, publishing
from tests.app.media.streams import Seen, sound_frames, watch

# How late pictures may be: that depends on how busy this machine is.
LATE_MS = 1500


def newest(seconds: float, start: MediaState) -> "Newest":
    return Newest(start.newest_ms + seconds * 1000)


class Newest:
    """The condition that media time has reached an instant."""

    def __init__(self, at_ms: float) -> None:
        self.at_ms = at_ms

    def __call__(self, state: MediaState) -> bool:
        return state.newest_ms >= self.at_ms


def live(state: MediaState) -> bool:
    return state.live and state.source == "whip"


def ended(state: MediaState) -> bool:
    return not state.live


def numbers(seen: list[Seen]) -> list[int]:
    return [frame.number if frame.number is not None else -1 for frame in seen]


def folder(data: Path, event: str = "show") -> Path:
    return data / "hls" / event


async def test_h264_is_passed_through_frame_by_frame_at_its_arrival(
    media: MediaProcess, client: MediaClient, data: Path, until: Until
) -> None:
    track = encoded(10)
    async with publishing(client, "show", Publisher(track)) as publisher:
        state = await until("show", live)
        state = await until("show", newest(3.5, state))
        assert state.health.mode == "passthrough" and state.health.loss == 0
        assert (state.width, state.height) == (320, 180)
        now = await client.now("show")
        assert now.live and 0 <= time.time() * 1000 - now.now_ms < LATE_MS
        with pytest.raises(MediaProblem, match="Somebody is live") as refused:
            async with publishing(client, "show", Publisher(encoded(10))):
                pass
        assert (refused.value.status, refused.value.slug) == (409, "somebody-is-live")
        await client.unpublish("show", publisher.session)
    await until("show", ended)
    seen = watch(folder(data))
    assert numbers(seen) == list(range(seen[0].number or 0, (seen[0].number or 0) + len(seen)))
    assert len(seen) > 3 * FPS
    delays = [frame.at_ms - (track.first_ms + (frame.number or 0) * 1000 / FPS) for frame in seen]
    assert min(delays) > -5 and sorted(delays)[len(delays) // 2] < LATE_MS
    gaps = [b.at_ms - a.at_ms for a, b in itertools.pairwise(seen)]
    assert min(gaps) > 20 and abs(sorted(gaps)[len(gaps) // 2] - 1000 / FPS) < 5
    files = sorted(folder(data).glob("seg-*"), key=lambda path: int(path.stem.split("-")[2]))
    sound = sound_frames(b"".join([next(folder(data).glob("init-*")).read_bytes(), *(f.read_bytes() for f in files)]))
    steps = [b[0] - a[0] for a, b in itertools.pairwise(sound)]
    assert steps == pytest.approx([1024 / 48000] * len(steps), abs=1e-4)
    assert len(sound) * 1024 / 48000 > len(seen) / FPS - 0.5


async def test_vp8_is_transcoded_and_silence_stands_in_for_missing_sound(
    media: MediaProcess, client: MediaClient, data: Path, until: Until
) -> None:
    async with publishing(client, "show", Publisher(CameraTrack(), "VP8", sound=False)):
        state = await until("show", newest(4.2, await until("show", live)))
        assert state.health.mode == "transcode"
    await until("show", ended)
    seen = watch(folder(data))
    assert len(seen) > 3 * FPS
    assert [b - a for a, b in itertools.pairwise(numbers(seen))] == [1] * (len(seen) - 1)
    segment = next(folder(data).glob("seg-*-1.mp4"))
    sound = sound_frames(next(folder(data).glob("init-*")).read_bytes() + segment.read_bytes())
    assert len(sound) * 1024 / 48000 == pytest.approx(2, abs=0.4)


async def test_lost_packets_never_show_a_damaged_picture(
    media: MediaProcess, client: MediaClient, data: Path, until: Until
) -> None:
    publisher = Publisher(encoded(10, group=FPS), sound=False, rtx=False)
    async with publishing(client, "show", publisher):
        state = await until("show", newest(1, await until("show", live)))
        publisher.lose(first=3, count=4)
        state = await until("show", newest(3.5, state))
        assert state.health.loss > 0 and state.health.mode == "passthrough"
    await until("show", ended)
    seen = watch(folder(data))
    found = numbers(seen)
    assert -1 not in found and found == sorted(found)
    gap = max(range(1, len(found)), key=lambda i: found[i] - found[i - 1])
    assert found[gap] % FPS == 0  # the pictures went on with a key frame
    assert seen[gap].at_ms - seen[gap - 1].at_ms == pytest.approx((found[gap] - found[gap - 1]) * 1000 / FPS, abs=60)


async def test_a_publisher_whose_key_frames_are_late_is_transcoded_without_a_gap(
    media: MediaProcess, client: MediaClient, data: Path, until: Until
) -> None:
    async with publishing(client, "show", Publisher(encoded(10, group=1000), sound=False)):
        state = await until("show", newest(6.5, await until("show", live)))
        assert state.health.mode == "transcode"
    await until("show", ended)
    seen = watch(folder(data))
    assert [b - a for a, b in itertools.pairwise(numbers(seen))] == [1] * (len(seen) - 1)
    longest = max(float(text) for text in re.findall(r"#EXTINF:([\d.]+)", (folder(data) / "video.m3u8").read_text()))
    assert longest < 4.5


async def test_a_new_resolution_goes_on_behind_a_discontinuity(
    media: MediaProcess, client: MediaClient, data: Path, until: Until
) -> None:
    small, large = encoded(2).frames, encoded(2, width=480, height=270).frames
    async with publishing(client, "show", Publisher(EncodedTrack(small + large), sound=False)):
        state = await until("show", lambda state: live(state) and state.width == 480)
        await until("show", newest(1.5, state))
    await until("show", ended)
    seen = watch(folder(data))
    assert {(frame.width, frame.height) for frame in seen} == {(320, 180), (480, 270)}
    assert all(0 < b.at_ms - a.at_ms < 60 for a, b in itertools.pairwise(seen))
    text = (folder(data) / "video.m3u8").read_text()
    # One, or more when the machine was too busy to publish punctually and the pictures were transcoded from there on.
    assert text.count("#EXT-X-MAP:") == text.count("#EXT-X-DISCONTINUITY\n") + 1 >= 2


async def test_who_drops_out_pauses_the_show_and_goes_on_when_they_return(
    media: MediaProcess, client: MediaClient, data: Path, until: Until
) -> None:
    publisher = Publisher(encoded(10), sound=False)
    async with publishing(client, "show", publisher):
        await until("show", newest(2.5, await until("show", live)))
        publisher.lose(first=0, count=10**9)
        gone = time.monotonic()
        await until("show", ended)
        assert time.monotonic() - gone < 2.5
        before = (folder(data) / "video.m3u8").read_text()
        assert "PRELOAD-HINT" not in before and "ENDLIST" not in before
        # The machine that dropped out comes back as a new session; the old one does not keep it out.
        async with publishing(client, "show", Publisher(encoded(10), sound=False)):
            await until("show", newest(2.5, await until("show", live)))
    await until("show", ended)
    seen = watch(folder(data))
    assert all(b.at_ms > a.at_ms for a, b in itertools.pairwise(seen))
    text = (folder(data) / "video.m3u8").read_text()
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert re.findall(r"MEDIA-SEQUENCE:(\d+)", before) == re.findall(r"MEDIA-SEQUENCE:(\d+)", text)


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "hello",
        "v=0\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 AV1/90000\r\n",
        "v=0\r\nm=video 9 x\r\na=rtpmap:96 VP8/90000\r\na=recvonly\r\n",
        "v=0\r\nm=video " * 50 + "a=rtpmap:96 VP8/90000\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\na=fingerprint:x\r\n",
    ],
)
async def test_a_garbage_description_is_refused_and_keeps_nobody_out(
    media: MediaProcess, client: MediaClient, offer: str
) -> None:
    with pytest.raises(MediaProblem) as refused:
        await client.whip("show", offer)
    assert refused.value.status == 400
    assert media.publishers == {}


async def test_who_never_connects_keeps_others_out_only_for_a_moment(
    media: MediaProcess, client: MediaClient, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Publisher(encoded(10))
    await client.whip("show", await silent.offer())
    with pytest.raises(MediaProblem, match="Somebody is live"):
        await client.whip("show", await silent.offer())
    monkeypatch.setattr(publishers, "CONNECT_S", 0.0)
    async with publishing(client, "show", Publisher(encoded(10))):
        await until("show", live)
    await silent.close()


async def test_an_unexpected_error_ends_the_broadcast_and_not_the_process(
    media: MediaProcess, client: MediaClient, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("bug")

    async with publishing(client, "show", Publisher(CameraTrack(), "VP8", sound=False)):
        await until("show", live)
        monkeypatch.setattr(Transcoder, "feed", broken)
        await until("show", ended)
    assert media.publishers == {} and not (await client.now("show")).live


async def test_what_is_no_session_cannot_be_ended(media: MediaProcess, client: MediaClient) -> None:
    with pytest.raises(MediaProblem) as refused:
        await client.unpublish("show", "../../other")
    assert refused.value.status == 404


async def test_sessions_leave_nothing_behind(media: MediaProcess, client: MediaClient, until: Until) -> None:
    await client.now("show")
    before = len(asyncio.all_tasks())
    async with publishing(client, "show", Publisher(encoded(10))) as publisher:
        await until("show", live)
        await client.unpublish("show", publisher.session)
    await until("show", ended)
    assert media.publishers == {}
    for _ in range(40):
        if len(asyncio.all_tasks()) <= before:
            break
        await asyncio.sleep(0.05)
    assert len(asyncio.all_tasks()) <= before
