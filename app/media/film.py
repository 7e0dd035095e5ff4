"""The film: a looped show that goes through the same packager as a publisher, passed through without re-encoding."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import av

from app.media.fmp4 import AAC_SAMPLES, SOUND_CONFIG, SOUND_SCALE
from app.media.h264 import VideoFormat, video_format
from app.media.packager import Picture

# Never sleep longer than this without looking at the media clock again, in seconds.
_NAP_S = 0.25


class BadFilm(ValueError):
    """The file cannot be looped; the message says what it needs."""


class Stage(Protocol):
    """Where a source's frames go."""

    def picture(self, picture: Picture, video: VideoFormat) -> None:
        """Take a frame."""

    def sound_ticks(self, media_ms: float) -> int:
        """Sound ticks of a media time."""

    def sound(self, start: int, data: bytes) -> None:
        """Take an AAC frame."""


@dataclass(frozen=True)
class Film:
    """A film in memory: encoded pictures (data, key) and AAC frames, both exactly `duration_ms` long."""

    video: VideoFormat
    fps: float
    pictures: tuple[tuple[bytes, bool], ...]
    sound: tuple[bytes, ...]

    @property
    def duration_ms(self) -> float:
        """Length of a loop in ms."""
        return len(self.pictures) * 1000 / self.fps

    @classmethod
    def load(cls, path: Path) -> "Film":
        """Read an MP4 of H.264 without B-frames and AAC at 48 kHz in stereo. Raises BadFilm or OSError."""
        try:
            with av.open(str(path)) as container:
                if not container.streams.video or not container.streams.audio:
                    raise BadFilm(f"{path} needs one video and one audio track.")
                picture, sound = container.streams.video[0], container.streams.audio[0]
                record = bytes(picture.codec_context.extradata or b"")
                if picture.codec_context.name != "h264" or record[4:5] != b"\xff":
                    raise BadFilm(f"{path} needs H.264 in an MP4 file.")
                if bytes(sound.codec_context.extradata or b"")[:2] != SOUND_CONFIG:
                    raise BadFilm(f"{path} needs AAC-LC sound at 48 kHz in stereo.")
                pictures: list[tuple[bytes, bool]] = []
                frames: list[bytes] = []
                last = -1
                for packet in container.demux(picture, sound):
                    if packet.pts is None:
                        continue
                    if packet.stream is sound:
                        frames.append(bytes(packet))
                        continue
                    if packet.pts != packet.dts or packet.pts <= last:
                        raise BadFilm(f"{path} has B-frames; encode it without (bframes=0).")
                    last = packet.pts
                    pictures.append((bytes(packet), packet.is_keyframe))
                fps = float(picture.average_rate or 0)
        except av.FFmpegError as error:
            raise BadFilm(f"{path} cannot be read as a film: {error}.") from None
        if not pictures or not pictures[0][1] or fps <= 0:
            raise BadFilm(f"{path} has to begin with a key frame.")
        sps_length = int.from_bytes(record[6:8], "big")
        sps = record[8 : 8 + sps_length]
        pps_length = int.from_bytes(record[9 + sps_length : 11 + sps_length], "big")
        pps = record[11 + sps_length : 11 + sps_length + pps_length]
        return cls(video_format(sps, pps), fps, tuple(pictures), tuple(frames))


class Projector:
    """Plays a film in loops on the media clock. `loop_ms` is the media time of the running loop's first frame."""

    def __init__(self, film: Film, stage: Stage, start_ms: float) -> None:
        self.film = film
        self.loop_ms = round(start_ms)
        self._stage = stage
        self._next = 0
        self._sound_start = stage.sound_ticks(self.loop_ms)
        self._sound_sent = 0

    def due_ms(self) -> float:
        """Media time of the next frame."""
        return self.loop_ms + self._next * 1000 / self.film.fps

    def show(self) -> None:
        """Send the sound that starts before the next frame, then that frame."""
        if self._next == len(self.film.pictures):
            self.loop_ms = round(self.loop_ms + self.film.duration_ms)
            self._next = 0
        due = self.due_ms()
        data, key = self.film.pictures[self._next]
        until = self._stage.sound_ticks(due)
        while self.film.sound and (start := self._sound_start + self._sound_sent * AAC_SAMPLES) < until:
            self._stage.sound(start, self.film.sound[self._sound_sent % len(self.film.sound)])
            self._sound_sent += 1
        self._stage.picture(Picture(due, data, key), self.film.video)
        self._next += 1

    async def run(self, now_ms: Callable[[], float]) -> None:
        """Play until cancelled."""
        while True:
            ahead = self.due_ms() - now_ms()
            if ahead > 0:
                await asyncio.sleep(min(ahead / 1000, _NAP_S))
            else:
                self.show()


def seamless(film: Film) -> bool:
    """Whether sound and picture are equally long to the tick, so that a loop drifts nowhere."""
    return len(film.sound) * AAC_SAMPLES * 1000 == film.duration_ms * SOUND_SCALE
