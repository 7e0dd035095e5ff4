import asyncio
import stat
from collections.abc import Awaitable, Callable

from app.config import Config
from app.host.accounts import ADDRESS_ATTEMPTS, GLOBAL_ATTEMPTS, PASSWORD_FILE, WINDOW_MS, Accounts
from app.host.sessions import COOKIE
from app.ledger.engine import Ledger
from tests.app.host.conftest import Client, ManualClock

Connect = Callable[[], Awaitable[Client]]
NEW = "a much longer password"


async def test_signing_in_gives_a_cookie_that_scripts_cannot_read(connect: Connect, password: str) -> None:
    answer = await (await connect()).post("/api/host/session", json={"password": password})
    assert answer.status == 201
    assert await answer.json() == {"name": "host", "role": "operator"}
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


async def test_signing_out_revokes_the_session_itself(connect: Connect, password: str) -> None:
    browser, thief = await connect(), await connect()
    value = (await browser.post("/api/host/session", json={"password": password})).cookies[COOKIE].value
    stolen = {"Cookie": f"{COOKIE}={value}"}
    assert (await thief.get("/api/host/session", headers=stolen)).status == 200
    assert (await browser.delete("/api/host/session")).status == 204
    assert (await browser.get("/api/host/session")).status == 401
    assert (await thief.get("/api/host/session", headers=stolen)).status == 401


async def test_signing_in_again_rotates_the_session(connect: Connect, password: str) -> None:
    browser, thief = await connect(), await connect()
    old = (await browser.post("/api/host/session", json={"password": password})).cookies[COOKIE].value
    new = (await browser.post("/api/host/session", json={"password": password})).cookies[COOKIE].value
    assert old != new
    assert (await thief.get("/secret", headers={"Cookie": f"{COOKIE}={old}"})).status == 401
    assert (await browser.get("/secret")).status == 200


async def test_wrong_names_and_passwords_get_the_same_answer(connect: Connect, password: str) -> None:
    browser, answers = await connect(), []
    for body in ({"password": "wrong"}, {"password": password, "name": "nobody"}, {"password": ""}):
        answer = await browser.post("/api/host/session", json=body)
        assert answer.status == 401
        answers.append(await answer.text())
    assert len(set(answers)) == 1


async def test_bodies_that_make_no_sense_are_refused(connect: Connect) -> None:
    browser = await connect()
    for body in (
        {},
        {"password": 1},
        {"password": "x" * 300},
        {"password": "x", "name": "a\nb"},
        {"password": "x", "y": 1},
    ):
        assert (await browser.post("/api/host/session", json=body)).status == 422
    assert (await browser.post("/api/host/session", data="password=x")).status == 415


async def test_an_address_may_guess_a_few_times_a_minute(connect: Connect, password: str, clock: ManualClock) -> None:
    browser = await connect()
    wrong = [browser.post("/api/host/session", json={"password": "wrong"}) for _ in range(ADDRESS_ATTEMPTS + 3)]
    statuses = [answer.status for answer in await asyncio.gather(*wrong)]
    assert sorted(statuses) == [401] * ADDRESS_ATTEMPTS + [429] * 3
    answer = await browser.post("/api/host/session", json={"password": password})
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "60"
    assert "60 seconds" in (await answer.json(content_type=None))["detail"]
    clock.now_ms += WINDOW_MS
    assert (await browser.post("/api/host/session", json={"password": password})).status == 201


async def test_who_knows_the_password_may_sign_in_as_often_as_they_like(accounts: Accounts, password: str) -> None:
    for _ in range(ADDRESS_ATTEMPTS + 1):
        assert (await accounts.sign_in("host", password, address="203.0.113.7", known=False)).name == "host"


async def test_a_flood_from_everywhere_is_stopped_and_does_not_keep_a_known_browser_out(
    connect: Connect, password: str, accounts: Accounts, clock: ManualClock
) -> None:
    known, strange = await connect(), await connect()
    assert (await known.post("/api/host/session", json={"password": password})).status == 201
    for n in range(GLOBAL_ATTEMPTS):
        accounts._globally.begin("*", clock.now_ms + n // 1000)
    assert (await strange.post("/api/host/session", json={"password": password})).status == 429
    assert (await known.post("/api/host/session", json={"password": password})).status == 201


async def test_the_factor_for_addresses_can_lift_the_limit(ledger: Ledger, config: Config, clock: ManualClock) -> None:
    for factor, allowed in ((0.0, True), (2.0, True), (1.0, False)):
        made = Accounts(ledger, config.data, clock, factor)
        for _ in range(ADDRESS_ATTEMPTS):
            made._by_address.begin("a", clock.now_ms)
        assert (made._by_address.wait_ms("a", clock.now_ms) == 0) is allowed


async def test_the_first_password_is_kept_for_its_owner_only_and_stays_the_same(
    password: str, config: Config, ledger: Ledger, clock: ManualClock
) -> None:
    kept = config.data / PASSWORD_FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = Accounts(ledger, config.data, clock)
    await again.prepare()
    assert kept.read_text().strip() == password
    assert (await again.sign_in("host", password, address="a", known=True)).name == "host"


async def test_an_operator_who_is_locked_out_writes_a_new_password_into_the_file(
    connect: Connect, password: str, config: Config, ledger: Ledger, clock: ManualClock
) -> None:
    browser = await connect()
    await browser.post("/api/host/session", json={"password": password})
    (config.data / PASSWORD_FILE).write_text(NEW + "\n")
    again = Accounts(ledger, config.data, clock)
    await again.prepare()
    assert (await again.sign_in("host", NEW, address="a", known=True)).name == "host"
    assert (await browser.get("/secret")).status == 401


async def test_a_deleted_file_changes_nothing(
    password: str, config: Config, ledger: Ledger, clock: ManualClock
) -> None:
    (config.data / PASSWORD_FILE).unlink()
    again = Accounts(ledger, config.data, clock)
    await again.prepare()
    assert not (config.data / PASSWORD_FILE).exists()
    assert (await again.sign_in("host", password, address="a", known=True)).name == "host"


async def test_changing_the_password_ends_every_other_session(connect: Connect, password: str, config: Config) -> None:
    here, there = await connect(), await connect()
    for browser in (here, there):
        await browser.post("/api/host/session", json={"password": password})
    refused = await here.put("/api/host/password", json={"password": "wrong", "new_password": NEW})
    assert refused.status == 401
    assert (await here.put("/api/host/password", json={"password": password, "new_password": "short"})).status == 422
    assert (await here.put("/api/host/password", json={"password": password, "new_password": NEW})).status == 204
    assert (await here.get("/secret")).status == 200
    assert (await there.get("/secret")).status == 401
    assert (await there.post("/api/host/session", json={"password": password})).status == 401
    assert (await there.post("/api/host/session", json={"password": NEW})).status == 201
    assert not (config.data / PASSWORD_FILE).exists()


async def test_a_moderator_is_let_in_and_may_not_run_shows(connect: Connect, password: str) -> None:
    operator, moderator = await connect(), await connect()
    await operator.post("/api/host/session", json={"password": password})
    account = {"name": "mo", "password": NEW, "role": "moderator"}
    assert (await operator.post("/api/host/accounts", json=account)).status == 201
    assert (await operator.post("/api/host/accounts", json=account)).status == 409
    assert (await moderator.post("/api/host/session", json={"name": "mo", "password": NEW})).status == 201
    assert await (await moderator.get("/api/host/session")).json() == {"name": "mo", "role": "moderator"}
    assert (await moderator.get("/secret")).status == 403
    assert await (await moderator.get("/kind")).text() == "guest"
    assert (await moderator.get("/api/host/accounts")).status == 403


async def test_a_removed_account_is_out_at_once_and_the_last_operator_stays(connect: Connect, password: str) -> None:
    operator, other = await connect(), await connect()
    await operator.post("/api/host/session", json={"password": password})
    await operator.post("/api/host/accounts", json={"name": "helena", "password": NEW})
    await other.post("/api/host/session", json={"name": "helena", "password": NEW})
    assert (await other.get("/secret")).status == 200
    listed = await (await operator.get("/api/host/accounts")).json()
    assert [(one["name"], one["role"]) for one in listed["accounts"]] == [("helena", "host"), ("host", "operator")]
    assert (await operator.delete("/api/host/accounts/host")).status == 409
    assert (await operator.delete("/api/host/accounts/nobody")).status == 404
    assert (await operator.delete("/api/host/accounts/helena")).status == 204
    assert (await other.get("/secret")).status == 401
