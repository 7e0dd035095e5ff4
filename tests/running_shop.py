"""A shop in a process tree of its own, started as an operator starts it."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 90.0
# What the tester's own shell has set must not reach the shop.
SETTINGS = ("LAUFSTEG_", "REDIS_", "DATABASE_", "STRIPE_", "SMTP_", "MAIL_")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Shop:
    """One running shop, as an operator starts it."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    stream_key: str = field(default_factory=lambda: secrets.token_hex(8))
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def password(self) -> str:
        return (self.data / "host-password").read_text().strip()

    @property
    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")

    def start(self) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)},
            "LAUFSTEG_DEMO": "1", "LAUFSTEG_DATA": str(self.data), "LAUFSTEG_PORT": str(self.port),
            "LAUFSTEG_HOST_TOKEN": self.token, "LAUFSTEG_STREAM_KEY": self.stream_key, **self.settings,
        }  # fmt: skip
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app"], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the shop did not start:\n{self.log[-4000:]}")
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """One request as the host's automation; the status and the decoded answer."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        return status, json.loads(content) if content else None

    def post(self, path: str, body: Any, **headers: str) -> Any:
        status, answer = self.call("POST", path, body, headers={"Idempotency-Key": secrets.token_hex(16), **headers})
        assert status < 300, (status, answer)
        return answer

    @contextmanager
    def by_hand(self) -> Iterator[None]:
        """The host alone runs the gala: the film begins no drop that takes the place of the test's own."""
        self.call("PUT", "/api/events/gala/autopilot", {"on": False})
        try:
            yield
        finally:
            self.call("PUT", "/api/events/gala/autopilot", {"on": True})

    def draw(self, variant: str, *, quantity: int, asking: int, draw_ms: int = 3000) -> str:
        """A drop of the gala whose draw has taken place among so many shoppers, by id."""
        body = {"event": "gala", "sku": variant.rsplit("-", 1)[0], "variant": variant, "quantity": quantity}
        drop = str(self.post("/api/drops", {**body, "opens_after_ms": 0, "draw_ms": draw_ms})["id"])
        # Without a cookie everybody is somebody else; each is answered when the draw is over.
        with ThreadPoolExecutor(asking) as crowd:
            asked = [
                crowd.submit(self.call, "POST", f"/api/drops/{drop}/holds", {"quantity": 1}) for _ in range(asking)
            ]
        assert sorted(one.result()[0] for one in asked) == [201] * quantity + [409] * (asking - quantity)
        return drop

    def get(self, path: str) -> Any:
        status, answer = self.call("GET", path)
        assert status == 200, (status, answer)
        return answer
