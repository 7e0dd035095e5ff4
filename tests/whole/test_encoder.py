"""An encoder that is neither a browser's nor made of our own parts goes live by WHIP, and viewers see its frames."""

import itertools
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.app.media.streams import Seen, decode
from tests.running_shop import ROOT, Shop
from tests.whole.encoder import FPS, HEIGHT, WIDTH

SHOWN_MS = 5_500  # two whole segments


def encoder(shop: Shop, key: str, seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.whole.encoder", f"{shop.url}/whip/gala", key, str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def refusal(shop: Shop, key: str) -> str:
    """What the encoder says when it is not let in."""
    refused = encoder(shop, key, 1)
    said = refused.communicate(timeout=30)[1]
    assert refused.returncode != 0
    return said


def until(shop: Shop, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait until the show's video, as the media process tells it, fulfils a condition."""
    deadline = time.monotonic() + 40
    while True:
        state: dict[str, Any] = json.loads((shop.data / "hls" / "gala" / "state.json").read_bytes())
        if condition(state):
            return state
        assert time.monotonic() < deadline, state
        time.sleep(0.1)


def seen(shop: Shop) -> list[Seen]:
    """What came after the playlist's last discontinuity, as every player can play it."""
    folder = shop.data / "hls" / "gala"
    last = (folder / "plain.m3u8").read_text().split("#EXT-X-DISCONTINUITY\n")[-1]
    mapped = re.search(r'#EXT-X-MAP:URI="(.+)"', last)
    assert mapped is not None
    initialisation = (folder / mapped[1]).read_bytes()
    names = [line for line in last.split() if line.startswith("seg-")]
    return [frame for name in names for frame in decode(initialisation + (folder / name).read_bytes())]


def test_another_encoder_goes_live_is_passed_through_and_hangs_up(shop: Shop) -> None:
    assert "401" in refusal(shop, "wrong-key")
    live = encoder(shop, shop.stream_key, 12)
    try:
        began = until(shop, lambda state: state["source"] == "whip" and state["live"])["newest_ms"]
        assert "4XX" in refusal(shop, shop.stream_key)  # FFmpeg has no word of its own for a 409
        state = until(shop, lambda state: state["newest_ms"] >= began + SHOWN_MS)
        assert (state["source"], state["width"], state["height"]) == ("whip", WIDTH, HEIGHT)
        assert state["health"]["mode"] == "passthrough"
        frames = seen(shop)
        numbers = [frame.number or 0 for frame in frames]
        assert len(numbers) > 2 * FPS and [b - a for a, b in itertools.pairwise(numbers)] == [1] * (len(numbers) - 1)
        assert all(b.at_ms > a.at_ms for a, b in itertools.pairwise(frames))
        assert live.communicate(timeout=30)[1] == ""
        assert live.returncode == 0
        # It said goodbye (DELETE at the Location): nobody's place is kept for it.
        until(shop, lambda state: state["source"] is None)
    finally:
        live.kill()
        live.communicate()
