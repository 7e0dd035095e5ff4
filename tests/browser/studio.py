"""A window of one size at a running shop, and the camera that takes its picture."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from playwright.sync_api import Browser, FrameLocator, Page

from tests.browser.conftest import DESKTOP, PHONE, until
from tests.running_shop import ROOT, Shop

FOLDER = ROOT / "docs" / "screens"
QUALITY = 72
ADDRESS = {"email": "ada@example.org", "name": "Ada Muster", "line1": "Weg 1", "postal_code": "10115", "city": "Berlin"}
WATCH = "document.querySelector('ls-watch')"
PLAYING = f"{WATCH}.player?.state === 'playing'"


class Studio:
    """A window of one size at a running shop, and the camera."""

    def __init__(
        self, browser: Browser, shop: Shop, device: str, *, locale: str = "en-GB", scheme: str = "light"
    ) -> None:
        sizes: dict[str, dict[str, Any]] = {"phone": {**PHONE, "device_scale_factor": 1}, "desk": DESKTOP}
        look: dict[str, Any] = {"locale": locale, "color_scheme": scheme, "permissions": ["camera", "microphone"]}
        self.context = browser.new_context(**sizes[device], **look)
        self.page = self.context.new_page()
        self.shop, self.device, self.locale, self.scheme = shop, device, locale, scheme

    @contextmanager
    def companion(self, *, locale: str | None = None, scheme: str | None = None) -> Iterator[Self]:
        """Another shopper with the same kind of window, in the same language unless told otherwise."""
        browser = self.context.browser
        assert browser is not None
        other = type(self)(browser, self.shop, self.device, locale=locale or self.locale, scheme=scheme or self.scheme)
        try:
            yield other
        finally:
            other.context.close()

    def go(self, path: str) -> Page:
        self.page.goto(self.shop.url + path)
        return self.page

    def show(self, path: str = "/watch/gala", *, tagged: bool = True) -> Page:
        """The running show, with a tag on its picture unless told otherwise."""
        self.go(path)
        until(self.page, f"{WATCH}.show.cues?.length > 0" if tagged else PLAYING, seconds=40)
        return self.page

    def rest(self, ms: int) -> None:
        """Let a film or a mirror come to what is worth a picture."""
        self.page.wait_for_timeout(ms)

    def checkout(self, sku: str, variant: str) -> FrameLocator:
        page = self.go(f"/watch/gala?piece={sku}")
        page.locator(f"[data-variant={variant}]").click()
        buy = page.locator("[data-buy]")
        if buy.count():
            buy.click()
        frame = page.frame_locator("iframe")
        frame.locator("[data-order]").wait_for()
        return frame

    def pay(self, frame: FrameLocator, behaviour: str) -> None:
        if frame.locator("#email").count():
            for field, value in ADDRESS.items():
                frame.locator(f"#{field}").fill(value)
        frame.locator(f"input[value={behaviour}]").check(force=True)
        frame.locator("[data-order]").click()

    def shoot(self, name: str) -> None:
        """Once what moves has come to rest."""
        self.page.wait_for_timeout(400)
        self.page.screenshot(path=FOLDER / f"{name}-{self.device}.jpg", type="jpeg", quality=QUALITY)
