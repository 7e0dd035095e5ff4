"""The film loops without a seam, gives way to a publisher and comes back."""

import itertools
import re
from pathlib import Path

import pytest

from app.media import channel as channels
from app.media.client import MediaClient, MediaProblem
from app.media.film import BadFilm, Film, Projector, seamless
from app.media.h264 import VideoFormat
from app.media.packager import Picture
from app.media.process import DEMO_FILM, MediaProcess
from tests import numbered_film
from tests.app.media.conftest import Until
from tests.app.media.publisher import Publisher, encoded, publishing
from tests.app.media.streams import watch


class Reels:
    """A stage that keeps what it is given."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.sounds: list[tuple[int, bytes]] = []

    def picture(self, picture: Picture, video: VideoFormat) -> None:
        self.pictures.append(picture)

    def sound_ticks(self, media_ms: float) -> int:
        return round(media_ms * 48)

    def sound(self, start: int, data: bytes) -> None:
        self.sounds.append((start, data))


@pytest.fixture(scope="module")
def film() -> Film:
    return Film.load(DEMO_FILM)


def test_the_demo_film_can_be_looped_and_is_small(film: Film) -> None:
    assert seamless(film) and film.duration_ms == 24_000 and film.fps == 24
    assert (film.video.width, film.video.height) == (720, 1280)
    assert [i for i, (_, key) in enumerate(film.pictures) if key] == list(range(0, 576, 48))
    assert DEMO_FILM.stat().st_size < 6_000_000


def test_three_loops_have_neither_gap_nor_drift(film: Film) -> None:
    stage = Reels()
    projector = Projector(film, stage, 1_000_000.0)
    for _ in range(576 * 3):
        projector.show()
    assert projector.loop_ms == 1_000_000 + 2 * 24_000
    assert all(p.at_ms == pytest.approx(1_000_000 + i * 1000 / 24, abs=0.001) for i, p in enumerate(stage.pictures))
    assert all(b[0] - a[0] == 1024 for a, b in itertools.pairwise(stage.sounds))
    assert stage.sounds[1125] == (stage.sounds[0][0] + 24 * 48_000, stage.sounds[0][1])


@pytest.mark.parametrize("name", ["missing.mp4", "text.mp4", "silent.mp4", "camera.mjpeg"])
async def test_what_cannot_be_looped_is_refused_with_the_reason(
    media: MediaProcess, client: MediaClient, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if name == "text.mp4":
        path.write_text("no film")
    elif name != "missing.mp4":
        numbered_film.write(path, 5, 160, 90)
    with pytest.raises((BadFilm, OSError)):
        Film.load(path)
    with pytest.raises(MediaProblem, match=name) as refused:
        await client.play_film("show", path)
    assert refused.value.status == 400


async def test_the_film_gives_way_to_a_publisher_and_comes_back(
    media: MediaProcess, client: MediaClient, data: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "FILM_RETURNS_S", 0.5)
    await client.play_film("show", DEMO_FILM)
    state = await until("show", lambda state: state.source == "film" and state.health.fps > 20)
    assert state.live and state.film is not None and state.film.duration_ms == 24_000
    # A first film has a past, so that the first viewer has something to play at once.
    assert (data / "hls" / "show" / "video.m3u8").read_text().count("#EXTINF") >= 3
    async with publishing(client, "show", Publisher(encoded(10), sound=False)) as publisher:
        state = await until("show", lambda state: state.source == "whip")
        assert state.film is None
        await until("show", lambda later: later.newest_ms > state.newest_ms + 1000)
        await client.unpublish("show", publisher.session)
    state = await until("show", lambda state: state.source == "film" and state.live)
    assert state.film is not None and state.film.loop_ms > state.newest_ms - 24_000
    await client.stop_film("show")
    await until("show", lambda state: not state.live)
    text = (data / "hls" / "show" / "video.m3u8").read_text()
    assert text.count("#EXT-X-DISCONTINUITY\n") == 2
    times = [frame.at_ms for frame in watch(data / "hls" / "show")]
    assert times == sorted(times)
    assert len(re.findall("EXT-X-MAP", text)) == 3
