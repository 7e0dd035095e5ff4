"""Pictures of the host's console; see `tests.browser.screens`."""

from collections.abc import Callable

from tests.browser.studio import ADDRESS, Studio


def host(studio: Studio) -> None:
    page = studio.go("/host")
    page.locator("#password").wait_for()
    studio.shoot("host-sign-in")
    enter(studio)
    studio.rest(3000)
    studio.shoot("host")


def enter(studio: Studio) -> None:
    page = studio.go("/host")
    page.locator("#password").fill(studio.shop.password)
    page.keyboard.press("Enter")
    page.locator("ls-rows li").first.wait_for()


def orders(studio: Studio) -> None:
    """What the host does with an order, and the console in Chinese on a dark screen."""
    frame = studio.checkout("jacket", "jacket-m")
    studio.pay(frame, "approve")
    frame.locator("[data-receipt]").wait_for()
    enter(studio)
    studio.page.get_by_role("button", name="Orders", exact=True).click()
    step = studio.page.locator("ls-orders [data-step]").first
    step.scroll_into_view_if_needed()
    step.click()
    studio.shoot("host-order")
    with studio.companion(locale="zh-CN", scheme="dark") as abroad:
        enter(abroad)
        abroad.rest(2000)
        abroad.shoot("host-zh-dark")


def fairness(studio: Studio) -> None:
    """What a host reads after a draw, and what the shop wrote."""
    with studio.shop.by_hand():
        drop = studio.shop.draw("hat-m" if studio.device == "desk" else "hat-l", quantity=6, asking=40)
        enter(studio)
        studio.page.get_by_role("button", name="Fairness").click()
        report = studio.page.locator(f"ls-fairness li[data-drop='{drop}']")
        report.scroll_into_view_if_needed()
        studio.shoot("host-fairness")
        studio.shop.post("/api/me/email", {"email": ADDRESS["email"]})
        studio.page.get_by_role("button", name="Mail").click()
        studio.page.locator("ls-mail summary").first.click()
        studio.shoot("host-mail")


CONSOLE: tuple[Callable[[Studio], None], ...] = (host, orders, fairness)
