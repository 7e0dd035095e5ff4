import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mirror.protocol import (
    GARMENTS_MAX,
    PAYLOAD_BYTES_MAX,
    PREFIX_BYTES,
    TEXT_BYTES_MAX,
    Control,
    Frame,
    Hello,
    Kind,
    ProtocolError,
    Told,
    pack,
    read_control,
    read_hello,
    read_told,
    unpack_frame,
    unpack_prefix,
)

UINT32 = st.integers(0, 2**32 - 1)


@given(UINT32, UINT32, st.binary(min_size=1, max_size=50))
def test_a_frame_survives_the_way(sequence: int, timestamp_ms: int, jpeg: bytes) -> None:
    frame = Frame(sequence, timestamp_ms, jpeg)
    assert unpack_frame(frame.packed()) == frame


def test_a_frame_is_big_endian() -> None:
    assert Frame(1, 2, b"x").packed() == b"\x00\x00\x00\x01\x00\x00\x00\x02x"


@pytest.mark.parametrize("message", [b"", b"\x00", b"\x00" * 8])
def test_a_header_without_a_picture_is_too_short(message: bytes) -> None:
    with pytest.raises(ProtocolError, match="too-short"):
        unpack_frame(message)


def test_the_streams_prefix_names_kind_and_length() -> None:
    packed = pack(Kind.FRAME, b"four")
    assert unpack_prefix(packed[:PREFIX_BYTES]) == (Kind.FRAME, 4)
    assert packed[PREFIX_BYTES:] == b"four"


@pytest.mark.parametrize("prefix", [b"\x00\x00\x00\x01\x63", (PAYLOAD_BYTES_MAX + 1).to_bytes(4, "big") + b"\x03"])
def test_a_prefix_of_nonsense_is_refused(prefix: bytes) -> None:
    with pytest.raises(ProtocolError):
        unpack_prefix(prefix)


def test_control_is_read() -> None:
    assert read_control('{"wear": ["tee", "jacket"], "mirror": true}') == Control(wear=["tee", "jacket"], mirror=True)
    assert read_control('{"wear": []}').wear == []
    assert read_control("{}") == Control()


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("", "not-json"),
        ("{", "not-json"),
        ('{"wear": ["\ud800"]}', "not-json"),
        ("[" * 4000, "bad-control"),
        ("[]", "bad-control"),
        ('{"wear": "tee"}', "bad-control"),
        ('{"wear": ["../../etc/passwd"]}', "bad-control"),
        ('{"wear": [1]}', "bad-control"),
        ('{"mirror": 1}', "bad-control"),
        ('{"height_cm": 1000}', "bad-control"),
        ('{"fly": true}', "bad-control"),
        (str(["tee"] * (GARMENTS_MAX + 1)).join(('{"wear": ', "}")).replace("'", '"'), "bad-control"),
        (" " * (TEXT_BYTES_MAX + 1), "too-large"),
    ],
)
def test_control_that_makes_no_sense_is_refused(text: str, slug: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        read_control(text)
    assert refused.value.slug == slug


def test_a_later_wish_changes_only_what_it_names() -> None:
    first = Control(wear=["tee"], mirror=True, height_cm=170)
    assert Control(wear=[]).over(first) == Control(wear=[], mirror=True, height_cm=170)
    assert Control(mirror=False).over(first) == Control(wear=["tee"], mirror=False, height_cm=170)
    assert Control().over(first) == first


def test_what_is_told_names_only_what_it_tells() -> None:
    assert Told(state="busy", position=3).packed() == b'{"state":"busy","position":3}'
    assert Told(error="damaged", sequence=0).packed() == b'{"error":"damaged","sequence":0}'
    assert read_told(Told(wearing=[]).packed()) == Told(wearing=[])


def test_workers_of_another_version_are_not_misread() -> None:
    assert read_hello(Hello(1, 2, 3).packed()) == Hello(1, 2, 3)
    for payload in (b"", b"{}", b"\xff"):
        with pytest.raises(ProtocolError):
            read_hello(payload)
    for payload in (b"", b"[]", b'{"state": "dancing"}'):
        with pytest.raises(ProtocolError):
            read_told(payload)
