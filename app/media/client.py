"""The web process's way to the media process."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import aiohttp
import msgspec

from app.errors import Problem, Unavailable
from app.media.places import folder_of, socket_path

# Setting up a publisher gathers addresses and answers; "now" is a dictionary lookup. In seconds.
_PUBLISH_TIMEOUT = aiohttp.ClientTimeout(total=10)
_TIMEOUT = aiohttp.ClientTimeout(total=2)


class Now(msgspec.Struct):
    """What "now" is: the media time of the newest ingested frame."""

    now_ms: int
    live: bool
    source: str | None = None


class Loop(msgspec.Struct):
    """Where the looped film stands: media time of the running loop's first frame, and a loop's length."""

    loop_ms: int
    duration_ms: int


class Health(msgspec.Struct):
    """How well the source's stream arrives; `mode` is "passthrough" or "transcode"."""

    fps: float = 0.0
    kbps: int = 0
    loss: int = 0
    key_frame_age_s: float | None = None
    mode: str | None = None
    disk: str | None = None


class MediaState(msgspec.Struct):
    """An event's live video as the media process last described it."""

    live: bool = False
    source: str | None = None
    newest_ms: int = 0
    width: int = 0
    height: int = 0
    fps: float = 0.0
    health: Health = msgspec.field(default_factory=Health)
    boot: int = 0
    film: Loop | None = None


class MediaProblem(Problem):
    """A refusal of the media process, handed on as it is."""

    def __init__(self, status: int, document: Mapping[str, str]) -> None:
        super().__init__(document.get("detail", "The media process refused the request."))
        # The document's own members, where the class attributes of other problems stand.
        self.status = status  # type: ignore[misc]
        self.slug = document.get("type", "media")  # type: ignore[misc]
        self.title = document.get("title", "Live video")  # type: ignore[misc]


class MediaClient:
    """One HTTP client on the media process's Unix socket. Every call raises Unavailable while that process is away."""

    def __init__(self, data: Path) -> None:
        self._data = data
        connector = aiohttp.UnixConnector(str(socket_path(data)), limit=100)
        self._session = aiohttp.ClientSession("http://media", connector=connector)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    async def now(self, event: str) -> Now:
        """The newest ingested frame's media time, and whether somebody is live."""
        _, _, body = await self._call("GET", f"/now/{event}", limit=_TIMEOUT)
        return msgspec.json.decode(body, type=Now)

    async def now_ms(self, event: str) -> int:
        """The newest ingested frame's media time in ms; the media clock while nobody is live."""
        return (await self.now(event)).now_ms

    async def whip(self, event: str, offer: str) -> tuple[str, str]:
        """Hand a WHIP offer on; (SDP answer, session id)."""
        _, headers, body = await self._call(
            "POST", f"/whip/{event}", offer.encode(), {"Content-Type": "application/sdp"}, _PUBLISH_TIMEOUT
        )
        return body.decode(), headers["Session"]

    async def unpublish(self, event: str, session: str) -> None:
        """End a publisher's session."""
        await self._call("DELETE", f"/whip/{event}/{quote(session, safe='')}", limit=_PUBLISH_TIMEOUT)

    async def play_film(self, event: str, path: Path) -> None:
        """Loop a film, given by its absolute path, whenever nobody publishes."""
        body = msgspec.json.encode({"path": str(path)})
        await self._call("POST", f"/film/{event}", body, {"Content-Type": "application/json"}, _PUBLISH_TIMEOUT)

    async def stop_film(self, event: str) -> None:
        """No film any more."""
        await self._call("DELETE", f"/film/{event}", limit=_TIMEOUT)

    def state(self, event: str) -> MediaState:
        """What the media process last wrote about an event; of an event without any video, an empty state."""
        try:
            return msgspec.json.decode((folder_of(self._data, event) / "state.json").read_bytes(), type=MediaState)
        except (FileNotFoundError, msgspec.DecodeError):
            return MediaState()

    async def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        limit: aiohttp.ClientTimeout = _TIMEOUT,
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            async with self._session.request(method, path, data=body, headers=headers, timeout=limit) as answer:
                content = await answer.read()
                if answer.status < 400:
                    return answer.status, answer.headers, content
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise Unavailable("Live video is just starting again; please try again in a moment.") from None
        try:
            document = msgspec.json.decode(content, type=dict[str, str | int])
        except msgspec.DecodeError:
            document = {}
        raise MediaProblem(answer.status, {key: str(value) for key, value in document.items()})
