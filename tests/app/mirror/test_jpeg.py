import struct
import time

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mirror.jpeg import JpegRefused, Size, check
from app.mirror.protocol import JPEG_BYTES_MAX
from tests.app.mirror.conftest import jpeg, person_frames

GOOD = jpeg()
SOF = GOOD.index(b"\xff\xc0")
SOS = GOOD.index(b"\xff\xda")


def slug(data: bytes) -> str:
    with pytest.raises(JpegRefused) as refused:
        check(data)
    return refused.value.slug


def sized(width: int, height: int) -> bytes:
    """A JPEG that claims another size than it has."""
    return GOOD[: SOF + 5] + struct.pack(">HH", height, width) + GOOD[SOF + 9 :]


def test_pictures_from_cameras_and_canvases_pass() -> None:
    assert check(GOOD) == Size(128, 96)
    assert check(jpeg(1280, 720)) == Size(1280, 720)
    assert check(jpeg(720, 1280)) == Size(720, 1280)
    assert check(jpeg(640, 480, 90, cv2.IMWRITE_JPEG_RST_INTERVAL, 4)) == Size(640, 480)
    assert {check(frame) for frame in person_frames()} == {Size(640, 480)}


def test_grey_pictures_pass() -> None:
    done, data = cv2.imencode(".jpg", np.zeros((100, 100), np.uint8))
    assert done
    assert check(data.tobytes()) == Size(100, 100)


@pytest.mark.parametrize(("width", "height"), [(20000, 20000), (1281, 720), (1280, 721), (1000, 1000), (65535, 1)])
def test_a_picture_that_claims_too_many_pixels_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    started = time.perf_counter()
    assert slug(sized(width, height)) == "too-many-pixels"
    assert time.perf_counter() - started < 0.1


@pytest.mark.parametrize(("width", "height"), [(0, 96), (128, 0), (63, 96), (128, 63)])
def test_a_picture_in_which_nobody_could_be_found_is_refused(width: int, height: int) -> None:
    assert slug(sized(width, height)) == "too-few-pixels"


def test_progressive_pictures_are_refused() -> None:
    assert slug(jpeg(128, 96, 90, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)) == "not-baseline"


def test_a_picture_of_two_hundred_scans_is_refused() -> None:
    scan = GOOD[SOS:-2]
    assert slug(GOOD[:SOS] + scan * 200 + b"\xff\xd9") == "too-many-scans"
    progressive = jpeg(128, 96, 90, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    first = progressive.index(b"\xff\xda")
    assert slug(progressive[:first] + progressive[first:-2] * 200 + b"\xff\xd9") == "not-baseline"


def test_a_scan_of_only_some_components_is_refused() -> None:
    lone = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    assert slug(GOOD[:SOS] + lone + GOOD[SOS + 14 :]) == "too-many-scans"


@pytest.mark.parametrize("marker", [0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCF])
def test_other_processes_than_baseline_are_refused(marker: int) -> None:
    assert slug(GOOD[: SOF + 1] + bytes([marker]) + GOOD[SOF + 2 :]) == "not-baseline"


def test_twelve_bits_are_not_baseline() -> None:
    assert slug(GOOD[: SOF + 4] + b"\x0c" + GOOD[SOF + 5 :]) == "not-baseline"


@pytest.mark.parametrize("data", [b"", b"\xff", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\x00" * 1000])
def test_what_is_no_jpeg_is_called_so(data: bytes) -> None:
    assert slug(data) == "not-a-jpeg"


def test_too_many_bytes_are_refused_and_the_last_allowed_one_is_not() -> None:
    padding = JPEG_BYTES_MAX - len(GOOD)
    assert check(GOOD + b"\x00" * padding) == Size(128, 96)
    assert slug(GOOD + b"\x00" * (padding + 1)) == "too-large"


@given(st.integers(2, len(GOOD) - 1))
def test_a_picture_that_was_cut_off_anywhere_is_damaged(length: int) -> None:
    assert slug(GOOD[:length]) == "damaged"


def test_an_endless_row_of_comments_is_damaged() -> None:
    assert slug(GOOD[:2] + b"\xff\xfe\x00\x02" * 1000 + GOOD[2:]) == "damaged"


def test_sampling_that_would_explode_is_damaged() -> None:
    assert slug(GOOD[: SOF + 11] + b"\x44" + GOOD[SOF + 12 :]) == "damaged"


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=8))
def test_whatever_is_changed_the_picture_passes_within_the_limits_or_is_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(GOOD)
    for at, value in changes:
        data[at] = value
    try:
        size = check(bytes(data))
    except JpegRefused:
        return
    assert max(size.width, size.height) <= 1280
    assert 64 <= min(size.width, size.height) <= 720


@given(st.binary(max_size=400))
def test_garbage_behind_the_first_marker_is_only_ever_refused(garbage: bytes) -> None:
    with pytest.raises(JpegRefused):
        check(b"\xff\xd8" + garbage)
