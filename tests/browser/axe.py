"""axe-core in every document of a page: the shop's own and those in its frames."""

from typing import Any

from playwright.sync_api import Page

from tests.running_shop import ROOT

SOURCE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What axe finds, one line each; empty is what we want."""
    found: list[str] = []
    for frame in page.frames:
        # A document that was opened this moment is judged once it has something to show.
        frame.locator("h1").first.wait_for(state="attached")
        frame.evaluate(SOURCE)
        # A frame is judged by itself; its own document has the page's landmarks around it.
        answer: dict[str, Any] = frame.evaluate(
            "rules => axe.run(document, { iframes: false, resultTypes: ['violations'], runOnly: rules })", RULES
        )
        for violation in answer["violations"]:
            nodes = "; ".join(f"{node['target']} {node['html'][:120]}" for node in violation["nodes"][:3])
            found.append(f"{violation['id']}: {violation['help']} | {nodes}")
    return found
