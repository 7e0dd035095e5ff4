"""What `python -m app` prints once the shop answers: the links, and in the demo the host's password."""

import contextlib
import json
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from app.config import DEMO_EVENT, Config

PASSWORD_FILE = "host-password"  # noqa: S105 - a file's name
# A first start compiles the fitting room's rasteriser; beyond this something is wrong and the log says what.
PATIENCE_S = 120.0


@contextlib.contextmanager
def welcome(config: Config) -> Iterator[None]:
    """While the body runs, wait for the shop in a thread and greet once."""
    ended = threading.Event()
    threading.Thread(target=_greet, args=(config, ended), name="welcome", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _greet(config: Config, ended: threading.Event) -> None:
    host = "127.0.0.1" if config.bind == "0.0.0.0" else config.bind  # noqa: S104 - a comparison
    address = f"http://[{host}]:{config.port}" if ":" in host else f"http://{host}:{config.port}"
    deadline = time.monotonic() + PATIENCE_S
    while not ended.wait(0.1):
        if _answers(f"{address}/readyz"):
            sys.stdout.write(_lines(config))
            sys.stdout.flush()
            return
        if time.monotonic() > deadline:
            sys.stderr.write(f"laufsteg: {address} is not ready after {PATIENCE_S:.0f} s; the log above says why.\n")
            return


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError, json.JSONDecodeError), urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310
        return bool(answer.status == 200)
    return False


def _lines(config: Config) -> str:
    base, lines = config.public_url, ["", "  Laufsteg is on air."]
    if config.demo:
        lines.append(f"  Watch          {base}/watch/{DEMO_EVENT}")
    else:
        lines.append(f"  Lobby          {base}/")
    lines += [f"  Fitting room   {base}/fitting", f"  Host console   {base}/host"]
    password = _password(config.data / PASSWORD_FILE)
    if password and config.demo:
        lines.append(f"  Host password  {password}")
    return "\n".join([*lines, "  Stop with Ctrl-C.", "", ""])


def _password(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
