"""The mixer: pictures wait until the sound that goes with them is there, or is known not to come."""

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from app.media.fmp4 import AAC_SAMPLES
from app.media.h264 import VideoFormat
from app.media.packager import Picture
from app.media.sound import HELD_BACK, Frame, Samples, SoundTrack

# Sound that was heard this recently is waited for; otherwise silence takes its place at once. In seconds.
RECENT_S = 0.5
# How long pictures wait for their sound before silence takes its place. In ms.
LAG_MS = 300.0
# How long the last picture of a run is accompanied. In ms.
LAST_FRAME_MS = 40.0


class Stage(Protocol):
    """Where mixed frames go."""

    def picture(self, picture: Picture, video: VideoFormat) -> None:
        """Take a frame."""

    def sound_ticks(self, media_ms: float) -> int:
        """The first sound tick that is not before a picture at this media time."""

    def sound(self, start: int, data: bytes) -> None:
        """Take an AAC frame."""


class Mixer:
    """Lays one publisher's sound beside the pictures.

    There always is some: where the publisher sends none, silence keeps the track going, because players choose their
    decoders once and stall when one of two tracks ends. `begin` is called before the first picture of a run.
    """

    def __init__(self, stage: Stage, begin: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._stage = stage
        self._begin = begin
        self._clock = clock
        self._track: SoundTrack | None = None
        self._held: deque[tuple[Picture, VideoFormat]] = deque()
        self._video: VideoFormat | None = None
        self._ready = 0
        self._last_ms = 0.0
        self._heard_at = float("-inf")

    def picture(self, picture: Picture, video: VideoFormat, first: bool) -> None:
        """Take a picture; `first` when the pictures begin (again)."""
        if first:
            self.finish()
            self._begin()
            self._ready = self._stage.sound_ticks(picture.at_ms)
            self._track = SoundTrack(self._ready)
        elif video != self._video:
            # What follows is decoded anew: sound and pictures of the old format end together.
            self._fill(picture.at_ms)
        self._video = video
        self._last_ms = picture.at_ms
        self._held.append((picture, video))
        self._fill(picture.at_ms - (LAG_MS if self._clock() - self._heard_at < RECENT_S else 0.0))

    def sound(self, at_ms: float, samples: Samples) -> None:
        """Take PCM whose first sample belongs to a media time."""
        self._heard_at = self._clock()
        if self._track is not None:
            self._take(self._track.pcm(self._stage.sound_ticks(at_ms), samples))

    def finish(self) -> None:
        """Let go of everything that still waits."""
        self._fill(self._last_ms + LAST_FRAME_MS)
        self._track = None

    def _fill(self, until_ms: float) -> None:
        """Silence up to a media time, and as much more as the encoder holds back."""
        if self._track is not None:
            until = self._stage.sound_ticks(until_ms)
            self._take(self._track.silence(until + HELD_BACK) if until > self._ready else [])

    def _take(self, frames: list[Frame]) -> None:
        for start, data in frames:
            self._release(start)
            self._stage.sound(start, data)
            self._ready = start + AAC_SAMPLES
        self._release(self._ready)

    def _release(self, until: int) -> None:
        """Pass on the pictures before which no further sound starts."""
        while self._held and self._stage.sound_ticks(self._held[0][0].at_ms) <= until:
            self._stage.picture(*self._held.popleft())
