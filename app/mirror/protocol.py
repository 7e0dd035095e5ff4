"""What travels between browser, web and fitting worker, as values and bytes.

The browser's socket carries frames as binary messages and control as JSON text. Between web and worker the same
payloads travel over a stream socket, each behind five bytes: uint32 length, uint8 kind (big endian).
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Literal

import msgspec

# uint32 sequence, uint32 milliseconds since the socket opened.
_HEADER = struct.Struct(">II")
_PREFIX = struct.Struct(">IB")
HEADER_BYTES = _HEADER.size
PREFIX_BYTES = _PREFIX.size

# 1280x720 at the best quality that a canvas encodes stays below this.
JPEG_BYTES_MAX = 512 * 1024
# An outfit's ids and a handful of settings.
TEXT_BYTES_MAX = 4096
# Composed frames may be larger than what came in, never by this much.
PAYLOAD_BYTES_MAX = 4 * JPEG_BYTES_MAX
# Nobody wears more at once.
GARMENTS_MAX = 12

GarmentId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")]
SizeName = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
# Taller and shorter people exist; no size chart speaks of them.
Height = Annotated[float, msgspec.Meta(ge=50, le=250)]
State = Literal["ok", "no-person", "step-back", "turn-around", "busy", "unavailable"]


class ProtocolError(Exception):
    """Bytes that are no message of this protocol. `slug` is stable."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture: `timestamp_ms` since the shopper's socket opened, `jpeg` without the header."""

    sequence: int
    timestamp_ms: int
    jpeg: bytes

    def packed(self) -> bytes:
        """The binary message."""
        return _HEADER.pack(self.sequence, self.timestamp_ms) + self.jpeg


def unpack_frame(message: bytes) -> Frame:
    """The frame in a binary message. Raises ProtocolError when there is no picture behind the header."""
    if len(message) <= HEADER_BYTES:
        raise ProtocolError("too-short")
    sequence, timestamp_ms = _HEADER.unpack_from(message)
    return Frame(sequence, timestamp_ms, message[HEADER_BYTES:])


class Control(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a shopper asks for; members that are left out stay as they are.

    `wear`: garment ids, inner to outer. `mirror`: answers are flipped left to right. `height_cm`: asks for
    size advice on what is worn. `sizes`: garment id -> the size to draw.
    """

    wear: Annotated[list[GarmentId], msgspec.Meta(max_length=GARMENTS_MAX)] | None = None
    mirror: bool | None = None
    height_cm: Height | None = None
    sizes: Annotated[dict[GarmentId, SizeName], msgspec.Meta(max_length=GARMENTS_MAX)] | None = None

    @property
    def only_mirror(self) -> bool:
        """Whether nothing but the side of the picture is asked for."""
        return self.wear is None and self.height_cm is None and self.sizes is None

    def packed(self) -> bytes:
        """As JSON."""
        return msgspec.json.encode(self)

    def over(self, earlier: "Control") -> "Control":
        """`earlier` with what this one changes."""
        return Control(
            wear=earlier.wear if self.wear is None else self.wear,
            mirror=earlier.mirror if self.mirror is None else self.mirror,
            height_cm=earlier.height_cm if self.height_cm is None else self.height_cm,
            sizes=earlier.sizes if self.sizes is None else self.sizes,
        )


class SizeAdvice(msgspec.Struct, frozen=True):
    """Which sizes of a garment to take, smallest first, and why; none: it cannot be told, and why not."""

    garment: str
    sizes: tuple[str, ...]
    reason: str


class Told(msgspec.Struct, omit_defaults=True):
    """What the server says in text: one of state, error, wearing or advice, with what belongs to it."""

    state: State | None = None
    position: int | None = None
    error: str | None = None
    sequence: int | None = None
    wearing: list[str] | None = None
    advice: list[SizeAdvice] | None = None
    detail: str | None = None

    def packed(self) -> bytes:
        """The text message as UTF-8."""
        return msgspec.json.encode(self)


class Hello(msgspec.Struct):
    """A worker's greeting: how full it is, so that web can choose. It takes nobody in before web sends a Control."""

    shoppers: int
    waiting: int
    limit: int

    def packed(self) -> bytes:
        """As JSON."""
        return msgspec.json.encode(self)


class Kind(IntEnum):
    """What a payload between web and worker is."""

    HELLO = 0
    CONTROL = 1
    TOLD = 2
    FRAME = 3


def pack(kind: Kind, payload: bytes) -> bytes:
    """One message of the stream between web and worker."""
    return _PREFIX.pack(len(payload), kind) + payload


def unpack_prefix(prefix: bytes) -> tuple[Kind, int]:
    """Kind and length of the payload that follows. Raises ProtocolError."""
    length, number = _PREFIX.unpack(prefix)
    if length > PAYLOAD_BYTES_MAX or number not in Kind._value2member_map_:
        raise ProtocolError("bad-prefix")
    return Kind(number), length


def read_control(text: bytes | str) -> Control:
    """Control from JSON. Raises ProtocolError: too-large, not-json or bad-control."""
    if len(text) > TEXT_BYTES_MAX:
        raise ProtocolError("too-large")
    try:
        return msgspec.json.decode(text, type=Control)
    except msgspec.ValidationError:
        raise ProtocolError("bad-control") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise ProtocolError("not-json") from None


def read_hello(payload: bytes) -> Hello:
    """A worker's greeting. Raises ProtocolError."""
    try:
        return msgspec.json.decode(payload, type=Hello)
    except (msgspec.DecodeError, UnicodeError):
        raise ProtocolError("bad-hello") from None


def read_told(payload: bytes) -> Told:
    """What a worker says. Raises ProtocolError."""
    try:
        return msgspec.json.decode(payload, type=Told)
    except (msgspec.DecodeError, UnicodeError):
        raise ProtocolError("bad-told") from None
