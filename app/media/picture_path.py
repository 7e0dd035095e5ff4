"""The pictures' path through a publisher's session: stamped, passed through or transcoded, packaged."""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from app.media.assembly import Unit
from app.media.channel import Channel
from app.media.clock import STEP_MS, Stamper
from app.media.fmp4 import VIDEO_SCALE
from app.media.h264 import BrokenStream, VideoFormat
from app.media.intake import Intake
from app.media.packager import Picture
from app.media.reel import SEGMENT_S
from app.media.transcode import Transcoder

if TYPE_CHECKING:
    from app.media.receiver import Tap

log = logging.getLogger(__name__)

# A key frame is asked for this long after the last one, so that it arrives for the end of the segment. In seconds.
ASK_AFTER_S = SEGMENT_S - 0.1
ASK_AGAIN_S = 0.4
# A publisher that does not send a key frame within this is transcoded: longer segments would hold back every viewer.
LATE_KEY_S = 4.0
# After a loss the picture stands still until a key frame comes; after this long, damaged pictures are better. (s)
FROZEN_S = 2.0
# The frames since the last key frame, kept so that the decoder can begin there. OBS's longest interval is 20 s.
GROUP_FRAMES = 1200
GROUP_BYTES = 32 * 1024 * 1024
# When this many frames wait for the transcoder, it only decodes until it has caught up.
MOST_WAITING = 30


class Owner(Protocol):
    """The session that the path belongs to."""

    def show(self, picture: Picture, video: VideoFormat, first: bool) -> None:
        """A picture is ready to be packaged; `first` when the pictures begin (again)."""

    def spawn(self, work: Any) -> None:
        """Run a task within the session."""


class PicturePath:
    """One publisher's pictures."""

    def __init__(self, channel: Channel, owner: Owner) -> None:
        self.tap: Tap | None = None
        self.begun = False
        self.stamper = Stamper(channel.newest_ms)
        self.newest_timestamp: int | None = None
        self._channel = channel
        self._owner = owner
        self._intake = Intake()
        self._transcoder: Transcoder | None = None
        self._jobs: asyncio.Queue[tuple[bytes, float, bool]] = asyncio.Queue()
        self._waiting = 0
        self._thread: ThreadPoolExecutor | None = None
        self._group: list[tuple[bytes, float]] = []
        self._group_bytes = 0
        self._out_ms = 0.0
        self._key_at = self._asked_at = 0.0
        self._frozen_at: float | None = None

    def arrived(self, unit: Unit) -> None:
        """Take a whole encoded frame."""
        channel, moment = self._channel, time.monotonic()
        sent_ms = unit.timestamp / (VIDEO_SCALE // 1000)
        at_ms = self.stamper.stamp(sent_ms, channel.now_ms())
        reordered = self.newest_timestamp is not None and unit.timestamp <= self.newest_timestamp
        self.newest_timestamp = max(unit.timestamp, self.newest_timestamp or unit.timestamp)
        if self._transcoder is not None:
            self._transcode(unit.data, self.stamper.place(sent_ms) or at_ms)
            return
        codec = self.tap.codec(unit.payload_type) if self.tap else ""
        if codec != "H264":
            if codec == "VP8":
                self._fall_back("VP8", "the publisher sends VP8")
                self._transcode(unit.data, at_ms)
            return
        try:
            picture = self._intake.take(unit.data, at_ms, unit.lost)
        except BrokenStream as error:
            self._fall_back("H264", str(error))
            return
        self._remember(unit.data, at_ms, picture)
        if reordered:
            self._fall_back("H264", "the publisher sends B-frames")
        elif picture is not None:
            self._frozen_at = None
            channel.ingested(at_ms)
            self._package(picture, self._intake.video)
        elif self.begun and self._frozen_at is None:
            self._frozen_at = moment

    async def care(self) -> None:
        """To be called several times a second: ask for key frames, give up waiting for them."""
        moment = time.monotonic()
        wanted = self._intake.wants_key if self._transcoder is None else not self.begun
        due = self._transcoder is None and moment - self._key_at > ASK_AFTER_S
        if (wanted or due) and moment - self._asked_at > ASK_AGAIN_S and self.tap is not None:
            self._asked_at = moment
            await self.tap.ask_for_key_frame()
        if self._transcoder is None and self.begun:
            if moment - self._key_at > LATE_KEY_S:
                self._fall_back("H264", "key frames are late")
            elif self._frozen_at is not None and moment - self._frozen_at > FROZEN_S:
                self._fall_back("H264", "no key frame came after a loss")

    def interrupted(self) -> None:
        """The pictures have stopped; when they come again, they begin anew."""
        self.begun = False
        self._frozen_at = None
        self._intake.wants_key = True

    def health(self) -> dict[str, Any]:
        """Mode and loss."""
        return {
            "mode": "passthrough" if self._transcoder is None else "transcode",
            "loss": self.tap.assembler.lost_packets if self.tap else 0,
        }

    def close(self) -> None:
        """Let go of the thread."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)

    def _package(self, picture: Picture, video: VideoFormat | None) -> None:
        if video is None or (not self.begun and not picture.key):
            return
        if picture.key:
            self._key_at = time.monotonic()
        first, self.begun = not self.begun, True
        self._owner.show(picture, video, first)

    def _remember(self, data: bytes, at_ms: float, picture: Picture | None) -> None:
        if picture is not None and picture.key:
            self._group, self._group_bytes = [], 0
        self._group.append((data, at_ms))
        self._group_bytes += len(data)
        if len(self._group) > GROUP_FRAMES or self._group_bytes > GROUP_BYTES:
            self._group, self._group_bytes = [], 0

    def _fall_back(self, codec: str, reason: str) -> None:
        """Transcode from here on. The decoder first sees what was sent since the last key frame."""
        log.warning("%s: transcoding: %s", self._channel.event, reason)
        self._transcoder = Transcoder(codec)
        self._thread = ThreadPoolExecutor(1, "transcode")
        for data, at_ms in self._group:
            self._jobs.put_nowait((data, at_ms, False))
        self._group = []
        self._intake = Intake()
        self._owner.spawn(self._work(self._transcoder, self._thread))

    def _transcode(self, data: bytes, at_ms: float) -> None:
        self._channel.ingested(at_ms)
        show = self._waiting < MOST_WAITING
        self._waiting += show
        self._jobs.put_nowait((data, at_ms, show))

    async def _work(self, transcoder: Transcoder, thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while True:
            data, at_ms, show = await self._jobs.get()
            self._waiting -= show
            for out_ms, encoded in await loop.run_in_executor(thread, transcoder.feed, data, at_ms, show):
                self._out_ms = max(out_ms, self._out_ms + STEP_MS)
                picture = self._intake.take(encoded, self._out_ms)
                if picture is not None:
                    self._package(picture, self._intake.video)
