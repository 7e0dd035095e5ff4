"""The packager: frames with their media times in, files and a new reel out. Pure; whoever calls it writes the files."""

from dataclasses import dataclass

import msgspec

from app.media.fmp4 import AAC_SAMPLES, SOUND_SCALE, VIDEO_SCALE, Sample, fragment, initialisation
from app.media.h264 import VideoFormat
from app.media.reel import PART_TARGET_S, SEGMENT_S, Part, Reel, Video

# A key frame ends a segment that is at least this long: publishers with their own, shorter rhythm keep it.
SHORTEST_SEGMENT_S = 0.75 * SEGMENT_S
# A frame's length before its successor is known: when a source ends.
_LAST_FRAME_TICKS = VIDEO_SCALE // 30
_ROUNDING_S = 0.0005


@dataclass(frozen=True)
class Picture:
    """An encoded frame: its media time, its length-prefixed units, whether it is a key frame."""

    at_ms: float
    data: bytes
    key: bool


@dataclass(frozen=True)
class File:
    """A file to be written; it never changes afterwards."""

    name: str
    data: bytes


class Packager:
    """Cuts one show's frames into parts and segments.

    A part can be cut when the frame after it is there, because only that frame tells how long the last one lasts.
    """

    def __init__(self, reel: Reel) -> None:
        self.reel = reel
        self._format: VideoFormat | None = None
        self._broken = True
        self._waiting: tuple[int, Picture] | None = None
        self._video: list[Sample] = []
        self._sound: list[Sample] = []
        self._data: list[bytes] = []
        self._sequence = 0
        self._frame_ticks = _LAST_FRAME_TICKS
        self._segment_start = 0
        self._frames = 0

    def ticks(self, media_ms: float) -> int:
        """Video ticks of a media time."""
        return round((media_ms - self.reel.base_ms) * (VIDEO_SCALE // 1000))

    def sound_ticks(self, media_ms: float) -> int:
        """The first sound tick that is not before a picture at this media time."""
        return -(-self.ticks(media_ms) * SOUND_SCALE // VIDEO_SCALE)

    def interrupt(self) -> list[File]:
        """The source ends or changes: finish the segment. What comes next follows a discontinuity."""
        self._settle(self._frame_ticks)
        files = self._cut() + self._finish()
        self._broken = True
        self._sound = []
        self.reel = self.reel.pause()
        return files

    def picture(self, picture: Picture, video: VideoFormat) -> list[File]:
        """Add a frame. Until a source's first key frame, frames are dropped."""
        start = self.ticks(picture.at_ms)
        if self._waiting is not None:
            self._frame_ticks = max(1, start - self._waiting[0])
            self._settle(self._frame_ticks)
        files: list[File] = []
        if self._broken or (picture.key and video != self._format):
            if not picture.key:
                return files
            files += self._cut() + self._finish() + self._start(picture, video)
        elif picture.key and start - self._segment_start >= SHORTEST_SEGMENT_S * VIDEO_SCALE:
            files += self._cut() + self._finish()
            self._open(picture, discontinuity=False)
        elif self._part_is_full():
            files += self._cut()
        self._waiting = start, picture
        return files

    def sound(self, start: int, data: bytes) -> None:
        """Add an AAC frame that starts at a sound tick; the frames of one source follow each other without gaps.

        What starts before a picture has to be here before that picture: a part whose sound began before its pictures
        would shift the media time that players compute.
        """
        if not self._broken:
            self._sound.append(Sample(data, start, AAC_SAMPLES))

    def _start(self, picture: Picture, video: VideoFormat) -> list[File]:
        files = []
        if video != self._format:
            number = self.reel.initialisations
            files.append(File(self.reel.initialisation_name(number), initialisation(video)))
            self.reel = msgspec.structs.replace(self.reel, initialisations=number + 1)
            self._format = video
        self._broken = False
        self._open(picture, discontinuity=True)
        shape = Video(video.codec, video.width, video.height, VIDEO_SCALE / self._frame_ticks)
        self.reel = msgspec.structs.replace(self.reel, video=shape)
        return files

    def _open(self, picture: Picture, discontinuity: bool) -> None:
        self._segment_start = self.ticks(picture.at_ms)
        self._frames = 0
        self.reel = self.reel.begin(picture.at_ms, discontinuity)

    def _settle(self, ticks: int) -> None:
        if self._waiting is not None:
            start, picture = self._waiting
            self._video.append(Sample(picture.data, start, ticks, picture.key))
            self._waiting = None
            self._frames += 1

    def _part_is_full(self) -> bool:
        length = sum(sample.duration for sample in self._video)
        return (length + self._frame_ticks) / VIDEO_SCALE > PART_TARGET_S + _ROUNDING_S

    def _cut(self) -> list[File]:
        if not self._video:
            return []
        self._sequence += 1
        end = self._video[-1].start + self._video[-1].duration
        later = [sample for sample in self._sound if sample.start * VIDEO_SCALE >= end * SOUND_SCALE]
        data = fragment(self._sequence, self._video, self._sound[: len(self._sound) - len(later)])
        segment = self.reel.segments[-1]
        part = Part(sum(sample.duration for sample in self._video) / VIDEO_SCALE, self._video[0].key)
        self.reel = self.reel.add(part, len(data))
        self._data.append(data)
        self._video, self._sound = [], later
        return [File(self.reel.part_name(segment.number, len(segment.parts)), data)]

    def _finish(self) -> list[File]:
        if not self.reel.open:
            return []
        segment = self.reel.segments[-1]
        files = [File(self.reel.segment_name(segment), b"".join(self._data))] if self._data else []
        self._data = []
        if self.reel.video is not None and segment.duration > 0:
            measured = msgspec.structs.replace(self.reel.video, fps=self._frames / segment.duration)
            self.reel = msgspec.structs.replace(self.reel, video=measured)
        self.reel = self.reel.close()
        return files
