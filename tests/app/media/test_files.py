"""What viewers fetch: playlists that wait, parts that wait, files that never change, and nothing else."""

import asyncio
import gzip
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from app import keys
from app.errors import problems
from app.media import files
from app.media.files import AHEAD_PARTS, CACHE_BYTES, MediaFiles
from app.media.handlers import hls
from app.media.packager import File, Packager
from app.media.reel import Reel
from app.media.shelf import Shelf
from tests.app.media.streams import pack

BASE = 1_790_000_000_000
Viewer = TestClient[web.Request, web.Application]


class Show:
    """A shelf that grows by seconds."""

    def __init__(self, data: Path) -> None:
        self.shelf = Shelf(data / "hls" / "show")
        self.shelf.resume()
        self.packager = Packager(Reel(base_ms=BASE))
        self.at_ms = float(BASE)

    def grow(self, frames: int) -> None:
        self.store(pack(self.packager, self.at_ms, frames))
        self.at_ms += frames * 1000 / 24

    def store(self, made: list[File]) -> None:
        for file in made:
            self.shelf.write(file)
        self.shelf.publish(self.packager.reel)


@pytest.fixture
def show(tmp_path: Path) -> Show:
    made = Show(tmp_path)
    made.grow(24 * 5 + 1)
    return made


@pytest.fixture
async def viewer(tmp_path: Path) -> AsyncIterator[Viewer]:
    app = web.Application(middlewares=[problems])
    app[keys.MEDIA_FILES] = served = MediaFiles(tmp_path)
    app.router.add_get("/hls/{event}/{file}", hls)
    async with TestClient(TestServer(app)) as client:
        yield client
    await served.close()


async def soon(condition: Callable[[], Awaitable[ClientResponse]]) -> ClientResponse:
    return await asyncio.wait_for(condition(), 5)


async def test_a_playlist_is_fresh_and_packed_for_who_accepts_it(show: Show, viewer: Viewer) -> None:
    answer = await viewer.get("/hls/show/video.m3u8", headers={"Accept-Encoding": "identity"})
    text = await answer.text()
    assert answer.content_type == "application/vnd.apple.mpegurl" and text.startswith("#EXTM3U")
    assert answer.headers["Cache-Control"] == "no-cache"
    packed = await viewer.get("/hls/show/video.m3u8", headers={"Accept-Encoding": "gzip"}, auto_decompress=False)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(await packed.read()).decode() == text


async def test_every_file_that_a_playlist_names_is_there_and_may_be_kept_forever(show: Show, viewer: Viewer) -> None:
    for playlist in ("video.m3u8", "plain.m3u8"):
        text = await (await viewer.get(f"/hls/show/{playlist}")).text()
        names = re.findall(r'(?:MAP:|,)URI="(.+?)"', text) + [line for line in text.split() if line.startswith("seg-")]
        assert names
        for name in set(names) - set(re.findall(r'HINT:TYPE=PART,URI="(.+?)"', text)):
            answer = await viewer.get(f"/hls/show/{name}")
            assert answer.status == 200 and answer.content_type == "video/mp4"
            assert "immutable" in answer.headers["Cache-Control"]
            assert await answer.read() == (show.shelf.folder / name).read_bytes()
    assert (await viewer.get("/hls/show/index.m3u8")).status == 200


async def test_a_reload_waits_for_the_part_that_it_asks_for(show: Show, viewer: Viewer) -> None:
    segment = show.packager.reel.segments[-1]
    question = f"/hls/show/video.m3u8?_HLS_msn={segment.number}&_HLS_part={len(segment.parts)}"
    waiting = [asyncio.create_task(viewer.get(question)) for _ in range(20)]
    await asyncio.sleep(0.1)
    assert not any(task.done() for task in waiting)
    show.grow(9)
    for task in waiting:
        text = await (await asyncio.wait_for(task, 5)).text()
        assert show.packager.reel.part_name(segment.number, len(segment.parts)) in text


async def test_a_reload_for_a_segment_waits_until_it_is_whole(show: Show, viewer: Viewer) -> None:
    segment = show.packager.reel.segments[-1]
    waiting = asyncio.create_task(viewer.get(f"/hls/show/video.m3u8?_HLS_msn={segment.number}"))
    show.grow(20)
    await asyncio.sleep(0.1)
    assert not waiting.done()
    show.grow(2)  # begins with a key frame
    text = await (await asyncio.wait_for(waiting, 5)).text()
    assert show.packager.reel.segment_name(segment) in text.splitlines()


async def test_what_is_there_already_is_answered_at_once(show: Show, viewer: Viewer) -> None:
    for question in ("_HLS_msn=0", "_HLS_msn=1&_HLS_part=9", "_HLS_msn=2&_HLS_part=0"):
        assert (await soon(lambda q=question: viewer.get(f"/hls/show/video.m3u8?{q}"))).status == 200  # type: ignore[misc]


@pytest.mark.parametrize(
    "question",
    ["_HLS_msn=5", f"_HLS_msn=2&_HLS_part={AHEAD_PARTS + 3}", "_HLS_msn=x", "_HLS_msn=-1", "_HLS_msn=1&_HLS_part=1e3"],
)
async def test_a_reload_too_far_ahead_is_refused(show: Show, viewer: Viewer, question: str) -> None:
    answer = await viewer.get(f"/hls/show/video.m3u8?{question}")
    assert answer.status == 400 and (await answer.json())["type"] == "bad-request"


async def test_a_reload_that_waits_too_long_is_told_to_try_again(
    show: Show, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WAIT_S", 0.1)
    answer = await viewer.get("/hls/show/video.m3u8?_HLS_msn=3")
    assert answer.status == 503 and answer.headers["Retry-After"]


async def test_the_hinted_part_is_waited_for(show: Show, viewer: Viewer) -> None:
    segment = show.packager.reel.segments[-1]
    name = show.packager.reel.part_name(segment.number, len(segment.parts))
    waiting = asyncio.create_task(viewer.get(f"/hls/show/{name}"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    show.grow(9)
    assert await (await asyncio.wait_for(waiting, 5)).read() == (show.shelf.folder / name).read_bytes()


async def test_who_waits_is_let_go_when_the_publisher_goes(show: Show, viewer: Viewer) -> None:
    segment = show.packager.reel.segments[-1]
    hinted = show.packager.reel.part_name(segment.number, len(segment.parts) + 1)
    waiting = asyncio.create_task(viewer.get(f"/hls/show/video.m3u8?_HLS_msn={segment.number + 1}"))
    await asyncio.sleep(0.05)
    show.store(show.packager.interrupt())
    assert "PRELOAD-HINT" not in await (await asyncio.wait_for(waiting, 5)).text()
    assert (await soon(lambda: viewer.get(f"/hls/show/video.m3u8?_HLS_msn={segment.number + 1}"))).status == 200
    assert (await soon(lambda: viewer.get(f"/hls/show/{hinted}"))).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/hls/show/resume.json",
        "/hls/show/state.json",
        "/hls/show/.seg-1.mp4.tmp",
        "/hls/show/..%2f..%2fsecret",
        "/hls/..%2f..%2fetc/video.m3u8",
        "/hls/show/..%5c..%5csecret.m3u8",
        "/hls/../video.m3u8",
        "/hls/UPPER/video.m3u8",
        "/hls/other/video.m3u8",
        "/hls/other/seg-1-1.mp4",
        "/hls/show/seg-1-99.mp4",
        "/hls/show/part-1-99-0.mp4",
        "/hls/show/video.m3u8%00",
        "/hls/show/video.m3u8%0a",
    ],
)
async def test_nothing_else_is_served(show: Show, viewer: Viewer, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret")
    answer = await viewer.get(path)
    assert answer.status == 404 and "secret" not in (await answer.text())[:6]


async def test_the_memory_for_files_is_bounded(
    show: Show, viewer: Viewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CACHE_BYTES >= 32 * 1024 * 1024
    monkeypatch.setattr(files, "CACHE_BYTES", 60_000)
    served = MediaFiles(tmp_path)
    for segment in show.packager.reel.closed:
        served._bytes(show.shelf.folder / show.packager.reel.segment_name(segment))
    assert served._cached <= 60_000
