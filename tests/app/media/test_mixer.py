"""Pictures wait for their sound, not for long, and no part begins with the sound of the one before."""

import itertools

import numpy as np

from app.media.fmp4 import AAC_SAMPLES, SOUND_SCALE
from app.media.h264 import VideoFormat
from app.media.mixer import LAG_MS, RECENT_S, Mixer
from app.media.packager import Picture
from app.media.sound import Samples

VIDEO = VideoFormat(b"\x67\x42\x00\x1f", b"\x68", 320, 180)
OTHER = VideoFormat(b"\x67\x42\x00\x20", b"\x68", 480, 270)
FRAME_MS = 40.0


class Desk:
    """A stage, and a clock that stands still unless told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.begun = 0
        self.events: list[tuple[str, float]] = []
        self.mixer = Mixer(self, self.begin, lambda: self.now)

    def begin(self) -> None:
        self.begun += 1

    def picture(self, picture: Picture, video: VideoFormat) -> None:
        self.events.append(("picture", picture.at_ms))

    def sound_ticks(self, media_ms: float) -> int:
        return round(media_ms * SOUND_SCALE / 1000)

    def sound(self, start: int, data: bytes) -> None:
        self.events.append(("sound", start * 1000 / SOUND_SCALE))

    def show(self, at_ms: float, first: bool = False, video: VideoFormat = VIDEO) -> None:
        self.mixer.picture(Picture(at_ms, b"", first), video, first)

    def times(self, kind: str) -> list[float]:
        return [at_ms for name, at_ms in self.events if name == kind]

    def in_order(self) -> bool:
        """Whether every sound that starts before a picture came before it."""
        return all(
            later >= at_ms
            for index, (kind, at_ms) in enumerate(self.events)
            if kind == "picture"
            for name, later in self.events[index:]
            if name == "sound"
        )


def silence(ms: float) -> Samples:
    return np.zeros((int(ms * SOUND_SCALE / 1000), 2), np.float32)


def test_without_sound_no_picture_waits() -> None:
    desk = Desk()
    for number in range(100):
        desk.show(1000 + number * FRAME_MS, first=number == 0)
        assert desk.times("picture")[-1] == 1000 + number * FRAME_MS
    steps = [b - a for a, b in itertools.pairwise(desk.times("sound"))]
    assert max(steps) - min(steps) < 0.01 and desk.times("sound")[0] == 1000 and desk.in_order()


def test_a_picture_waits_for_the_sound_that_begins_before_it() -> None:
    desk = Desk()
    desk.show(1000, first=True)
    desk.mixer.sound(1000, silence(20))
    desk.show(1040)
    assert desk.times("picture") == [1000]
    desk.mixer.sound(1020, silence(80))
    assert desk.times("picture") == [1000, 1040]
    desk.mixer.sound(1100, silence(300))
    desk.show(1080)
    desk.show(1120)
    assert desk.times("picture")[-1] == 1120 and desk.in_order()


def test_sound_that_stops_is_waited_for_no_longer_than_the_limit() -> None:
    desk = Desk()
    desk.show(1000, first=True)
    desk.mixer.sound(1000, silence(20))
    for number in range(1, 20):
        desk.show(1000 + number * FRAME_MS)
        assert desk.times("picture")[-1] >= 1000 + number * FRAME_MS - LAG_MS - FRAME_MS
    desk.now += RECENT_S
    desk.show(1800)
    assert desk.times("picture")[-1] == 1800


def test_the_end_lets_go_of_everything_with_its_sound() -> None:
    desk = Desk()
    desk.show(1000, first=True)
    desk.mixer.sound(1000, silence(20))
    desk.show(1040)
    desk.show(1080)
    desk.mixer.finish()
    assert desk.times("picture") == [1000, 1040, 1080]
    assert desk.times("sound")[-1] + AAC_SAMPLES * 1000 / SOUND_SCALE >= 1080 + FRAME_MS - 1
    desk.mixer.sound(1100, silence(20))
    desk.show(5000, first=True)
    assert desk.begun == 2 and desk.times("picture")[-1] == 5000


def test_a_new_format_does_not_leave_pictures_of_the_old_one_waiting() -> None:
    desk = Desk()
    desk.show(1000, first=True)
    desk.mixer.sound(1000, silence(20))
    desk.show(1040)
    desk.show(1080, video=OTHER)
    assert desk.times("picture") == [1000, 1040, 1080]
