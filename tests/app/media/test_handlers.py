"""Who may publish, and what the web process says to those who may not."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from app import keys
from app.catalogue.product import Titles
from app.config import Config
from app.errors import problems
from app.host.sessions import Sessions
from app.ledger.engine import Ledger
from app.media import handlers
from app.media.client import MediaClient
from app.media.process import MediaProcess
from app.media.session_description import LARGEST_OFFER
from app.show import queries
from app.show.rundown import Rundown
from tests.app.media.publisher import Publisher, encoded

KEY, TOKEN = "key_of_the_show", "token-of-the-house"
SDP = {"Content-Type": "application/sdp"}
WITH_KEY = SDP | {"Authorization": f"Bearer {KEY}"}
Web = TestClient[web.Request, web.Application]


@pytest.fixture
def database_url(tmp_path: Path, migrated_file: Path) -> str:
    """SQLite only: the ledger is not what is tested here."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'ledger.db')}"


@pytest.fixture
async def shop(data: Path, ledger: Ledger, client: MediaClient) -> AsyncIterator[Web]:
    async with ledger.write() as conn:
        await queries.save_event(conn, Rundown(id="show", title=Titles("Show", "Show", "Show")), KEY, KEY, 0)
    app = web.Application(middlewares=[problems])
    app[keys.CONFIG] = Config(data=data, host_token=TOKEN)
    app[keys.LEDGER], app[keys.MEDIA_CLIENT] = ledger, client
    app[keys.HOST_SESSIONS] = Sessions(ledger, "x" * 32, lambda: 0)
    app.router.add_post("/whip/{event}", handlers.publish)
    app.router.add_options("/whip/{event}", handlers.options)
    app.router.add_delete("/whip/{event}/{session}", handlers.unpublish)
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def test_the_stream_key_lets_a_publisher_in_and_out(shop: Web, media: MediaProcess) -> None:
    publisher = Publisher(encoded(2))
    answer = await shop.post("/whip/show", data=await publisher.offer(), headers=WITH_KEY)
    assert answer.status == 201 and answer.content_type == "application/sdp"
    assert (await answer.text()).startswith("v=0") and "m=video" in await answer.text()
    location = answer.headers["Location"]
    assert location.startswith("/whip/show/")
    second = await shop.post("/whip/show", data=await publisher.offer(), headers=WITH_KEY)
    assert second.status == 409 and (await second.json())["type"] == "somebody-is-live"
    assert (await shop.delete(location)).status == 401
    assert (await shop.delete(location, headers=WITH_KEY)).status == 200
    assert (await shop.delete(location, headers=WITH_KEY)).status == 404
    await publisher.close()


@pytest.mark.parametrize("key", [None, "Bearer wrong", "Bearer ", "Basic abc", "Bearer k\u00e9y"])
@pytest.mark.parametrize("event", ["show", "unknown", "UPPER"])
async def test_a_wrong_key_is_refused_for_every_event_alike(shop: Web, event: str, key: str | None) -> None:
    headers = SDP | ({"Authorization": key} if key else {})
    answer = await shop.post(f"/whip/{event}", data="v=0", headers=headers)
    assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_the_house_may_publish_to_events_that_exist(shop: Web, media: MediaProcess) -> None:
    house = SDP | {"Authorization": f"Bearer {TOKEN}"}
    assert (await shop.post("/whip/unknown", data="v=0", headers=house)).status == 404
    answer = await shop.post("/whip/show", data="garbage", headers=house)
    assert answer.status == 400 and "session description" in (await answer.json())["detail"]


async def test_other_bodies_are_refused(shop: Web, media: MediaProcess) -> None:
    assert (await shop.post("/whip/show", json={}, headers={"Authorization": f"Bearer {KEY}"})).status == 415
    assert (await shop.post("/whip/show", data=b"\xff\xfe", headers=WITH_KEY)).status == 400
    assert (await shop.post("/whip/show", data="v" * (LARGEST_OFFER + 1), headers=WITH_KEY)).status == 413
    assert (await shop.patch("/whip/show/abc", data="x", headers=WITH_KEY)).status == 405
    answer = await shop.options("/whip/show")
    assert answer.status == 204 and answer.headers["Accept-Post"] == "application/sdp"


async def test_while_the_media_process_is_away_the_publisher_is_told_to_try_again(shop: Web) -> None:
    answer = await shop.post("/whip/show", data="v=0", headers=WITH_KEY)
    assert answer.status == 503 and answer.headers["Retry-After"] and (await answer.json())["type"] == "unavailable"
