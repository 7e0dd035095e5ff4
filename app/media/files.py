"""Serving /hls: playlists with blocking reload, parts and segments, from the files that the media process writes."""

import asyncio
import gzip
import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from app.errors import BadRequest, NotFound, Unavailable
from app.media.places import folder_of
from app.media.reel import PART_TARGET_S, SEGMENT_S

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
MEDIA_TYPE = "video/mp4"
# File names are never used twice, see Reel.label.
IMMUTABLE = "public, max-age=86400, immutable"
# How often a playlist is looked at while somebody waits for it, in seconds: a thirtieth of a part.
POLL_S = 0.011
# RFC 8216bis, 6.2.5.2: a blocked request is given up after three target durations.
WAIT_S = 3 * SEGMENT_S
# The same section: how far ahead a client may ask, in segments and in parts.
AHEAD_SEGMENTS = 2
AHEAD_PARTS = round(3 / PART_TARGET_S)
# The newest parts and segments of a few shows; everybody asks for the same ones.
CACHE_BYTES = 64 * 1024 * 1024

_PLAYLIST = re.compile(r"(?:index|video|plain)\.m3u8")
_MEDIA = re.compile(r"(?:(?:init|seg)-[0-9a-f]{1,16}-\d{1,12}|part-[0-9a-f]{1,16}-(\d{1,12})-(\d{1,6}))\.mp4")
_NUMBER = re.compile(r"\d{1,12}")


@dataclass
class Snapshot:
    """A playlist as it is on the disk: its bytes and how far it reaches (`parts` of segment `number` are there)."""

    stamp: tuple[int, int]
    body: bytes
    number: int
    parts: int
    live: bool
    packed: bytes | None = None

    @classmethod
    def of(cls, stamp: tuple[int, int], body: bytes) -> "Snapshot":
        """Read what matters from a playlist's text."""
        first = re.search(rb"#EXT-X-MEDIA-SEQUENCE:(\d+)", body)
        number = (int(first[1]) if first else 0) + body.count(b"#EXTINF:")
        parts = body.count(b"#EXT-X-PART:", max(0, body.rfind(b"#EXTINF:")))
        return cls(stamp, body, number, parts, b"CAN-BLOCK-RELOAD=YES" in body)

    def reaches(self, number: int, part: int | None) -> bool:
        """Whether a segment, or a part of it, is there."""
        return number < self.number or (number == self.number and part is not None and part < self.parts)


class MediaFiles:
    """The /hls files of every event below a data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._snapshots: dict[Path, Snapshot] = {}
        self._cache: OrderedDict[Path, bytes] = OrderedDict()
        self._cached = 0
        self._changes: dict[Path, asyncio.Event] = {}
        self._watchers: set[asyncio.Task[None]] = set()

    async def answer(self, request: web.Request) -> web.Response:
        """GET /hls/{event}/{file}. Raises NotFound, BadRequest, Unavailable."""
        folder = folder_of(self._data, request.match_info["event"])
        name = request.match_info["file"]
        if _PLAYLIST.fullmatch(name):
            return await self._playlist(request, folder / name)
        media = _MEDIA.fullmatch(name)
        if media is None:
            raise NotFound("There is no such file.")
        if media[1] is not None:
            await self._part_is_there(folder, name, int(media[1]), int(media[2]))
        return web.Response(
            body=self._bytes(folder / name), content_type=MEDIA_TYPE, headers={"Cache-Control": IMMUTABLE}
        )

    async def close(self) -> None:
        """Let go of everybody who waits."""
        for task in self._watchers:
            task.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)

    async def _playlist(self, request: web.Request, path: Path) -> web.Response:
        snapshot = self._snapshot(path)
        if "_HLS_msn" in request.query and snapshot.live:
            number, part = _position(request)
            if number > snapshot.number + AHEAD_SEGMENTS - 1 or (
                number == snapshot.number and part is not None and part >= snapshot.parts + AHEAD_PARTS
            ):
                raise BadRequest("The playlist is not that far yet; ask for the next part or segment.")
            snapshot = await self._reached(path, number, part)
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        body = snapshot.body
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            if snapshot.packed is None:
                snapshot.packed = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
            body = snapshot.packed
        return web.Response(body=body, content_type=PLAYLIST_TYPE, headers=headers)

    async def _reached(self, path: Path, number: int, part: int | None) -> Snapshot:
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while True:
            snapshot = self._snapshot(path)
            if not snapshot.live or snapshot.reaches(number, part):
                return snapshot
            await self._changed(path, deadline)

    async def _part_is_there(self, folder: Path, name: str, number: int, part: int) -> None:
        """Wait for a part that the playlist hints at."""
        if folder / name in self._cache or (folder / name).exists():
            return
        path = folder / "video.m3u8"
        if f'TYPE=PART,URI="{name}"'.encode() not in self._snapshot(path).body:
            raise NotFound("There is no such part.")
        await self._reached(path, number, part)

    async def _changed(self, path: Path, deadline: float) -> None:
        event = self._changes.get(path)
        if event is None:
            event = self._changes[path] = asyncio.Event()
            task = asyncio.get_running_loop().create_task(self._watch(path, event))
            self._watchers.add(task)
            task.add_done_callback(self._watchers.discard)
        try:
            await asyncio.wait_for(event.wait(), deadline - asyncio.get_running_loop().time())
        except TimeoutError:
            raise Unavailable("The show has not sent anything new; please try again.") from None

    async def _watch(self, path: Path, event: asyncio.Event) -> None:
        """Look at one playlist for everybody who waits for it, until it changes."""
        seen = self._snapshots[path].stamp
        deadline = asyncio.get_running_loop().time() + WAIT_S
        try:
            while asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(POLL_S)
                if _stamp(path) != seen:
                    return
        except FileNotFoundError:
            return
        finally:
            del self._changes[path]
            event.set()

    def _snapshot(self, path: Path) -> Snapshot:
        try:
            stamp = _stamp(path)
            known = self._snapshots.get(path)
            if known is None or known.stamp != stamp:
                known = self._snapshots[path] = Snapshot.of(stamp, path.read_bytes())
            return known
        except FileNotFoundError:
            self._snapshots.pop(path, None)
            raise NotFound("This event has no video yet.") from None

    def _bytes(self, path: Path) -> bytes:
        found = self._cache.get(path)
        if found is not None:
            self._cache.move_to_end(path)
            return found
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            raise NotFound("There is no such file, or it is too old.") from None
        self._cache[path] = found
        self._cached += len(found)
        while self._cached > CACHE_BYTES:
            self._cached -= len(self._cache.popitem(last=False)[1])
        return found


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_ino


def _position(request: web.Request) -> tuple[int, int | None]:
    number, part = request.query["_HLS_msn"], request.query.get("_HLS_part")
    if not _NUMBER.fullmatch(number) or (part is not None and not _NUMBER.fullmatch(part)):
        raise BadRequest("_HLS_msn and _HLS_part have to be whole numbers.")
    return int(number), int(part) if part is not None else None
