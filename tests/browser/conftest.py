"""A real shop in a process tree of its own and real Chromium windows that visit it."""

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.running_shop import ROOT, Shop

PERSON = ROOT / "tests" / "footage" / "person.mjpeg"
# What the sandboxed, GPU-less Chromium of a test machine needs, and nothing that calls home.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns,Translate,MediaRouter", "--use-fake-ui-for-media-stream",
)  # fmt: skip

# What a page needs on a busy machine; whoever waits this long has found a fault.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise RuntimeError("Chromium is missing; `make setup-test` installs it")


@pytest.fixture(scope="session")
def shops() -> Iterator[Callable[..., Shop]]:
    """Start shops with settings of their own; all are stopped at the end."""
    started: list[Shop] = []
    # A short path: Unix sockets live below it.
    with tempfile.TemporaryDirectory(prefix="laufsteg-", dir="/tmp" if Path("/tmp").is_dir() else None) as folder:

        def start(**settings: str) -> Shop:
            shop = Shop(Path(folder) / f"shop{len(started)}", settings)
            started.append(shop)
            shop.start()
            return shop

        yield start
        for shop in started:
            shop.stop()


@pytest.fixture(scope="session")
def shop(shops: Callable[..., Shop]) -> Shop:
    """The demo shop that most tests visit."""
    return shops()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """Open a Chromium; `camera` is the footage of its fake webcam, None a machine without one."""
    opened: list[Browser] = []

    def open_browser(camera: Path | None = PERSON) -> Browser:
        flags = [*FLAGS]
        if camera is not None:
            flags += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}"]
        browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=flags)
        opened.append(browser)
        return browser

    yield open_browser
    for browser in opened:
        browser.close()


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Browser:
    """A Chromium whose webcam shows a synthetic person."""
    return launch()


PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}


def until(page: Page, expression: str, *, seconds: float = 20.0) -> Any:
    """Wait for a JavaScript expression to be true; `wait_for_function` would need eval, which the pages forbid."""
    deadline = time.monotonic() + seconds
    while not (value := page.evaluate(expression)):
        assert time.monotonic() < deadline, f"never true within {seconds} s: {expression}"
        page.wait_for_timeout(50)
    return value


class Visitor:
    """One shopper's window: a cookie jar of its own, and a record of what it asked for and complained about."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.requests: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.url + path)
        return page

    @property
    def foreign_requests(self) -> list[str]:
        own = re.compile(
            rf"^(blob:|data:|about:|{re.escape(self.url)}/|{re.escape(self.url.replace('http', 'ws', 1))}/)"
        )
        return [url for url in self.requests if not own.match(url)]


@pytest.fixture
def visit(browser: Browser, shop: Shop) -> Iterator[Callable[..., Visitor]]:
    """Open a window as a new shopper: `visit(PHONE, locale="de-DE", color_scheme="dark")`."""
    contexts: list[BrowserContext] = []

    def new(
        device: dict[str, Any] | None = None, *, at: Shop | None = None, window: Browser | None = None, **options: Any
    ) -> Visitor:
        context = (window or browser).new_context(**(device or PHONE), permissions=["camera", "microphone"], **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return Visitor(context, (at or shop).url)

    yield new
    for context in contexts:
        context.close()
