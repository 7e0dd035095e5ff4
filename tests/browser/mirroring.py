"""What tests do to a mirror, in the fitting room or beside the show."""

from playwright.sync_api import Page


def mirror_in(page: Page, state: str, timeout: float = 30_000) -> None:
    """Wait for the mirror to say how it is."""
    page.locator(f"laufsteg-mirror[data-state={state}]").wait_for(timeout=timeout)


def start(page: Page, state: str = "ok") -> None:
    """Ask for the camera, and wait for what comes of it."""
    page.locator("laufsteg-mirror .primary").click()
    mirror_in(page, state)
