"""Glass to glass: one Chromium publishes by WHIP, another watches by low-latency HLS; JSON lines.

The publisher paints the wall clock into its picture as a barcode; the watcher reads it from each presented frame.
Both run on this machine, so the difference is the delay from the camera's picture to the viewer's screen. The same
frames tell how exactly the player's media time (EXT-X-PROGRAM-DATE-TIME and the position) follows the pictures.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, async_playwright

from app import keys
from app.config import Config
from app.errors import problems
from app.media.client import MediaClient
from app.media.files import MediaFiles
from app.media.handlers import hls
from app.media.process import serving

HLS_JS = Path(__file__).resolve().parents[1] / "node_modules" / "hls.js" / "dist"
CHROMIUM = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
]  # fmt: skip
WARM_UP_S = 12

# 40 cells along the top edge: white, black, 36 bits of the wall clock in ms, white, black.
PUBLISHER = """<!doctype html><canvas id=c width=640 height=360></canvas><script>
const x = c.getContext("2d", { alpha: false, willReadFrequently: true });
x.scale(0.5, 0.5);
function draw() {
  const t = Date.now();
  x.fillStyle = `hsl(${(t / 20) % 360} 60% 40%)`; x.fillRect(0, 64, 1280, 656);
  for (let i = 0; i < 20; i++) {
    x.fillStyle = `hsl(${i * 18} 70% 60%)`; x.beginPath();
    x.arc(640 + 400 * Math.cos(t / 900 + i), 400 + 220 * Math.sin(t / 700 + i * 2), 40, 0, 7); x.fill();
  }
  for (let i = 0; i < 40; i++) {
    const on = i === 0 || i === 38 || (i > 1 && i < 38 && Math.floor(t / 2 ** (i - 2)) % 2);
    x.fillStyle = on ? "#fff" : "#000"; x.fillRect(i * 32, 0, 32, 64);
  }
}
async function publish() {
  const camera = new MediaStreamTrackGenerator({ kind: "video" }), frames = camera.writable.getWriter();
  const from = performance.now(); let busy = false;
  setInterval(async () => {
    if (busy) return;
    busy = true; draw();
    await frames.ready;
    await frames.write(new VideoFrame(c, { timestamp: Math.round((performance.now() - from) * 1000) }));
    busy = false;
  }, 1000 / 30);
  const sound = new AudioContext(), tone = sound.createOscillator();
  const out = sound.createMediaStreamDestination(); tone.connect(out); tone.start();
  const peer = new RTCPeerConnection();
  const video = peer.addTransceiver(camera,
    { direction: "sendonly", sendEncodings: [{ maxBitrate: 1500000 }] });
  peer.addTransceiver(out.stream.getAudioTracks()[0], { direction: "sendonly" });
  await peer.setLocalDescription();
  await new Promise((done) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done(); setTimeout(done, 1000);
  });
  const answer = await fetch("/whip/show",
    { method: "POST", headers: { "content-type": "application/sdp" }, body: peer.localDescription.sdp });
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  const wanted = video.sender.getParameters(); wanted.degradationPreference = "maintain-resolution";
  await video.sender.setParameters(wanted);
  window.peer = peer;
}
async function sent() {
  for (const [, s] of await peer.getStats()) if (s.type === "outbound-rtp" && s.kind === "video")
    return { fps: s.framesPerSecond, width: s.frameWidth, keys: s.keyFramesEncoded, encoder: s.encoderImplementation };
}
</script>"""

WATCHER = """<!doctype html><video id=v muted autoplay playsinline width=640></video>
<script src=/hls.js/hls.min.js></script><script>
const canvas = new OffscreenCanvas(160, 4), x = canvas.getContext("2d", { willReadFrequently: true });
const frames = [], errors = [];
const hls = new Hls({ lowLatencyMode: true, liveSyncDuration: 1.0, maxLiveSyncPlaybackRate: 1.3 });
hls.on(Hls.Events.ERROR, (_, e) =>
  errors.push(`${e.details}${e.fatal ? " fatal" : ""} ${e.error || e.reason || ""}`.slice(0, 160)));
hls.loadSource("/hls/show/index.m3u8"); hls.attachMedia(v);
function read() {
  x.drawImage(v, 0, v.videoHeight / 45, v.videoWidth, v.videoHeight / 22, 0, 0, 160, 4);
  const d = x.getImageData(0, 0, 160, 4).data, on = (i) => d[(2 * 160 + i * 4 + 2) * 4 + 1] > 128;
  if (!on(0) || on(1) || !on(38) || on(39)) return null;
  let t = 0; for (let i = 2; i < 38; i++) if (on(i)) t += 2 ** (i - 2);
  return Math.floor(Date.now() / 2 ** 36) * 2 ** 36 + t;
}
function presented(now, m) {
  const painted = read();
  if (painted !== null && hls.playingDate) frames.push({
    glass: performance.timeOrigin + m.expectedDisplayTime - painted,
    media: hls.playingDate.getTime() + (m.mediaTime - v.currentTime) * 1000 - painted,
  });
  v.requestVideoFrameCallback(presented);
}
v.requestVideoFrameCallback(presented);
function take() {
  const quality = v.getVideoPlaybackQuality(), taken = frames.splice(0);
  return { taken, errors: errors.splice(0), dropped: quality.droppedVideoFrames, shown: quality.totalVideoFrames };
}
</script>"""


def percentiles(values: list[float]) -> dict[str, float]:
    """Minimum, median, 95th percentile and maximum."""
    ordered = sorted(values)
    return {
        name: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
        for name, share in (("min", 0.0), ("p50", 0.5), ("p95", 0.95), ("max", 1.0))
    }


def report(name: str, value: float, unit: str, detail: Any) -> None:
    """Print a figure."""
    print(json.dumps({"name": name, "value": value, "unit": unit, "detail": detail}), flush=True)


async def page(browser: Browser, address: str) -> Any:
    """A page in a window of its own."""
    opened = await (await browser.new_context()).new_page()
    await opened.goto(address)
    return opened


async def whip(request: web.Request) -> web.Response:
    """WHIP without a key."""
    answer, session = await request.app[keys.MEDIA_CLIENT].whip("show", await request.text())
    return web.Response(status=201, text=answer, headers={"Location": f"/whip/show/{session}"})


def application(data: Path) -> web.Application:
    """The two pages, WHIP and HLS."""
    app = web.Application(middlewares=[problems])
    app[keys.MEDIA_FILES] = MediaFiles(data)

    async def client(running: web.Application) -> Any:
        running[keys.MEDIA_CLIENT] = opened = MediaClient(data)
        yield
        await opened.close()

    app.cleanup_ctx.append(client)

    def document(text: str) -> Any:
        async def shown(_: web.Request) -> web.Response:
            return web.Response(text=text, content_type="text/html")

        return shown

    app.router.add_get("/publish", document(PUBLISHER))
    app.router.add_get("/watch", document(WATCHER))
    app.router.add_get("/hls/{event}/{file}", hls)
    app.router.add_post("/whip/show", whip)
    app.router.add_static("/hls.js", HLS_JS)
    return app


async def measure(seconds: float) -> None:
    """Publish, watch, print."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        runner = web.AppRunner(application(data), access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with serving(Config(data=data)) as media, async_playwright() as playwright:
            browsers = [
                await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM) for _ in range(2)
            ]
            publisher = await page(browsers[0], f"{address}/publish")
            await publisher.evaluate("publish()")
            while not (data / "hls" / "show" / "index.m3u8").exists():  # noqa: ASYNC110 - a file tells no event
                await asyncio.sleep(0.1)
            watcher = await page(browsers[1], f"{address}/watch")
            await asyncio.sleep(WARM_UP_S)
            start_up = await watcher.evaluate("take()")
            await asyncio.sleep(seconds)
            seen = await watcher.evaluate("take()")
            state = (await media.channel("show")).state()
            detail = {
                "frames": len(seen["taken"]), "dropped": seen["dropped"], "shown": seen["shown"],
                "errors": seen["errors"], "errors_at_start": start_up["errors"], "health": state["health"],
                "sent": await publisher.evaluate("sent()"),
            }  # fmt: skip
            glass = percentiles([frame["glass"] for frame in seen["taken"]])
            report("glass_to_glass", glass["p50"], "ms", glass | detail)
            middle = percentiles([frame["media"] for frame in seen["taken"]])
            spread = percentiles([abs(frame["media"] - middle["p50"]) for frame in seen["taken"]])
            report("media_time_spread", spread["p95"], "ms", {"offset": middle, "around_median": spread})
            for browser in browsers:
                await browser.close()
        await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m bench.latency", description=__doc__.partition("\n")[0])
    parser.add_argument("seconds", nargs="?", type=float, default=30.0, help="of pictures (%(default)s)")
    asyncio.run(measure(parser.parse_args().seconds))
