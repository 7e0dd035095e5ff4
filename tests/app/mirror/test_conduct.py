import pytest

from app.mirror.conduct import (
    CONTROLS_BURST,
    FRAMES_BURST,
    FRAMES_PER_SECOND,
    MISTAKES_FORGIVEN_PER_SECOND,
    MISTAKES_MAX,
    Conduct,
    Refused,
)
from app.mirror.protocol import Frame
from tests.app.mirror.conftest import jpeg

PICTURE = jpeg()


def refused(conduct: Conduct, message: bytes, now: float = 0.0) -> tuple[str, int | None]:
    with pytest.raises(Refused) as caught:
        conduct.frame(message, now)
    return caught.value.slug, caught.value.sequence


def test_frames_pass_with_their_numbers() -> None:
    conduct = Conduct(0.0)
    for number in range(5):
        frame = Frame(number, number * 40, PICTURE)
        assert conduct.frame(frame.packed(), number / 25) == frame


def test_a_refused_frame_is_named() -> None:
    conduct = Conduct(0.0)
    assert refused(conduct, b"short") == ("too-short", None)
    assert refused(conduct, Frame(7, 0, b"garbage").packed()) == ("not-a-jpeg", 7)


def test_time_goes_forward() -> None:
    conduct = Conduct(0.0)
    conduct.frame(Frame(0, 100, PICTURE).packed(), 0)
    assert refused(conduct, Frame(1, 100, PICTURE).packed()) == ("timestamp-not-increasing", 1)
    assert refused(conduct, Frame(2, 99, PICTURE).packed()) == ("timestamp-not-increasing", 2)
    assert refused(conduct, Frame(3, 5000, b"garbage").packed()) == ("not-a-jpeg", 3)
    # A frame that was refused does not set the clock.
    conduct.frame(Frame(4, 101, PICTURE).packed(), 0)


def test_a_camera_is_never_too_fast_and_a_flood_is() -> None:
    camera, flood = Conduct(0.0), Conduct(0.0)
    for number in range(300):
        camera.frame(Frame(number, number, PICTURE).packed(), number / 60)
    for number in range(FRAMES_BURST):
        flood.frame(Frame(number, number, PICTURE).packed(), 0.0)
    assert refused(flood, Frame(999, 999, PICTURE).packed()) == ("too-fast", 999)
    flood.frame(Frame(1000, 1000, PICTURE).packed(), 1.5 / FRAMES_PER_SECOND)


def test_control_is_limited_too() -> None:
    conduct = Conduct(0.0)
    for _ in range(CONTROLS_BURST):
        conduct.control("{}", 0.0)
    with pytest.raises(Refused, match="too-fast"):
        conduct.control("{}", 0.0)
    conduct.control("{}", 0.5)


def test_many_mistakes_at_once_are_abuse_and_a_few_a_minute_never() -> None:
    rude, clumsy = Conduct(0.0), Conduct(0.0)
    for count in range(1, int(MISTAKES_MAX) + 1):
        assert not rude.abusive
        refused(rude, b"x", 0.0)
        assert rude.abusive == (count == MISTAKES_MAX)
    for number in range(1000):
        refused(clumsy, b"x", number / MISTAKES_FORGIVEN_PER_SECOND)
    assert not clumsy.abusive
