from collections.abc import Awaitable, Callable

from app.config import Config
from app.host.sessions import ABSOLUTE_MS, COOKIE, IDLE_MS, usable
from tests.app.host.conftest import TOKEN, Client, ManualClock

Connect = Callable[[], Awaitable[Client]]


async def test_a_stranger_is_told_how_to_sign_in(connect: Connect) -> None:
    async with (await connect()).get("/secret") as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        problem = await answer.json(content_type="application/problem+json")
    assert problem["type"] == "unauthorized"
    assert "/host" in problem["detail"]


async def test_the_right_token_opens_the_host_api(connect: Connect) -> None:
    async with (await connect()).get("/secret", headers={"Authorization": f"bearer {TOKEN}"}) as answer:
        assert await answer.text() == "secret"


async def test_a_wrong_token_is_refused_even_beside_a_good_cookie(connect: Connect, password: str) -> None:
    browser = await connect()
    await browser.post("/api/host/session", json={"password": password})
    assert (await browser.get("/secret")).status == 200
    for token in ("wrong", "", "\udcff\u00fc"):
        assert (await browser.get("/secret", headers={"Authorization": f"Bearer {token}"})).status == 401


async def test_without_a_configured_token_no_token_is_right(connect: Connect, config: Config) -> None:
    object.__setattr__(config, "host_token", None)
    browser = await connect()
    for token in ("", "None", TOKEN):
        assert (await browser.get("/secret", headers={"Authorization": f"Bearer {token}"})).status == 401


async def test_a_forged_or_altered_cookie_opens_nothing(connect: Connect, password: str) -> None:
    browser = await connect()
    answer = await browser.post("/api/host/session", json={"password": password})
    value = answer.cookies[COOKIE].value
    for forged in ("", "x", value[:-1], value.split(".")[0], value.replace(".", "x."), "é.b"):
        stranger = await connect()
        assert (await stranger.get("/secret", headers={"Cookie": f"{COOKIE}={forged}"})).status == 401


async def test_is_host_asks_the_same_question_without_refusing(connect: Connect, password: str) -> None:
    browser = await connect()
    assert await (await browser.get("/kind")).text() == "guest"
    await browser.post("/api/host/session", json={"password": password})
    assert await (await browser.get("/kind")).text() == "host"


async def test_a_session_ends_when_it_is_idle_or_old(connect: Connect, password: str, clock: ManualClock) -> None:
    browser = await connect()
    await browser.post("/api/host/session", json={"password": password})
    for _ in range(ABSOLUTE_MS // (IDLE_MS - 1000)):
        clock.now_ms += IDLE_MS - 1000
        assert (await browser.get("/secret")).status == 200
    clock.now_ms += ABSOLUTE_MS % (IDLE_MS - 1000) + 5000
    assert (await browser.get("/secret")).status == 401

    await browser.post("/api/host/session", json={"password": password})
    clock.now_ms += IDLE_MS
    assert (await browser.get("/secret")).status == 401


def test_the_limits_of_a_session_are_exact() -> None:
    assert usable(created_ms=0, seen_ms=0, now_ms=IDLE_MS - 1)
    assert not usable(created_ms=0, seen_ms=0, now_ms=IDLE_MS)
    assert usable(created_ms=0, seen_ms=ABSOLUTE_MS - 2, now_ms=ABSOLUTE_MS - 1)
    assert not usable(created_ms=0, seen_ms=ABSOLUTE_MS - 1, now_ms=ABSOLUTE_MS)
