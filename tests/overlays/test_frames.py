"""Frames that any websocket client reads."""

import pytest

from overlays.frames import answer_frame, close_frame, event_frame, frame


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_the_three_forms_of_a_length(size: int, head: bytes) -> None:
    assert frame(b"x" * size) == head + b"x" * size


def test_an_event_is_an_engine_message_around_a_socketio_event() -> None:
    assert event_frame("/live", "stock", b'{"left":3}')[2:] == b'42/live,["stock",{"left":3}]'


def test_a_closing_reason_is_cut_to_what_a_control_frame_holds() -> None:
    assert len(close_frame(1000, "x" * 500)) == 127


def test_an_answer_carries_the_number_of_its_question() -> None:
    assert answer_frame("/live", "12", b'[{"ok":true}]')[2:] == b'43/live,12[{"ok":true}]'
    assert answer_frame("/", "0", b"[]")[2:] == b"430[]"
