"""Real H.264 and packaged media for the tests of live video."""

import io
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import msgspec
import numpy as np

from app.media.intake import Intake
from app.media.packager import File, Packager, Picture
from app.media.reel import Reel
from tests import numbered_film

# Longer streams repeat after this many frames.
LOOP = 240


@lru_cache
def byte_stream(
    frames: int, group: int = 48, width: int = 320, height: int = 180, start: int = 0
) -> tuple[tuple[bytes, bool], ...]:
    """Numbered frames as (H.264 byte stream, key), a key frame every `group`."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 24), Fraction(24)
    encoder.gop_size, encoder.max_b_frames = group, 0
    encoder.options = {
        "preset": "ultrafast", "tune": "zerolatency", "x264-params": f"keyint={group}:scenecut=0:repeat-headers=1",
    }  # fmt: skip
    packets = []
    for index, picture in enumerate(numbered_film.pictures(frames, width, height, start)):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, 24)
        packets += encoder.encode(frame)
    return tuple((bytes(packet), packet.is_keyframe) for packet in packets)


def pack(packager: Packager, at_ms: float, frames: int, fps: float = 24, **options: int) -> list[File]:
    """Feed numbered frames that begin at a media time."""
    intake, files = Intake(), []
    stream = byte_stream(min(frames, LOOP), **options)
    for index in range(frames):
        data, _ = stream[index % LOOP]
        picture = intake.take(data, at_ms + index * 1000 / fps)
        assert isinstance(picture, Picture) and intake.video is not None
        files += packager.picture(picture, intake.video)
    return files


@dataclass(frozen=True)
class Seen:
    """A decoded frame: its burned-in number and its media time as a player computes it."""

    number: int | None
    at_ms: float
    width: int
    height: int


def watch(folder: Path, playlist: str = "plain.m3u8") -> list[Seen]:
    """Play a folder's playlist from its start: decode every listed segment on its own initialisation."""
    base_ms = msgspec.json.decode((folder / "resume.json").read_bytes(), type=Reel).base_ms
    seen, initialisation = [], b""
    for line in (folder / playlist).read_text().splitlines():
        if mapped := re.match(r'#EXT-X-MAP:URI="(.+)"', line):
            initialisation = (folder / mapped[1]).read_bytes()
        elif not line.startswith("#"):
            seen += decode(initialisation + (folder / line).read_bytes(), base_ms)
    return seen


def decode(data: bytes, base_ms: float = 0.0) -> list[Seen]:
    """The frames of an initialisation and fragments."""
    seen = []
    with av.open(io.BytesIO(data), "r") as container:
        for frame in container.decode(container.streams.video[0]):
            grey = np.asarray(frame.reformat(format="gray").to_ndarray(), np.uint8)
            at_ms = base_ms + float((frame.pts or 0) * (frame.time_base or 0)) * 1000
            seen.append(Seen(numbered_film.read(grey), at_ms, frame.width, frame.height))
    return seen


def sound_frames(data: bytes) -> list[tuple[float, int]]:
    """The sound of an initialisation and fragments: (seconds, samples) a frame."""
    with av.open(io.BytesIO(data), "r") as container:
        frames = container.decode(container.streams.audio[0])
        return [(float((frame.pts or 0) * (frame.time_base or 0)), frame.samples) for frame in frames]
