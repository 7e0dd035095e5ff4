"""Parameter sets say what they say; broken ones are refused."""

import pytest

from app.media import h264
from app.media.intake import Intake
from tests.app.media.streams import byte_stream


def parameter_sets(width: int, height: int) -> tuple[bytes, bytes]:
    units = h264.units(byte_stream(1, width=width, height=height)[0][0])
    kinds = {unit[0] & 31: unit for unit in units}
    return kinds[h264.SPS], kinds[h264.PPS]


@pytest.mark.parametrize(("width", "height"), [(320, 180), (640, 360), (720, 1280), (1366, 768)])
def test_the_size_is_read_from_the_parameter_set_with_its_cropping(width: int, height: int) -> None:
    video = h264.video_format(*parameter_sets(width, height))
    assert (video.width, video.height) == (width, height)
    assert video.codec.startswith("avc1.") and len(video.codec) == len("avc1.42c01f")


@pytest.mark.parametrize(
    "sps", [b"", b"\x67", b"\x67\x42\x00\x1f", b"\x67" + bytes(40), b"\x67\xf4\x00\x1f\xff\xff\xff"]
)
def test_a_broken_parameter_set_is_refused(sps: bytes) -> None:
    with pytest.raises(h264.BrokenStream):
        h264.video_format(sps, b"\x68\xce")


def test_units_are_found_behind_short_and_long_start_codes() -> None:
    assert h264.units(b"\0\0\0\1\x67ab\0\0\1\x68c\0\0\0\1\x65dd") == [b"\x67ab", b"\x68c", b"\x65dd"]
    assert h264.units(b"no start code") == []


def test_after_a_loss_nothing_is_passed_on_until_the_next_key_frame() -> None:
    intake = Intake()
    frames = byte_stream(100, group=48)
    taken = [intake.take(data, float(i), lost=i == 10) for i, (data, _) in enumerate(frames)]
    assert [picture is not None for picture in taken] == [i < 10 or i >= 48 for i in range(100)]
    assert [i for i, picture in enumerate(taken) if picture and picture.key] == [0, 48, 96]


def test_a_frame_that_begins_in_the_middle_counts_as_a_loss() -> None:
    intake = Intake()
    data = byte_stream(2)[0][0]
    assert intake.take(data, 0.0) is not None
    assert intake.take(data[7:60], 1.0) is None
    assert intake.wants_key
