"""What packaging has to know of an H.264 stream: its units and its parameter sets (ITU-T H.264)."""

from dataclasses import dataclass

IDR, SPS, PPS, DELIMITER = 5, 7, 8, 9
# Level 6.2 ends near 8192 x 4320.
LARGEST_SIDE = 8192
# Profiles whose parameter set names the chroma format (7.3.2.1.1).
_CHROMA_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


class BrokenStream(ValueError):
    """The bytes are no H.264 that can be packaged."""


@dataclass(frozen=True)
class VideoFormat:
    """What a player needs before the first frame: the parameter sets and what they say."""

    sps: bytes
    pps: bytes
    width: int
    height: int

    @property
    def codec(self) -> str:
        """The codec string of RFC 6381, as playlists state it."""
        return f"avc1.{self.sps[1:4].hex()}"

    @property
    def record(self) -> bytes:
        """The AVCDecoderConfigurationRecord (ISO 14496-15, 5.3.3.1)."""
        record = b"\x01" + self.sps[1:4] + b"\xff\xe1" + len(self.sps).to_bytes(2, "big") + self.sps
        record += b"\x01" + len(self.pps).to_bytes(2, "big") + self.pps
        if self.sps[1] in _CHROMA_PROFILES:
            record += b"\xfd\xf8\xf8\x00"  # 4:2:0, 8 bit, no extensions: the only kind that is accepted
        return record


def units(stream: bytes) -> list[bytes]:
    """The NAL units of an Annex B byte stream, without start codes."""
    found = []
    start = stream.find(b"\0\0\1")
    while start >= 0:
        begin = start + 3
        start = stream.find(b"\0\0\1", begin)
        unit = stream[begin : start if start >= 0 else len(stream)]
        if start >= 0:
            unit = unit.rstrip(b"\0")
        if unit:
            found.append(unit)
    return found


def length_prefixed(nal_units: list[bytes]) -> bytes:
    """The units as fMP4 stores them, each after its length in four bytes, without parameter sets and delimiters."""
    kept = [unit for unit in nal_units if unit[0] & 31 not in (SPS, PPS, DELIMITER)]
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in kept)


class _Bits:
    """Reads the raw byte sequence payload of a unit bit by bit (7.2), emulation prevention removed."""

    def __init__(self, unit: bytes) -> None:
        payload = unit[1:].replace(b"\0\0\3", b"\0\0")
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def bits(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise BrokenStream("a unit ends early")
        return (self._value >> self._left) & ((1 << count) - 1)

    def golomb(self) -> int:
        zeros = 0
        while not self.bits(1):
            zeros += 1
            if zeros > 31:
                raise BrokenStream("a number is too long")
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        value = self.golomb()
        return (value + 1) // 2 if value & 1 else -(value // 2)


@dataclass(frozen=True)
class SequenceParameters:
    """The picture's size, from a sequence parameter set."""

    width: int
    height: int

    @classmethod
    def parse(cls, sps: bytes) -> "SequenceParameters":
        """Read a sequence parameter set (7.3.2.1.1). Raises BrokenStream, also for what browsers cannot play."""
        read = _Bits(sps)
        profile = read.bits(8)
        read.bits(16)
        read.golomb()
        if profile in _CHROMA_PROFILES:
            if read.golomb() != 1 or read.golomb() or read.golomb():
                raise BrokenStream("only 8-bit 4:2:0 pictures are packaged")
            read.bits(1)
            if read.bits(1):
                raise BrokenStream("scaling matrices are not packaged")
        read.golomb()
        order = read.golomb()
        if order == 0:
            read.golomb()
        elif order == 1:
            read.bits(1)
            read.signed()
            read.signed()
            for _ in range(min(read.golomb(), 255)):
                read.signed()
        read.golomb()
        read.bits(1)
        width = (read.golomb() + 1) * 16
        rows = (read.golomb() + 1) * 16
        progressive = bool(read.bits(1))
        if not progressive:
            read.bits(1)
        height = rows * (1 if progressive else 2)
        read.bits(1)
        if read.bits(1):
            step = 2 if progressive else 4
            left, right, top, bottom = (read.golomb() for _ in range(4))
            width -= 2 * (left + right)
            height -= step * (top + bottom)
        if not 0 < width <= LARGEST_SIDE or not 0 < height <= LARGEST_SIDE:
            raise BrokenStream("the picture has no usable size")
        return cls(width, height)


def video_format(sps: bytes, pps: bytes) -> VideoFormat:
    """The format that a pair of parameter sets describes. Raises BrokenStream."""
    if len(sps) < 4 or len(sps) > 0xFFFF or len(pps) > 0xFFFF:
        raise BrokenStream("a parameter set has an impossible length")
    parsed = SequenceParameters.parse(sps)
    return VideoFormat(sps, pps, parsed.width, parsed.height)
