"""The sound's path through a publisher's session: decoded, laid under the pictures, encoded as AAC, packaged."""

import time
from typing import TYPE_CHECKING

from app.media.assembly import Unit, unwrap
from app.media.channel import Channel
from app.media.clock import Stamper
from app.media.fmp4 import SOUND_SCALE, VIDEO_SCALE
from app.media.picture_path import PicturePath
from app.media.sound import Frame, OpusDecoder, SoundTrack

if TYPE_CHECKING:
    from app.media.receiver import Tap

# Sound that was heard this recently is waited for; otherwise silence takes its place at once. In seconds.
RECENT_S = 0.5
# How far the sound may lag behind the pictures before silence takes its place. In ms.
LAG_MS = 300.0
# Reports that would place sound further than this from its arrival are nonsense. In ms.
TRUST_MS = 1_000.0


class SoundPath:
    """One publisher's sound. There always is some: where the publisher sends none, silence keeps the track going,
    because players choose their decoders once and stall when one of two tracks ends.
    """

    def __init__(self, channel: Channel, pictures: PicturePath) -> None:
        self.tap: Tap | None = None
        self._channel = channel
        self._pictures = pictures
        self._decoder: OpusDecoder | None = None
        self._track: SoundTrack | None = None
        self._stamper = Stamper()
        self._heard_at = 0.0

    def begin(self, at_ms: float) -> None:
        """The pictures begin at this media time; so does the sound."""
        self._track = SoundTrack(self._channel.sound_ticks(at_ms))

    def keep_up(self, at_ms: float) -> None:
        """The pictures have reached this media time: fill what is missing with silence."""
        if self._track is None:
            return
        lag = LAG_MS if time.monotonic() - self._heard_at < RECENT_S else 0.0
        self._package(self._track.silence(self._channel.sound_ticks(at_ms - lag)))

    def arrived(self, unit: Unit) -> None:
        """Take an Opus packet."""
        self._heard_at = time.monotonic()
        if self._decoder is None:
            self._decoder = OpusDecoder()
        samples = self._decoder.decode(unit.data)
        at_ms = self._place(unit.timestamp)
        if self._track is not None and len(samples):
            self._package(self._track.pcm(self._channel.sound_ticks(at_ms), samples))

    def _place(self, timestamp: int) -> float:
        """Media time of a sound timestamp: by the sender's reports on both clocks, else by its arrival."""
        now_ms = self._channel.now_ms()
        arrival_ms = self._stamper.stamp(timestamp / (SOUND_SCALE // 1000), now_ms)
        pictures = self._pictures
        sound_report = self.tap.report if self.tap else None
        picture_report = pictures.tap.report if pictures.tap else None
        if sound_report is None or picture_report is None or pictures.newest_timestamp is None:
            return arrival_ms
        sent_s = sound_report[0] + (timestamp - unwrap(sound_report[1], timestamp)) / SOUND_SCALE
        picture_timestamp = unwrap(picture_report[1], pictures.newest_timestamp)
        placed = pictures.stamper.place(
            (picture_timestamp + (sent_s - picture_report[0]) * VIDEO_SCALE) / (VIDEO_SCALE // 1000)
        )
        return placed if placed is not None and abs(placed - now_ms) < TRUST_MS else arrival_ms

    def _package(self, frames: list[Frame]) -> None:
        for start, data in frames:
            self._channel.sound(start, data)
