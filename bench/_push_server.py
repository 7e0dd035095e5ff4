"""The servers that the push benchmark compares, each in a process of its own: python -m bench._push_server KIND.

Prints its port. `ours`, `plain` (ours without the native loop) and `stock` answer as the peer on Node does: `go` is
sent to everybody as `overlay`, `blast` asks for one of a size, `up` is answered. `shop FOLDER REDIS_URL` is a whole web
process without duties.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import socketio
import uvloop
from aiohttp import web

from app.catalogue.folder import DEMO_FOLDER
from app.catalogue.importer import import_catalogue
from app.config import Config
from app.ledger.clock import now_ms
from app.ledger.engine import Ledger
from app.ledger.migrate import migrate
from app.server import collect_rarely, create_app
from app.show.begin import import_events
from overlays import volley
from overlays.broadcast import live_server

HOST_TOKEN = "a-token-for-the-benchmark"  # noqa: S105 - the shop lives for a minute, on loopback


async def _shop(folder: str, redis_url: str) -> web.Application:
    data = Path(folder)
    # One machine is every viewer's address here.
    config = Config(
        data=data, secret="s" * 32, host_token=HOST_TOKEN, demo=True, redis_url=redis_url, address_limit=0.0
    )
    ledger = Ledger.of(config)
    await migrate(ledger)
    await import_catalogue(ledger, DEMO_FOLDER)
    await import_events(config, ledger, now_ms)
    await ledger.close()
    return create_app(config)


def _contestant(kind: str) -> web.Application:
    server: Any = socketio.AsyncServer(async_mode="aiohttp") if kind == "stock" else live_server()
    if kind == "plain":
        volley.send_each = volley.send_each_plainly

    async def connect(sid: str, environ: object, auth: object) -> None:
        await server.enter_room(sid, "show")

    async def go(sid: str, data: object) -> None:
        await server.emit("overlay", data, room="show")

    async def blast(sid: str, data: dict[str, int]) -> None:
        await server.emit("overlay", {"text": "x" * data["size"]}, room="show")

    async def up(sid: str, data: dict[str, object]) -> dict[str, object]:
        return {"ok": True, "kind": data["kind"]}

    server.on("connect", connect)
    server.on("go", go)
    server.on("blast", blast)
    server.on("up", up)
    app = web.Application()
    server.attach(app)
    return app


async def _serve(kind: str, *arguments: str) -> None:
    app = await _shop(*arguments) if kind == "shop" else _contestant(kind)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    if kind != "stock":
        collect_rarely()  # as every web process of ours does
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(*sys.argv[1:]))
