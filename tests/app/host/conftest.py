"""The console's part of the routing table on a real SQLite ledger, with a clock in the test's hand."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from app import keys
from app.conduct import conduct
from app.config import Config
from app.host import session_api
from app.host.accounts import PASSWORD_FILE, Accounts
from app.host.guard import host_only, is_host
from app.host.sessions import Sessions
from app.ledger.engine import Ledger
from app.metrics import METRICS, Metrics

Client = TestClient[web.Request, web.Application]
TOKEN = "a-token-for-automation"


@dataclass
class ManualClock:
    """Time that passes when the test says so."""

    now_ms: int = 1_772_305_200_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path, secret="s" * 32, host_token=TOKEN)


@pytest.fixture
async def ledger(config: Config, migrated_file: Path) -> AsyncIterator[Ledger]:
    shutil.copy(migrated_file, config.data / "ledger.db")
    opened = Ledger.of(config)
    yield opened
    await opened.close()


@pytest.fixture
async def accounts(ledger: Ledger, config: Config, clock: ManualClock) -> Accounts:
    made = Accounts(ledger, config.data, clock)
    await made.prepare()
    return made


@pytest.fixture
def password(accounts: Accounts, config: Config) -> str:
    return (config.data / PASSWORD_FILE).read_text().strip()


@host_only
async def _secret(request: web.Request) -> web.StreamResponse:
    return web.Response(text="secret")


async def _kind(request: web.Request) -> web.StreamResponse:
    return web.Response(text="host" if await is_host(request) else "guest")


@pytest.fixture
async def connect(
    ledger: Ledger, accounts: Accounts, config: Config, clock: ManualClock
) -> AsyncIterator[Callable[[], Awaitable[Client]]]:
    """Opens browsers: each call gives a client with cookies of its own."""
    app = web.Application(middlewares=[conduct])
    app[METRICS] = Metrics()
    app[keys.CONFIG], app[keys.LEDGER] = config, ledger
    app[keys.CLOCK] = clock.__call__
    app[keys.HOST_ACCOUNTS] = accounts
    app[keys.HOST_SESSIONS] = Sessions(ledger, config.secret, clock)
    app.add_routes(
        [
            web.post("/api/host/session", session_api.sign_in),
            web.get("/api/host/session", session_api.session),
            web.delete("/api/host/session", session_api.sign_out),
            web.put("/api/host/password", session_api.change_password),
            web.get("/api/host/accounts", session_api.accounts),
            web.post("/api/host/accounts", session_api.add_account),
            web.delete("/api/host/accounts/{name}", session_api.remove_account),
            web.get("/secret", _secret),
            web.get("/kind", _kind),
        ]
    )
    server = TestServer(app)
    await server.start_server()
    clients: list[Client] = []

    async def open_browser() -> Client:
        client: Client = TestClient(server)
        clients.append(client)
        return client

    yield open_browser
    for client in clients:
        await client.session.close()
    await server.close()
