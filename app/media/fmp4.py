"""Fragmented MP4 (ISO 14496-12): an initialisation and fragments for one H.264 and one AAC track. Pure."""

from dataclasses import dataclass
from struct import pack

from app.media.h264 import VideoFormat

VIDEO_SCALE = 90_000
SOUND_SCALE = 48_000
SOUND_CHANNELS = 2
AAC_SAMPLES = 1024
# AudioSpecificConfig (ISO 14496-3, 1.6.2.1): AAC-LC, 48 kHz, two channels. Every source's sound is made so.
SOUND_CONFIG = b"\x11\x90"
SOUND_CODEC = "mp4a.40.2"
SOUND_BITRATE = 128_000

_VIDEO_TRACK, _SOUND_TRACK = 1, 2
_MATRIX = pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
# Sample flags (8.8.3.1): depends on no other / depends on others and is no sync sample.
_SYNC, _DEPENDENT = 0x02000000, 0x01010000


@dataclass(frozen=True)
class Sample:
    """One frame of a track. `start` and `duration` are in the track's ticks."""

    data: bytes
    start: int
    duration: int
    key: bool = True


def box(kind: bytes, *content: bytes) -> bytes:
    """A box."""
    body = b"".join(content)
    return pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    """A box with version and flags."""
    return box(kind, pack(">I", version << 24 | flags), *content)


def _track(number: int, handler: bytes, header: bytes, entry: bytes, scale: int, width: int, height: int) -> bytes:
    volume = 0x100 if handler == b"soun" else 0
    tkhd = full_box(
        b"tkhd", 0, 3, pack(">5I", 0, 0, number, 0, 0), bytes(8), pack(">4H", 0, 0, volume, 0), _MATRIX,
        pack(">2I", width << 16, height << 16),
    )  # fmt: skip
    mdhd = full_box(b"mdhd", 0, 0, pack(">4I2H", 0, 0, scale, 0, 0x55C4, 0))  # 0x55c4: language "und"
    hdlr = full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), b"\0")
    dinf = box(b"dinf", full_box(b"dref", 0, 0, pack(">I", 1), full_box(b"url ", 0, 1)))
    empty = [full_box(kind, 0, 0, bytes(8 if kind == b"stsz" else 4)) for kind in (b"stts", b"stsc", b"stsz", b"stco")]
    stbl = box(b"stbl", full_box(b"stsd", 0, 0, pack(">I", 1), entry), *empty)
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", header, dinf, stbl)))


def _video_entry(video: VideoFormat) -> bytes:
    return box(
        b"avc1", bytes(6), pack(">H", 1), bytes(16), pack(">2H", video.width, video.height),
        pack(">3IH", 0x480000, 0x480000, 0, 1), bytes(32), pack(">Hh", 24, -1), box(b"avcC", video.record),
    )  # fmt: skip


def _descriptor(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    return bytes([tag, len(body)]) + body


def _sound_entry() -> bytes:
    decoder = _descriptor(
        4, b"\x40\x15", bytes(3), pack(">2I", SOUND_BITRATE, SOUND_BITRATE), _descriptor(5, SOUND_CONFIG)
    )
    esds = full_box(b"esds", 0, 0, _descriptor(3, pack(">HB", _SOUND_TRACK, 0), decoder, _descriptor(6, b"\x02")))
    head = pack(">4HI", SOUND_CHANNELS, 16, 0, 0, SOUND_SCALE << 16)
    return box(b"mp4a", bytes(6), pack(">H", 1), bytes(8), head, esds)


def initialisation(video: VideoFormat) -> bytes:
    """The initialisation segment for a video format and the shop's one sound format."""
    tracks = (
        _track(_VIDEO_TRACK, b"vide", full_box(b"vmhd", 0, 1, bytes(8)), _video_entry(video), VIDEO_SCALE,
               video.width, video.height),
        _track(_SOUND_TRACK, b"soun", full_box(b"smhd", 0, 0, bytes(4)), _sound_entry(), SOUND_SCALE, 0, 0),
    )  # fmt: skip
    extends = [full_box(b"trex", 0, 0, pack(">5I", track, 1, 0, 0, 0)) for track in (_VIDEO_TRACK, _SOUND_TRACK)]
    times, rate = pack(">4I", 0, 0, 1000, 0), pack(">IH", 0x10000, 0x100)
    mvhd = full_box(b"mvhd", 0, 0, times, rate, bytes(10), _MATRIX, bytes(24), pack(">I", 3))
    ftyp = box(b"ftyp", b"iso6", pack(">I", 1), b"iso6cmfcmp41")
    return ftyp + box(b"moov", mvhd, *tracks, box(b"mvex", *extends))


def _run(track: int, samples: list[Sample], data_offset: int) -> bytes:
    rows = b"".join(pack(">3I", s.duration, len(s.data), _SYNC if s.key else _DEPENDENT) for s in samples)
    return box(
        b"traf",
        full_box(b"tfhd", 0, 0x020000, pack(">I", track)),  # 0x020000: offsets count from this fragment
        full_box(b"tfdt", 1, 0, pack(">Q", samples[0].start)),
        full_box(b"trun", 0, 0x701, pack(">Ii", len(samples), data_offset), rows),  # offset, duration, size, flags
    )


def fragment(sequence: int, video: list[Sample], sound: list[Sample]) -> bytes:
    """A movie fragment and its data. Either list may be empty; samples of one list follow each other without gaps."""
    runs = [(track, samples) for track, samples in ((_VIDEO_TRACK, video), (_SOUND_TRACK, sound)) if samples]

    def moof(offsets: list[int]) -> bytes:
        parts = [_run(track, samples, offset) for (track, samples), offset in zip(runs, offsets, strict=True)]
        return box(b"moof", full_box(b"mfhd", 0, 0, pack(">I", sequence & 0xFFFFFFFF)), *parts)

    offset = len(moof([0] * len(runs))) + 8
    offsets = []
    for _, samples in runs:
        offsets.append(offset)
        offset += sum(len(sample.data) for sample in samples)
    return moof(offsets) + box(b"mdat", *[sample.data for _, samples in runs for sample in samples])
