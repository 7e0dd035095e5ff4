"""What a load balancer asks."""

from aiohttp import web


async def healthz(request: web.Request) -> web.Response:
    """GET /healthz: the process answers at all."""
    return web.json_response({"status": "ok"})
