"""What load balancers and monitors ask."""

from aiohttp import web

from app import keys
from app.edge import json_response
from app.errors import Unavailable


async def healthz(request: web.Request) -> web.Response:
    """GET /healthz: the process answers at all."""
    return json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """GET /readyz: ledger and gate answer, so that this process may get visitors; 503 names what does not."""
    checks = {"ledger": _ledger, "gate": _gate}
    away = [name for name, check in checks.items() if not await check(request.app)]
    state = {name: name not in away for name in checks}
    return json_response({"ready": not away, **state}, status=503 if away else 200)


async def _ledger(app: web.Application) -> bool:
    try:
        async with app[keys.LEDGER].read():
            return True
    except Unavailable:
        return False


async def _gate(app: web.Application) -> bool:
    try:
        await app[keys.GATE].ping()
    except Unavailable:
        return False
    return True
