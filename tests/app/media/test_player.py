"""What a real player (hls.js in Chromium) makes of it: the media time it computes is that of the frame it shows."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, async_playwright

from app import keys
from app.errors import problems
from app.media.client import MediaClient
from app.media.files import MediaFiles
from app.media.handlers import hls
from app.media.process import MediaProcess
from tests import numbered_film
from tests.app.media.conftest import Until
from tests.app.media.publisher import Publisher, encoded, publishing
from tests.app.media.streams import watch

HLS_JS = Path(__file__).parents[3] / "node_modules" / "hls.js" / "dist"
CHROMIUM = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PAGE = (
    """<!doctype html><video id=v muted autoplay playsinline width=320></video>
<script src=/hls.js/hls.min.js></script><script>"""
    + numbered_film.READER
    + """
const shown = [], errors = [];
const hls = new Hls({ lowLatencyMode: true, liveSyncDuration: 1.0, maxLiveSyncPlaybackRate: 1.3 });
hls.on(Hls.Events.ERROR, (_, e) => errors.push(`${e.details}${e.fatal ? " fatal" : ""}`));
hls.loadSource("/hls/show/index.m3u8"); hls.attachMedia(v);
function presented(now, frame) {
  const number = readFrame(v);
  if (number !== null && hls.playingDate)
    shown.push([number, hls.playingDate.getTime() + (frame.mediaTime - v.currentTime) * 1000]);
  v.requestVideoFrameCallback(presented);
}
v.requestVideoFrameCallback(presented);
</script>"""
)


@pytest.fixture
async def player(data: Path, media: MediaProcess) -> AsyncIterator[Any]:
    """Opens a page that plays the show."""
    app = web.Application(middlewares=[problems])
    app[keys.MEDIA_FILES] = files = MediaFiles(data)

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app.router.add_get("/", page)
    app.router.add_get("/hls/{event}/{file}", hls)
    app.router.add_static("/hls.js", HLS_JS)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)

        async def play() -> Page:
            opened = await browser.new_page()
            await opened.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
            return opened

        yield play
        await browser.close()
    await files.close()
    await runner.cleanup()


async def shows(page: Page, first: int, frames: int) -> None:
    """Wait until so many frames with at least this number were shown."""
    await page.wait_for_function(f"shown.filter(([n]) => n >= {first}).length >= {frames}", timeout=30_000)


async def test_media_time_is_right_across_pauses_returns_and_resolutions(
    media: MediaProcess, client: MediaClient, data: Path, until: Until, player: Any
) -> None:
    async with publishing(client, "show", Publisher(encoded(10), sound=False)) as publisher:
        await until("show", lambda state: state.live)
        while not (data / "hls" / "show" / "index.m3u8").exists():  # noqa: ASYNC110 - a file tells no event
            await asyncio.sleep(0.05)
        page = await player()
        await shows(page, 0, 30)
        await client.unpublish("show", publisher.session)
    await until("show", lambda state: not state.live)
    await asyncio.sleep(3)
    async with publishing(client, "show", Publisher(encoded(10, width=480, height=270, start=1000))) as publisher:
        await shows(page, 1000, 40)
        await client.unpublish("show", publisher.session)
    async with publishing(client, "show", Publisher(encoded(10, start=2000), sound=False)):
        await shows(page, 2000, 40)
        await page.evaluate("v.currentTime -= 4")
        await asyncio.sleep(2)
        shown: list[tuple[int, float]] = json.loads(await page.evaluate("JSON.stringify(shown)"))
        errors: list[str] = await page.evaluate("errors")
    assert not [error for error in errors if error.endswith("fatal")]
    await until("show", lambda state: not state.live)
    truth: dict[int, list[float]] = {}
    for frame in watch(data / "hls" / "show"):
        truth.setdefault(frame.number or 0, []).append(frame.at_ms)
    off = [min(abs(at_ms - real) for real in truth[number]) for number, at_ms in shown if number in truth]
    assert len(off) > 100
    off.sort()
    assert off[int(len(off) * 0.95)] <= 10, off[-20:]
