"""The reel: what of a show has been packaged, as a value. Every change returns a new reel. Pure."""

import msgspec

# Two seconds: one key frame each, which is what players and encoders expect of low-latency HLS.
SEGMENT_S = 2.0
# Parts of 0.333 s (8 frames at 24/s, 10 at 30/s, 20 at 60/s); the target is an upper bound with room for rounding.
PART_TARGET_S = 0.34
# A viewer may go back this far. Playlists are fetched three times a second, so a longer one costs every viewer.
WINDOW_S = 80.0
# Parts are listed for the newest segments only (RFC 8216bis, 6.2.2: they may go after three target durations).
LISTED_PARTS = 3
# Segments stay on disk after they have left the playlist: somebody may just be fetching one.
KEPT_S = 30.0


class Part(msgspec.Struct, frozen=True):
    """A part: its length in seconds and whether it starts with a key frame."""

    duration: float
    independent: bool


class Segment(msgspec.Struct, frozen=True):
    """A segment: its media sequence number, the media time of its first frame, and its parts."""

    number: int
    at_ms: float
    initialisation: int
    discontinuity: bool
    parts: tuple[Part, ...] = ()
    size: int = 0

    @property
    def duration(self) -> float:
        """Seconds."""
        return sum(part.duration for part in self.parts)

    @property
    def end_ms(self) -> float:
        """Media time after the last frame."""
        return self.at_ms + self.duration * 1000


class Video(msgspec.Struct, frozen=True):
    """What the multivariant playlist says of the picture."""

    codec: str
    width: int
    height: int
    fps: float


class Reel(msgspec.Struct, frozen=True):
    """Everything that is needed to write the playlists, and to go on after a restart.

    `base_ms` is the media time of tick 0 in the media. The last segment is open (still growing) when `open` is true.
    `label` is part of every file name: a show that starts anew on an emptied disk never meets its namesakes in a cache.
    """

    base_ms: int
    number: int = 0
    initialisations: int = 0
    discontinuities: int = 0
    segments: tuple[Segment, ...] = ()
    open: bool = False
    live: bool = False
    video: Video | None = None

    @property
    def label(self) -> str:
        """Short text that is unique to this reel."""
        return f"{self.base_ms // 1000:x}"

    def initialisation_name(self, number: int) -> str:
        """File name of an initialisation segment."""
        return f"init-{self.label}-{number}.mp4"

    def segment_name(self, segment: Segment) -> str:
        """File name of a segment."""
        return f"seg-{self.label}-{segment.number}.mp4"

    def part_name(self, number: int, index: int) -> str:
        """File name of a part of a segment, given by their numbers."""
        return f"part-{self.label}-{number}-{index}.mp4"

    @property
    def closed(self) -> tuple[Segment, ...]:
        """The segments that are complete."""
        return self.segments[:-1] if self.open else self.segments

    @property
    def end_ms(self) -> float:
        """Media time up to which the reel reaches."""
        return self.segments[-1].end_ms if self.segments else float(self.base_ms)

    def begin(self, at_ms: float, discontinuity: bool) -> "Reel":
        """Open the next segment, with the newest initialisation, at a frame's media time."""
        first = not self.segments and not self.number
        segment = Segment(self.number, at_ms, self.initialisations - 1, discontinuity and not first)
        return msgspec.structs.replace(
            self, segments=(*self.segments, segment), number=self.number + 1, open=True, live=True
        )

    def add(self, part: Part, size: int) -> "Reel":
        """Append a part to the open segment."""
        last = self.segments[-1]
        grown = msgspec.structs.replace(last, parts=(*last.parts, part), size=last.size + size)
        return msgspec.structs.replace(self, segments=(*self.segments[:-1], grown))

    def close(self) -> "Reel":
        """Complete the open segment and let go of what is older than the window."""
        if not self.open:
            return self
        segments = self.segments if self.segments[-1].parts else self.segments[:-1]
        number = self.number if self.segments[-1].parts else self.number - 1
        gone, length = 0, sum(segment.duration for segment in segments)
        while len(segments) > 3 and length - segments[0].duration >= WINDOW_S:
            length -= segments[0].duration
            # The tag counts those that left the playlist; the one that is now first keeps its own tag (6.2.1).
            gone += segments[0].discontinuity
            segments = segments[1:]
        return msgspec.structs.replace(
            self, segments=segments, number=number, discontinuities=self.discontinuities + gone, open=False
        )

    def pause(self) -> "Reel":
        """Nobody sends: complete what there is; the playlist stays as it is."""
        return msgspec.structs.replace(self.close(), live=False)
