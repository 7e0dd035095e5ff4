"""Who comes in: websockets of our own pages, so many an address and a shopper, and a storm of them in pace."""

import asyncio
import random

import aiohttp
import pytest

from app import keys
from app.customers.cookie import NAME, Cookies, Session
from app.ledger.clock import now_ms
from app.ledger.ids import new_id
from app.show.door import SOCKETS_PER_ADDRESS, SOCKETS_PER_SHOPPER
from overlays.limits import Rate
from tests.app.show.conftest import House
from tests.viewers import eventually


async def test_polling_and_foreign_pages_are_refused_with_the_reason(house: House) -> None:
    async with house.http.get(f"{house.url}/socket.io/?EIO=4&transport=polling") as answer:
        document = await answer.json(content_type=None)
        assert (answer.status, document["type"]) == (400, "websocket-only")
    address = f"{house.url}/socket.io/?EIO=4&transport=websocket"
    for foreign in ("https://evil.example", "null", f"{house.url}.evil.example"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await house.http.ws_connect(address, headers={"Origin": foreign})
        assert refusal.value.status == 403
    own = await house.viewer(None, Origin=house.url)
    assert (await own.ask("join", {"event": "gala"}))["event"] == "gala"
    public = await house.viewer(None, Origin="http://localhost:8080")
    assert (await public.ask("join", {"event": "gala"}))["event"] == "gala"


async def test_one_address_cannot_take_every_connection(house: House) -> None:
    door = house.app[keys.DOOR]
    assert door._most == SOCKETS_PER_ADDRESS
    door._most = 1
    await house.viewer()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await house.http.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket")
    assert refusal.value.status == 429


async def test_one_shopper_cannot_take_every_connection(house: House) -> None:
    session = Session(new_id("shp"), now_ms())
    cookie = f"{NAME}={Cookies(house.config.secret).write(session)}"
    for _ in range(SOCKETS_PER_SHOPPER):
        await house.viewer(None, Cookie=cookie)
    address = f"{house.url}/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await house.http.ws_connect(address, headers={"Cookie": cookie})
    assert refusal.value.status == 429
    await house.viewer()
    await house.viewers[0].socket.disconnect()
    await eventually(lambda: house.app[keys.DOOR]._open[session.shopper] < SOCKETS_PER_SHOPPER)
    await house.viewer(None, Cookie=cookie)


async def test_a_storm_of_returning_viewers_is_let_in_at_a_bounded_rate_and_the_show_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, _ = await house.watch()
    monkeypatch.setattr("app.show.door.ENTRANCES", Rate(per_second=20, burst=3))
    house.app[keys.DOOR]._entrances = None
    address = f"{house.url}/socket.io/?EIO=4&transport=websocket"
    busy = 0

    async def come_back() -> None:
        nonlocal busy
        while True:
            try:
                async with house.http.ws_connect(address):
                    return
            except aiohttp.WSServerHandshakeError as refusal:
                assert (refusal.status, "Retry-After" in (refusal.headers or {})) == (503, True)
                busy += 1
                await asyncio.sleep(random.uniform(0.02, 0.1))

    storm = asyncio.gather(*(come_back() for _ in range(10)))
    await house.cue()
    await eventually(lambda: len(inside.named("cue")) == 1)
    await asyncio.wait_for(storm, 10)
    assert busy > 0
