"""Lighthouse on the running shop's pages, phone preset: performance and accessibility, 0 to 1; JSON lines.

The watch page plays a live stream, so its network never falls silent; Lighthouse measures until its own limit.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.browser.conftest import chromium
from tests.running_shop import ROOT, Shop

PAGES = {"lobby": "/", "watch": "/watch/gala", "fitting": "/fitting", "checkout": "/checkout", "host": "/host"}
FIGURES = {"first-contentful-paint": "ms", "largest-contentful-paint": "ms", "total-blocking-time": "ms"}
LIMIT_S = 180


def audit(url: str, folder: Path) -> dict[str, Any]:
    """Lighthouse's report on one page."""
    report = folder / "report.json"
    command = [
        "node", str(ROOT / "bench/node_modules/lighthouse/cli/index.js"), url,
        "--output=json", f"--output-path={report}",
        "--only-categories=performance,accessibility", "--quiet", "--max-wait-for-load=20000",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-sync",
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": chromium()}
    subprocess.run(command, check=True, timeout=LIMIT_S, env=environment, capture_output=True)
    return dict(json.loads(report.read_text()))


def main() -> None:
    """Start a shop, audit each page, print the figures."""
    argparse.ArgumentParser("python -m bench.pages", description=__doc__.partition("\n")[0]).parse_args()
    with tempfile.TemporaryDirectory(prefix="laufsteg-") as folder:
        shop = Shop(Path(folder) / "data")
        shop.start()
        try:
            for name, path in PAGES.items():
                report = audit(shop.url + path, Path(folder))
                detail = {audit: round(report["audits"][audit]["numericValue"]) for audit in FIGURES}
                for category in ("performance", "accessibility"):
                    score = report["categories"][category]["score"]
                    line = {"name": f"pages.{name}.{category}", "value": score, "unit": "score", "detail": detail}
                    print(json.dumps(line), flush=True)
        finally:
            shop.stop()


if __name__ == "__main__":
    main()
