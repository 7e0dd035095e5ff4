"""The media process: every event's channel behind HTTP on a Unix socket, reached by the shop's own processes only."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
from aiohttp import web

from app.config import DEMO_EVENT, Config
from app.edge import json_response, read_bytes, read_json
from app.errors import BadRequest, Conflict, NotFound, problems
from app.media.channel import Channel
from app.media.film import BadFilm, Film
from app.media.places import folder_of, socket_path
from app.media.ports import PortRangeLoop
from app.media.publisher import Publisher
from app.media.session_description import LARGEST_OFFER, usable_offer

log = logging.getLogger(__name__)

DEMO_FILM = Path(__file__).parents[2] / "demo" / "film.mp4"


class SomebodyIsLive(Conflict):
    """An event has one publisher at a time."""

    slug = "somebody-is-live"
    title = "Somebody is live"


class FilmOrder(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /film/{event}."""

    path: str


class MediaProcess:
    """The handlers and the channels."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.channels: dict[str, Channel] = {}
        self.publishers: dict[str, Publisher] = {}

    async def channel(self, event: str) -> Channel:
        """The event's channel, made when it is first asked for."""
        folder = folder_of(self.config.data, event)
        found = self.channels.get(event)
        if found is None:
            found = self.channels[event] = Channel(event, folder)
            await found.start()
        return found

    async def now(self, request: web.Request) -> web.Response:
        """GET /now/{event}."""
        return json_response((await self.channel(request.match_info["event"])).now())

    async def publish(self, request: web.Request) -> web.Response:
        """POST /whip/{event}: an SDP offer in, the answer out, the session's id in a header."""
        channel = await self.channel(request.match_info["event"])
        offer = (await read_bytes(request, LARGEST_OFFER)).decode("utf-8", "replace")
        offer = usable_offer(offer)
        former = self.publishers.get(channel.event)
        if former is not None and former.busy:
            raise SomebodyIsLive("Somebody is live in this event; end that broadcast first.")
        publisher = self.publishers[channel.event] = Publisher(channel, self._ended)
        if former is not None:
            await former.end()
        answer = await publisher.accept(offer, self.config.public_ip)
        return web.Response(
            status=201, text=answer, content_type="application/sdp", headers={"Session": publisher.session}
        )

    async def unpublish(self, request: web.Request) -> web.Response:
        """DELETE /whip/{event}/{session}."""
        publisher = self.publishers.get(request.match_info["event"])
        if publisher is None or publisher.session != request.match_info["session"]:
            raise NotFound("There is no such broadcast; it may have ended already.")
        await publisher.end()
        return web.Response(status=204)

    def _ended(self, publisher: Publisher) -> None:
        for event, found in list(self.publishers.items()):
            if found is publisher:
                del self.publishers[event]

    async def play_film(self, request: web.Request) -> web.Response:
        """POST /film/{event}: loop a film whenever nobody publishes."""
        order = await read_json(request, FilmOrder)
        channel = await self.channel(request.match_info["event"])
        try:
            film = await asyncio.to_thread(Film.load, Path(order.path))
        except (BadFilm, OSError) as error:
            raise BadRequest(str(error)) from None
        await channel.play_film(film)
        return json_response({"duration_ms": round(film.duration_ms)}, 201)

    async def stop_film(self, request: web.Request) -> web.Response:
        """DELETE /film/{event}."""
        await (await self.channel(request.match_info["event"])).stop_film()
        return web.Response(status=204)

    def application(self) -> web.Application:
        """The application behind the socket."""
        app = web.Application(middlewares=[problems])
        app.router.add_get("/now/{event}", self.now)
        app.router.add_post("/whip/{event}", self.publish)
        app.router.add_delete("/whip/{event}/{session}", self.unpublish)
        app.router.add_post("/film/{event}", self.play_film)
        app.router.add_delete("/film/{event}", self.stop_film)
        app.cleanup_ctx.append(self._lifetime)
        return app

    async def _lifetime(self, _: web.Application) -> AsyncIterator[None]:
        if self.config.demo:
            channel = await self.channel(DEMO_EVENT)
            await channel.play_film(await asyncio.to_thread(Film.load, DEMO_FILM))
        yield
        await asyncio.gather(*(publisher.end() for publisher in list(self.publishers.values())))
        await asyncio.gather(*(channel.close() for channel in self.channels.values()))


@contextlib.asynccontextmanager
async def serving(config: Config) -> AsyncIterator[MediaProcess]:
    """A media process within this one."""
    path = socket_path(config.data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # left behind by a process that was killed
    media = MediaProcess(config)
    runner = web.AppRunner(media.application(), access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.UnixSite(runner, str(path)).start()
        path.chmod(0o600)
        yield media
    finally:
        await runner.cleanup()
        path.unlink(missing_ok=True)


async def serve(config: Config) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serving(config):
        log.info("media process listens on %s", socket_path(config.data))
        await stop.wait()


def run(config: Config) -> None:
    """The entry of `python -m app media`."""
    logging.getLogger("aioice").setLevel(logging.WARNING)  # it tells every candidate pair
    with asyncio.Runner(loop_factory=lambda: PortRangeLoop(config.udp_ports)) as runner:
        runner.run(serve(config))
