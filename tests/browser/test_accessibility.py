"""axe finds nothing in the states of the show, of buying, wearing and hosting, in any of the three languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browser import console_screens, screens
from tests.browser.axe import violations
from tests.browser.studio import Studio
from tests.running_shop import Shop

LANGUAGES = {"en-GB": "light", "de-DE": "dark", "zh-CN": "light"}


class Judge(Studio):
    """A studio that judges each state instead of taking its picture."""

    def rest(self, ms: int) -> None:
        """What is still coming is judged as well."""

    def shoot(self, name: str) -> None:
        self.page.wait_for_timeout(300)
        assert violations(self.page) == [], name


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize(
    "scene",
    [
        screens.bag, screens.checkout, screens.drop, screens.mirror, screens.fitting, screens.offline,
        screens.stalled, screens.pause, screens.states, screens.nowhere, console_screens.host,
    ],
    ids=lambda scene: scene.__name__,
)  # fmt: skip
def test_a_state_is_accessible(scene: Callable[[Studio], None], locale: str, browser: Browser, shop: Shop) -> None:
    judge = Judge(browser, shop, "phone", locale=locale, scheme=LANGUAGES[locale])
    try:
        scene(judge)
    finally:
        judge.context.close()
