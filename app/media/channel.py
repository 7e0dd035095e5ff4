"""A channel: one event's live video. It owns the media clock, packager and files; one source at a time feeds it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from app.media.clock import MediaClock
from app.media.film import Film, Projector
from app.media.h264 import VideoFormat
from app.media.packager import File, Packager, Picture
from app.media.reel import Reel
from app.media.shelf import Shelf
from app.media.writer import Writer

# The contract is at least three states a second.
STATE_S = 0.25
# After a publisher has gone, the film waits for this long: they may be coming back.
FILM_RETURNS_S = 10.0
# Frames of the last 0.4 s were stamped and told before they were in the reel; a restart begins behind them. In ms.
RESTART_MARGIN_MS = 1_000.0
# A film starts with this much of its past, so that the first viewer has something to play at once. In ms.
FILM_HEAD_START_MS = 8_000.0
# Frame rate and bit rate are measured over this much time, in seconds.
_METER_S = 2.0


class Source(Protocol):
    """Somebody who feeds a channel."""

    kind: str

    def health(self) -> dict[str, Any]:
        """How well its stream arrives."""

    async def end(self) -> None:
        """Stop feeding."""


class Channel:
    """One event's live video, from a folder that outlives the process."""

    def __init__(self, event: str, folder: Path, wall: Callable[[], float] = time.time) -> None:
        self.event = event
        self.source: Source | None = None
        self.newest_ms = 0.0
        self._wall = wall
        self._shelf = Shelf(folder)
        self._writer = Writer(self._shelf)
        self._boot = time.time_ns() // 1_000_000
        self._film: Film | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._film_task: asyncio.Task[None] | None = None
        self._sizes: deque[tuple[float, int]] = deque()
        self._key_at = 0.0
        self._adopt(self._shelf.resume())

    def _adopt(self, reel: Reel | None) -> None:
        fresh = reel is None
        floor = reel.end_ms + RESTART_MARGIN_MS if reel and reel.segments else 0.0
        self.clock = MediaClock(max(floor, self.newest_ms + 1))
        now = self.now_ms()
        head_start = FILM_HEAD_START_MS if fresh else 0.0
        self._packager = Packager(reel or Reel(base_ms=int((now - head_start) // 1000) * 1000))
        self._earliest_ms = now - head_start

    async def start(self) -> None:
        """Begin to write files and states."""
        self._writer.start()
        if self._packager.reel.segments:
            self._writer.put([], self._packager.reel)
        self._tasks.append(asyncio.get_running_loop().create_task(self._report()))

    async def close(self) -> None:
        """End whatever runs, leaving valid playlists."""
        await self.stop_film()
        if self.source is not None:
            await self.source.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.put_state(self.state())
        await self._writer.stop()

    def now_ms(self) -> float:
        """The media clock."""
        return self.clock.read(time.monotonic(), self._wall())

    @property
    def live(self) -> bool:
        """Whether pictures are being packaged."""
        return self._packager.reel.live

    # What sources call

    def begin(self, source: Source) -> None:
        """A source takes over; what comes from it follows a discontinuity."""
        if self._film_task is not None and source.kind != "film":
            self._film_task.cancel()
        self._writer.put_files(self._finished())  # published with the first picture: players need not notice a pause
        self.source = source

    def stall(self, source: Source) -> None:
        """A source's pictures have stopped; it may come back and begin again."""
        if self.source is source:
            self._interrupt()
            self._writer.put_state(self.state())
            self._await_film()

    def finish(self, source: Source) -> None:
        """A source has ended. Ignored when another one has taken over."""
        if self.source is not source:
            return
        self.source = None
        self._interrupt()
        self._writer.put_state(self.state())
        if source.kind != "film":
            self._await_film()

    def ingested(self, at_ms: float) -> None:
        """A frame has arrived that will be packaged later."""
        self.newest_ms = max(self.newest_ms, at_ms)

    def picture(self, picture: Picture, video: VideoFormat) -> None:
        """Package a frame of the running source."""
        if self._writer.overflowed:
            self._start_over()
        self.newest_ms = max(self.newest_ms, picture.at_ms)
        moment = time.monotonic()
        self._sizes.append((moment, len(picture.data)))
        while self._sizes and moment - self._sizes[0][0] > _METER_S:
            self._sizes.popleft()
        if picture.key:
            self._key_at = moment
        before = self._packager.reel
        files = self._packager.picture(picture, video)
        if files or before is not self._packager.reel:
            self._writer.put(files, self._packager.reel)

    def sound(self, start: int, data: bytes) -> None:
        """Package an AAC frame of the running source."""
        self._packager.sound(start, data)

    def sound_ticks(self, media_ms: float) -> int:
        """Sound ticks of a media time."""
        return self._packager.sound_ticks(media_ms)

    def _finished(self) -> list[File]:
        self._sizes.clear()
        return self._packager.interrupt()

    def _interrupt(self) -> None:
        self._writer.put(self._finished(), self._packager.reel)

    def _start_over(self) -> None:
        """The disk was full so long that files were dropped: go on behind what is on the shelf, as after a crash."""
        try:
            reel = self._shelf.resume()
        except OSError:
            return
        self._writer.overflowed = False
        self._packager = Packager(reel or Reel(base_ms=int(self.newest_ms // 1000) * 1000))

    # The film

    async def play_film(self, film: Film) -> None:
        """Loop a film whenever nobody publishes."""
        await self.stop_film()
        self._film = film
        if not self.live:
            self._schedule_film(0.0)

    async def stop_film(self) -> None:
        """No film any more."""
        self._film = None
        if self._film_task is not None:
            self._film_task.cancel()
            await asyncio.gather(self._film_task, return_exceptions=True)
            self._film_task = None

    def _await_film(self) -> None:
        if self._film is not None:
            self._schedule_film(FILM_RETURNS_S)

    def _schedule_film(self, delay_s: float) -> None:
        if self._film_task is not None:
            self._film_task.cancel()
        self._film_task = asyncio.get_running_loop().create_task(self._project(delay_s))

    async def _project(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        if self._film is None or self.live:
            return
        source = FilmSource(self._film, self)
        self.clock.catch_up(time.monotonic(), self._wall())
        self.begin(source)
        await source.run(self.now_ms() if self.newest_ms else self._earliest_ms)

    # What the web processes read

    def state(self) -> dict[str, Any]:
        """The content of state.json."""
        video = self._packager.reel.video
        moment = time.monotonic()
        span = max(0.2, moment - self._sizes[0][0]) if self._sizes else 1.0
        health: dict[str, Any] = {
            "fps": round(len(self._sizes) / span, 1),
            "kbps": round(sum(size for _, size in self._sizes) * 8 / span / 1000),
            "key_frame_age_s": round(moment - self._key_at, 2) if self.live else None,
            "disk": self._writer.stuck,
        }
        state: dict[str, Any] = {
            "live": self.live,
            "source": self.source.kind if self.source and self.live else None,
            "newest_ms": round(self.newest_ms),
            "width": video.width if video else 0,
            "height": video.height if video else 0,
            "fps": round(video.fps, 2) if video else 0,
            "health": health,
            "boot": self._boot,
        }
        if isinstance(self.source, FilmSource):
            state["film"] = self.source.position()
        if self.source is not None:
            health.update(self.source.health())
        return state

    def now(self) -> dict[str, Any]:
        """What "now" is: the newest ingested frame; the media clock while there is none."""
        now_ms = self.newest_ms if self.live else max(self.newest_ms, self.now_ms())
        return {"now_ms": round(now_ms), "live": self.live, "source": self.source.kind if self.source else None}

    async def _report(self) -> None:
        while True:
            self._writer.put_state(self.state())
            await asyncio.sleep(STATE_S)


class FilmSource:
    """The film as a channel's source."""

    kind = "film"

    def __init__(self, film: Film, channel: Channel) -> None:
        self._film = film
        self._channel = channel
        self._projector: Projector | None = None

    async def run(self, earliest_ms: float) -> None:
        """Play until ended."""
        channel = self._channel
        self._projector = Projector(self._film, channel, max(earliest_ms, channel.newest_ms + 1000 / self._film.fps))
        try:
            await self._projector.run(channel.now_ms)
        finally:
            channel.finish(self)

    def position(self) -> dict[str, int]:
        """Where the loop stands."""
        loop_ms = self._projector.loop_ms if self._projector else 0
        return {"loop_ms": loop_ms, "duration_ms": round(self._film.duration_ms)}

    def health(self) -> dict[str, Any]:
        """Nothing can be wrong with a film."""
        return {"mode": "passthrough", "loss": 0}

    async def end(self) -> None:
        """Stop playing."""
        await self._channel.stop_film()
