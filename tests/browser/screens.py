"""Pictures of the shopping pages and their states, on a phone and on a desk: `python -m tests.browser.screens [names]`.

They go to docs/screens; look at them after a change of style. The README's picture is laid out from two of them.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import psutil
from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, PERSON, chromium, until
from tests.browser.console_screens import CONSOLE
from tests.browser.studio import FOLDER, PLAYING, WATCH, Studio
from tests.running_shop import Shop

# How long a drop is told before it is shown, shown before it opens, and drawn: enough to look at each.
ANNOUNCED_MS, REVEALED_MS, DRAW_MS = 4000, 4000, 2500


def lobby(studio: Studio) -> None:
    page = studio.go("/")
    page.locator("ls-product-list button").first.wait_for()
    studio.rest(2500)
    studio.shoot("lobby")


def watch(studio: Studio) -> None:
    studio.show()
    studio.shoot("watch")


def product(studio: Studio) -> None:
    studio.show("/watch/gala?piece=jacket")
    studio.shoot("product")


def bag(studio: Studio) -> None:
    page = studio.show("/watch/gala?piece=tee")
    page.locator("[data-variant=tee-m]").click()
    page.locator("ls-product [data-bag]").click()
    studio.shoot("bag")


def checkout(studio: Studio) -> None:
    frame = studio.checkout("jacket", "jacket-m")
    studio.shoot("checkout")
    frame.locator("[data-order]").click()
    studio.shoot("checkout-wrong")
    studio.pay(frame, "decline")
    frame.locator("[role=alert]").wait_for()
    studio.shoot("checkout-declined")
    studio.pay(frame, "challenge")
    frame.locator("button[value=confirm]").wait_for()
    studio.shoot("checkout-bank")
    frame.locator("button[value=confirm]").click()
    receipt = frame.locator("[data-receipt]")
    receipt.wait_for()
    studio.shoot("receipt")
    order = receipt.get_attribute("data-receipt")
    studio.checkout("tee", "tee-m")
    studio.page.wait_for_timeout(800)
    studio.shoot("checkout-two-taps")
    studio.go(f"/orders/{order}").locator("h1[data-state]").wait_for()
    studio.shoot("order")


def drop(studio: Studio) -> None:
    """From the announcement to the end: two pieces, of which this shopper and another one take one each."""
    page = studio.go("/watch/gala")
    until(page, PLAYING)
    reveal = time.time_ns() // 1_000_000 + ANNOUNCED_MS
    body = {"event": "gala", "sku": "qipao", "variant": "qipao-m", "quantity": 2, "per_customer": 1}
    times = {"reveal_at_ms": reveal, "opens_after_ms": REVEALED_MS, "draw_ms": DRAW_MS}
    with studio.shop.by_hand():
        made = studio.shop.post("/api/drops", {**body, **times})["id"]
        try:
            _follow(studio, made)
        finally:
            studio.shop.call("DELETE", f"/api/drops/{made}")


def _follow(studio: Studio, drop: str) -> None:
    page, mine = studio.page, f"article[data-drop={drop}]"
    page.locator("article[data-phase=secret]").wait_for(timeout=30_000)
    studio.shoot("drop-announced")
    card = page.locator(mine)
    card.wait_for(timeout=30_000)
    studio.shoot("drop-revealed")
    card.locator("[data-take]").click(timeout=30_000)
    studio.shoot("drop-draw")
    page.locator("[data-close]").click(timeout=30_000)
    studio.shoot("drop-won")
    for name, mark in (("drop-open", "[data-take]"), ("drop-sold-out", "[data-tell]")):
        with studio.companion() as other:
            card = other.go("/watch/gala").locator(mine)
            until(other.page, PLAYING)
            card.locator(mark).wait_for(timeout=30_000)
            other.shoot(name)
            if name == "drop-open":
                card.locator("[data-take]").click()
                other.page.locator("iframe").wait_for(timeout=30_000)


def mirror(studio: Studio) -> None:
    page = studio.show("/watch/gala?piece=jacket")
    page.locator("ls-product [data-wear]").click()
    page.locator("laufsteg-mirror button").first.wait_for()
    studio.shoot("wear-consent")
    page.locator("laufsteg-mirror button").first.click()
    page.locator("laufsteg-mirror[data-state=ok]").wait_for(timeout=60_000)
    studio.rest(2500)
    studio.shoot("wear")


def fitting(studio: Studio) -> None:
    page = studio.go("/fitting?wear=jacket,trousers")
    page.locator("laufsteg-mirror .primary").wait_for()
    studio.shoot("fitting")
    page.locator("laufsteg-mirror .primary").click()
    page.locator("laufsteg-mirror[data-state=ok]").wait_for(timeout=60_000)
    studio.rest(2500)
    studio.shoot("fitting-worn")


def confirm(studio: Studio) -> None:
    """A drop that asks for a confirmed e-mail address."""
    page = studio.go("/watch/gala")
    until(page, PLAYING)
    body = {"event": "gala", "sku": "coat", "variant": "coat-m", "quantity": 1, "confirm_email": True}
    with studio.shop.by_hand():
        made = studio.shop.post("/api/drops", {**body, "opens_after_ms": 0, "draw_ms": 0})["id"]
        page.locator(f"article[data-drop={made}] [data-take]").click(timeout=30_000)
        frame = page.frame_locator("iframe")
        frame.locator("ls-confirm-email").wait_for()
        studio.shoot("checkout-address")
        studio.pay(frame, "approve")
        frame.locator("#code").wait_for()
        studio.shoot("checkout-code")
        studio.shop.call("DELETE", f"/api/drops/{made}")


def languages(studio: Studio) -> None:
    """The other two languages, and the dark scheme where the system asks for it."""
    for locale, scheme, name in (("de-DE", "light", "product-de"), ("zh-CN", "dark", "product-zh-dark")):
        with studio.companion(locale=locale, scheme=scheme) as abroad:
            abroad.show("/watch/gala?piece=dress")
            abroad.shoot(name)
            abroad.go("/fitting").locator("laufsteg-mirror .primary").wait_for()
            abroad.page.wait_for_timeout(1500)
            abroad.shoot(name.replace("product", "fitting"))


def offline(studio: Studio) -> None:
    page = studio.show()
    studio.context.set_offline(True)
    page.evaluate(f"{WATCH}.show.offline = true; {WATCH}.requestUpdate()")
    studio.shoot("offline")
    studio.context.set_offline(False)


def stalled(studio: Studio) -> None:
    """The video does not come any more, while everything else does."""
    page = studio.show(tagged=False)
    page.route("**/hls/**", lambda route: route.abort())
    page.locator("[data-loading]").wait_for(timeout=30_000)
    page.wait_for_timeout(1000)
    studio.shoot("watch-stalled")
    page.unroute("**/hls/**")


def pause(studio: Studio) -> None:
    """The picture is away: the process that makes it stands still."""
    page = studio.show(tagged=False)
    assert studio.shop.process is not None
    media = next(child for child in psutil.Process(studio.shop.process.pid).children() if "media" in child.cmdline())
    media.suspend()
    try:
        page.locator("[data-state=pause]").wait_for(timeout=30_000)
        studio.shoot("watch-pause")
    finally:
        media.resume()


def states(studio: Studio) -> None:
    page = studio.show(tagged=False)
    try:
        for state in ("after", "before"):
            studio.shop.post("/api/events/gala/state", {"state": state})
            page.locator(f"[data-state={state}]").wait_for(timeout=30_000)
            studio.shoot(f"watch-{state}")
        studio.go("/").locator("ls-product-list button").first.wait_for()
        studio.shoot("lobby-before")
    finally:
        studio.shop.post("/api/events/gala/state", {"state": "live"})


def nowhere(studio: Studio) -> None:
    studio.go("/nowhere")
    studio.shoot("error")


def legal(studio: Studio) -> None:
    studio.go("/legal/withdrawal")
    studio.shoot("legal")


SCENES: tuple[Callable[[Studio], None], ...] = (
    lobby, watch, product, bag, checkout, drop, confirm, mirror, fitting, *CONSOLE, languages, offline,
    stalled, pause, states, nowhere, legal,
)  # fmt: skip


def readme() -> None:
    """The show on a desk and on a phone, side by side."""
    height, gap = 720, 24
    pictures = [cv2.imread(str(FOLDER / f"{name}.jpg")) for name in ("watch-desk", "wear-phone")]
    scaled = []
    for picture in pictures:
        assert picture is not None
        width = round(picture.shape[1] * height / picture.shape[0])
        scaled += [
            cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA),
            np.full((height, gap, 3), 255, np.uint8),
        ]
    cv2.imwrite(str(FOLDER / "readme.webp"), np.hstack(scaled[:-1]), [cv2.IMWRITE_WEBP_QUALITY, 82])


def main(names: list[str]) -> None:
    """Shoot every scene, or those named."""
    if not subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=True).stdout:
        sys.exit("Chinese would be boxes in the pictures; install a font for it (Debian: fonts-noto-cjk).")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="laufsteg-") as folder, sync_playwright() as playwright:
        shop = Shop(Path(folder) / "shop")
        camera = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={PERSON}"]
        shop.start()
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *camera])
        try:
            for device in ("phone", "desk"):
                for scene in SCENES:
                    if not names or scene.__name__ in names:
                        studio = Studio(browser, shop, device)
                        scene(studio)
                        studio.context.close()
            readme()
        finally:
            browser.close()
            shop.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
