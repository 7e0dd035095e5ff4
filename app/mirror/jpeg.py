"""A JPEG's structure, checked before a decoder touches it.

A decoder allocates what the header claims and works through every scan that is there: a picture of 20000x20000 costs
gigabytes, one of 200 scans seconds. ITU-T T.81 is the source of markers and layouts.
"""

import re
import struct
from dataclasses import dataclass

from app.mirror.protocol import JPEG_BYTES_MAX

LONG_SIDE_MAX, SHORT_SIDE_MAX = 1280, 720
# The smallest picture in which a person could be found.
SIDE_MIN = 64
# Honest encoders write about ten; this bounds the walk.
SEGMENTS_MAX = 64
# T.81 A.2.2: the sampling factors of all components multiply to at most ten blocks a unit.
BLOCKS_MAX = 10

_SOI, _EOI, _SOS, _SOF0, _DHT, _DQT, _DRI, _COM = 0xD8, 0xD9, 0xDA, 0xC0, 0xC4, 0xDB, 0xDD, 0xFE
_OTHER_SOF = frozenset(range(0xC1, 0xD0)) - {_DHT, 0xC8}
_APP = range(0xE0, 0xF0)
# Inside a scan 0xFF is followed by a stuffed zero, a restart marker or another fill byte; anything else ends it.
_SCAN_END = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")


class JpegRefused(Exception):
    """The picture is not one that we decode. `slug` is stable and says why."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels."""

    width: int
    height: int


def check(data: bytes) -> Size:
    """The size of one baseline JPEG with a single scan. Raises JpegRefused.

    Slugs: too-large (bytes), not-a-jpeg, not-baseline (progressive, arithmetic, lossless, 12 bits), too-many-pixels,
    too-few-pixels, too-many-scans, damaged.
    """
    if len(data) > JPEG_BYTES_MAX:
        raise JpegRefused("too-large")
    if data[:2] != bytes((0xFF, _SOI)):
        raise JpegRefused("not-a-jpeg")
    size: Size | None = None
    components = 0
    at = 2
    for _ in range(SEGMENTS_MAX):
        marker, body, at = _segment(data, at)
        if marker == _SOS:
            if size is None or not _whole_scan(body, components):
                raise JpegRefused("damaged" if size is None else "too-many-scans")
            _ends_after_scan(data, at)
            return size
        if marker == _SOF0:
            if size is not None:
                raise JpegRefused("damaged")
            size, components = _frame_header(body)
        elif marker in _OTHER_SOF:
            raise JpegRefused("not-baseline")
        elif marker not in (_DHT, _DQT, _DRI, _COM) and marker not in _APP:
            raise JpegRefused("damaged")
    raise JpegRefused("damaged")


def _segment(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Marker, body and the position behind the segment that begins at `at`."""
    if data[at : at + 1] != b"\xff":
        raise JpegRefused("damaged")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at + 3 > len(data):
        raise JpegRefused("damaged")
    (length,) = struct.unpack_from(">H", data, at + 1)
    end = at + 1 + length
    if length < 2 or end > len(data):
        raise JpegRefused("damaged")
    return data[at], data[at + 3 : end], end


def _frame_header(body: bytes) -> tuple[Size, int]:
    if len(body) < 6:
        raise JpegRefused("damaged")
    precision, height, width, components = struct.unpack_from(">BHHB", body)
    if precision != 8:
        raise JpegRefused("not-baseline")
    if components not in (1, 3) or len(body) != 6 + 3 * components:
        raise JpegRefused("damaged")
    if max(width, height) > LONG_SIDE_MAX or min(width, height) > SHORT_SIDE_MAX:
        raise JpegRefused("too-many-pixels")
    if min(width, height) < SIDE_MIN:
        raise JpegRefused("too-few-pixels")
    blocks = 0
    for n in range(components):
        sampling, table = body[7 + 3 * n], body[8 + 3 * n]
        across, down = sampling >> 4, sampling & 15
        if not (1 <= across <= 4 and 1 <= down <= 4 and table <= 3):
            raise JpegRefused("damaged")
        blocks += across * down
    if blocks > BLOCKS_MAX:
        raise JpegRefused("damaged")
    return Size(width, height), components


def _whole_scan(body: bytes, components: int) -> bool:
    """Whether one scan holds all components with every coefficient."""
    return len(body) == 4 + 2 * components and body[0] == components and body[-3:] == b"\x00\x3f\x00"


def _ends_after_scan(data: bytes, at: int) -> None:
    found = _SCAN_END.search(data, at)
    if found is None:
        raise JpegRefused("damaged")
    if data[found.end() - 1] != _EOI:
        raise JpegRefused("too-many-scans")
