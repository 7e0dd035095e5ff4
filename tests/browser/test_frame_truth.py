"""An outfit's tag stands on exactly the frames that it was stamped for.

One Chromium publishes a film whose frames carry their number, another watches. Which frame was stamped is read from
the packaged video itself (PROGRAM-DATE-TIME and the number in each decoded picture), which frame shows the tag from
the viewer's screen; neither asks the player's clock.
"""

import io
import os
import signal
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Page

from tests import numbered_film
from tests.browser.conftest import DESKTOP, Visitor, until
from tests.running_shop import Shop

pytestmark = pytest.mark.alone

FPS, WIDTH, HEIGHT = 30, 320, 180
# Within one frame of a 25 fps show.
P95_MS = 40.0

PUBLISH = """
async ([url, key]) => {
  const video = { width: 320, height: 180, frameRate: 30 };
  const stream = await navigator.mediaDevices.getUserMedia({ video, audio: true });
  const peer = new RTCPeerConnection({ iceServers: [] });
  for (const track of stream.getTracks()) peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
  await peer.setLocalDescription(await peer.createOffer());
  const gathered = new Promise((done) => peer.addEventListener("icegatheringstatechange", done));
  if (peer.iceGatheringState !== "complete") await gathered;
  const answer = await fetch(url, { method: "POST", body: peer.localDescription.sdp,
    headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${key}` } });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  window.publisher = peer;
}
"""

# Notes, for every frame that reaches the screen, its number and the cues whose tags stand on it.
WATCHER = (
    numbered_film.READER
    + """
window.seen = [];
window.deep = function* (root, selector) {
  for (const element of root.querySelectorAll("*")) {
    if (element.matches(selector)) yield element;
    if (element.shadowRoot) yield* window.deep(element.shadowRoot, selector);
  }
};
window.watchFrames = (video) => {
  const note = async () => {
    video.requestVideoFrameCallback(note);
    // The page's own callback was registered first, so its tags are rendered in microtasks before these are through.
    for (let turn = 0; turn < 50; turn++) await null;
    const number = readFrame(video);
    if (number === null) return;
    const cues = [...window.deep(document, "[data-cue]")].map((tag) => tag.dataset.cue);
    const [player] = window.deep(document, "ls-player");
    window.seen.push({ number, cues, phase: window.phase, media: player.media });
  };
  video.requestVideoFrameCallback(note);
};
"""
)


@pytest.fixture(scope="module")
def stage(shops: Callable[..., Shop]) -> Shop:
    """A shop of this module's own: its film gives way to the publisher."""
    return shops()


@pytest.fixture(scope="module")
def publisher(stage: Shop, launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    film = numbered_film.write(
        tmp_path_factory.mktemp("film") / "numbered.mjpeg", frames=60 * FPS, width=WIDTH, height=HEIGHT
    )
    page = launch(film).new_context(permissions=["camera", "microphone"]).new_page()
    page.goto(f"{stage.url}/legal/privacy")
    page.evaluate(PUBLISH, [f"{stage.url}/whip/gala", stage.stream_key])
    deadline = time.monotonic() + 20
    while _state(stage).get("source") != "whip":
        assert time.monotonic() < deadline, "the publisher did not go live"
        time.sleep(0.1)
    yield page
    page.context.close()


def _state(shop: Shop) -> dict[str, Any]:
    import json

    return dict(json.loads((shop.data / "hls" / "gala" / "state.json").read_text()))


def numbers_by_time(folder: Path, known: set[str]) -> list[tuple[float, int]]:
    """(media time in ms, frame number) of every frame of the playlist's segments that are not `known` yet, decoded."""
    found: list[tuple[float, int]] = []
    init, begins = b"", 0.0
    for line in (folder / "video.m3u8").read_text().splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init = (folder / line.split('URI="')[1].split('"')[0]).read_bytes()
        elif line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            begins = datetime.fromisoformat(line.split(":", 1)[1]).timestamp() * 1000
        elif line.startswith("seg-") and line not in known:
            known.add(line)
            with av.open(io.BytesIO(init + (folder / line).read_bytes()), "r") as container:
                first = None
                for frame in container.decode(video=0):
                    assert frame.pts is not None and frame.time_base is not None
                    first = frame.pts if first is None else first
                    number = numbered_film.read(frame.to_ndarray(format="rgb24").astype(np.uint8))
                    if number is not None:
                        found.append((begins + float((frame.pts - first) * frame.time_base) * 1000, number))
    return sorted(found)


class Stopwatch:
    """Which frame numbers a cue was stamped for, and how far what was seen strays from them."""

    def __init__(self, folder: Path) -> None:
        self.frames: dict[int, set[float]] = {}
        self.folder = folder
        self.known: set[str] = set()

    def learn(self) -> None:
        """Read what the playlist holds now; older segments go."""
        for at_ms, number in numbers_by_time(self.folder, self.known):
            self.frames.setdefault(number, set()).add(at_ms)

    def time_of(self, sight: dict[str, Any]) -> float:
        """The media time of a frame that was seen, from the files. The film repeats after a minute: of the times at
        which a number was packaged, the player's clock only chooses the minute.
        """
        return min(self.frames[sight["number"]], key=lambda at_ms: abs(at_ms - sight["media"]))

    def errors(self, cue: dict[str, Any], seen: list[dict[str, Any]], phase: str) -> list[float]:
        """For each edge of `cue` that was seen in `phase`: by how many ms a tag was early, late or lingered."""
        begin, end = cue["at_ms"], cue["at_ms"] + cue["duration_ms"]
        times = [
            (self.time_of(sight), cue["id"] in sight["cues"])
            for sight in seen
            if sight["phase"] == phase and sight["number"] in self.frames
        ]
        if not any(begin <= at < end for at, _ in times):
            return []
        wrong = [(at, shown) for at, shown in times if shown != (begin - 1 <= at < end - 1)]
        edges = {begin: 0.0, end: 0.0}
        for at, _ in wrong:
            edge = min(edges, key=lambda edge: abs(at - edge))
            edges[edge] = max(edges[edge], abs(at - edge))
        return list(edges.values())


def p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, bisect_left(range(len(ordered)), 0.95 * len(ordered)))]


def watch(visit: Callable[..., Visitor], shop: Shop) -> Page:
    visitor = visit(DESKTOP, at=shop)
    visitor.context.add_init_script(WATCHER)
    page = visitor.open("/watch/gala")
    until(page, "[...deep(document, 'video')].some((video) => video.currentTime > 0 && !video.paused)", seconds=30)
    page.evaluate("() => { window.phase = 'live'; watchFrames([...deep(document, 'video')][0]); }")
    until(page, "window.seen.length > 15", seconds=30)
    return page


def cues(shop: Shop, count: int, every_ms: int = 1000, duration_ms: int = 500) -> list[dict[str, Any]]:
    """Stamp cues on coming frames, ahead of the viewer's play head."""
    first = shop.post("/api/events/gala/cues", {"kind": "product", "products": ["hat"], "duration_ms": duration_ms})
    made = [first]
    for index in range(1, count):
        body = {
            "kind": "product",
            "products": ["tee"],
            "at_ms": first["at_ms"] + index * every_ms,
            "duration_ms": duration_ms,
        }
        made.append(shop.post("/api/events/gala/cues", body))
    return [{**cue, "duration_ms": duration_ms} for cue in made]


MEDIA = "[...deep(document, 'ls-player')][0].media"


def play_past(page: Page, shown: list[dict[str, Any]]) -> None:
    """Watch until the last of these cues has gone."""
    until(page, f"{MEDIA} > {shown[-1]['at_ms'] + shown[-1]['duration_ms'] + 300}", seconds=60)


def test_a_tag_stands_on_the_frames_it_was_stamped_for(
    stage: Shop, publisher: Page, visit: Callable[..., Visitor]
) -> None:
    page, truth = watch(visit, stage), Stopwatch(stage.data / "hls" / "gala")
    made = cues(stage, 8)
    play_past(page, made)
    truth.learn()

    page.evaluate("window.phase = 'paused'; [...deep(document, 'ls-player')][0].pause()")
    page.wait_for_timeout(1_500)
    page.evaluate("window.phase = 'after a pause'; [...deep(document, 'ls-player')][0].play()")
    later = cues(stage, 5)
    play_past(page, later)
    truth.learn()

    # Back before the first cue: what was shown live is shown again, on the same frames.
    page.evaluate(
        """first => {
          window.phase = "after a seek back";
          const [player] = deep(document, "ls-player");
          player.video.currentTime += (first - 500 - player.media) / 1000;
        }""",
        made[0]["at_ms"],
    )
    until(page, f"{MEDIA} < {made[0]['at_ms']}")
    play_past(page, made[:6])

    page.evaluate("window.phase = 'away'; [...deep(document, 'ls-player')][0].toLive()")
    web = _child(stage, "web")
    os.kill(web, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while not stage._ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    until(page, "document.querySelector('ls-watch').show.live.status === 'on'", seconds=40)
    page.evaluate("window.phase = 'after a reconnect'")
    last = cues(stage, 5)
    play_past(page, last)
    truth.learn()

    seen = page.evaluate("window.seen")
    found = {
        "live": [error for cue in made for error in truth.errors(cue, seen, "live")],
        "after a pause": [error for cue in later for error in truth.errors(cue, seen, "after a pause")],
        "after a seek back": [
            error for cue in (*made, *later) for error in truth.errors(cue, seen, "after a seek back")
        ],
        "after a reconnect": [error for cue in last for error in truth.errors(cue, seen, "after a reconnect")],
    }
    for phase, errors in found.items():
        assert len(errors) >= 6, f"too few cues were seen {phase}: {len(errors)} edges"
        assert p95(errors) <= P95_MS, f"{phase}: {sorted(errors)}"


def test_a_publisher_drops_and_comes_back_and_the_show_goes_on(
    stage: Shop, publisher: Page, visit: Callable[..., Visitor]
) -> None:
    page = watch(visit, stage)
    with pytest.raises(Error, match="409"):
        publisher.evaluate(PUBLISH, [f"{stage.url}/whip/gala", stage.stream_key])
    publisher.evaluate("window.publisher.close()")
    until(page, "[...deep(document, '[data-state=pause]')].length > 0", seconds=15)
    publisher.evaluate(PUBLISH, [f"{stage.url}/whip/gala", stage.stream_key])
    until(page, "[...deep(document, '[data-state=pause]')].length === 0", seconds=20)
    page.evaluate("window.seen.length = 0")
    until(page, "window.seen.length > 30", seconds=30)
    playlist = (stage.data / "hls" / "gala" / "video.m3u8").read_text()
    dates = [line for line in playlist.splitlines() if line.startswith("#EXT-X-PROGRAM-DATE-TIME:")]
    assert "#EXT-X-DISCONTINUITY\n" in playlist
    assert dates == sorted(dates) and len(dates) == len(set(dates))


def _child(shop: Shop, role: str) -> int:
    import psutil

    assert shop.process is not None
    return next(int(child.pid) for child in psutil.Process(shop.process.pid).children() if role in child.cmdline())
