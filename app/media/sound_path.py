"""The sound's path through a publisher's session: decoded and dated on the pictures' clock."""

from typing import TYPE_CHECKING

from app.media.assembly import Unit, unwrap
from app.media.channel import Channel
from app.media.clock import Stamper
from app.media.fmp4 import SOUND_SCALE, VIDEO_SCALE
from app.media.mixer import Mixer
from app.media.picture_path import PicturePath
from app.media.sound import OpusDecoder

if TYPE_CHECKING:
    from app.media.receiver import Tap

# Reports that would place sound further than this from its arrival are nonsense. In ms.
TRUST_MS = 1_000.0


class SoundPath:
    """One publisher's sound."""

    def __init__(self, channel: Channel, pictures: PicturePath, mixer: Mixer) -> None:
        self.tap: Tap | None = None
        self._channel = channel
        self._pictures = pictures
        self._mixer = mixer
        self._decoder: OpusDecoder | None = None
        self._stamper = Stamper()

    def arrived(self, unit: Unit) -> None:
        """Take an Opus packet."""
        if self._decoder is None:
            self._decoder = OpusDecoder()
        samples = self._decoder.decode(unit.data)
        at_ms = self._place(unit.timestamp)
        if len(samples):
            self._mixer.sound(at_ms, samples)

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
