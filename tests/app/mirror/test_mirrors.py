"""Every browser before the mirror in one web process: the limit per address, and the goodbye."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError

from app import keys
from tests.app.mirror.conftest import Client, Open, until


async def test_one_address_cannot_take_every_place(client: Client, browse: Open) -> None:
    mirrors = client.app[keys.MIRRORS]
    mirrors._most = 2
    first, _ = await browse(), await browse()
    with pytest.raises(WSServerHandshakeError) as refused:
        await browse()
    assert refused.value.status == 429
    await first.socket.close()
    await until(lambda: len(mirrors) == 1)
    await browse()
    mirrors._most = 0
    await browse()


async def test_the_server_says_goodbye_when_it_stops(client: Client, browse: Open, data: Path) -> None:
    browser = await browse()
    assert len(client.app[keys.MIRRORS]) == 1
    closing = asyncio.create_task(client.app[keys.MIRRORS].close())
    assert await browser.closed() == 1001
    await closing
