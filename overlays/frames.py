"""Websocket frames from server to client (RFC 6455, section 5.2) around Engine.IO 4 and Socket.IO 5 packets. Pure."""

import struct

TEXT = 0x1
BINARY = 0x2
CLOSE = 0x8
_FINAL = 0x80

# Close codes: RFC 6455 section 7.4.1; 4000-4999 are an application's own.
CLOSE_NORMAL = 1000
CLOSE_GOING_AWAY = 1001
CLOSE_UNREADABLE = 1007
CLOSE_FLOOD = 4008
CLOSE_SLOW = 4009


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One unmasked, uncompressed, final frame."""
    size = len(payload)
    if size < 126:
        return bytes((_FINAL | opcode, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", _FINAL | opcode, 126, size) + payload
    return struct.pack("!BBQ", _FINAL | opcode, 127, size) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A closing frame; the reason (at most 123 bytes) reaches the client's close event."""
    return frame(struct.pack("!H", code) + reason.encode()[:123], CLOSE)


def event_frame(namespace: str, name: str, body: bytes) -> bytes:
    """The frame of a Socket.IO event with one argument, whose JSON is `body`.

    '4' is Engine.IO's message, '2' Socket.IO's event; `name` is one of ours and needs no escaping.
    """
    return frame(b'42%b,["%b",%b]' % (namespace.encode(), name.encode(), body))


def answer_frame(namespace: str, number: str, arguments: bytes) -> bytes:
    """The frame of the answer to a client's event `number`; `arguments` is a JSON list."""
    inside = b"" if namespace == "/" else namespace.encode() + b","
    return frame(b"43%b%b%b" % (inside, number.encode(), arguments))
