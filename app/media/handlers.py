"""The web process's handlers of live video: /hls and /whip."""

from aiohttp import web

from app import keys


async def hls(request: web.Request) -> web.Response:
    """GET /hls/{event}/{file}."""
    return await request.app[keys.MEDIA_FILES].answer(request)
