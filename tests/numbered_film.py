"""Footage whose frames carry their number, to prove which frame a viewer sees.

The number is written into the top edge as 24 black and white cells, each 1/24 of the width and 1/16 of the height:
white, black, 16 bits (least significant first), 4 check bits, white, black. It survives encoding, scaling and blur.

    write(Path("camera.mjpeg"), frames=900)     a film for Chromium: --use-file-for-fake-video-capture=camera.mjpeg
    read(picture)                               the number in a picture (numpy, grey or colour), or None
    READER                                      the same as a JavaScript function readFrame(video) -> number | null
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

CELLS, BITS, CHECKS = 24, 16, 4
COUNT = 1 << BITS

Picture = NDArray[np.uint8]


def _check(number: int) -> int:
    """Four bits that differ for neighbouring numbers: the number's nibbles, added up with different weights."""
    return sum((number >> (4 * nibble) & 15) * (2 * nibble + 1) for nibble in range(4)) & 15


def cells(number: int) -> list[bool]:
    """The barcode, white as True."""
    number %= COUNT
    bits = [bool(number >> bit & 1) for bit in range(BITS)] + [bool(_check(number) >> bit & 1) for bit in range(CHECKS)]
    return [True, False, *bits, True, False]


def paint(picture: Picture, number: int) -> None:
    """Write a number into the top edge of a picture, in place."""
    height, width = picture.shape[:2]
    for index, white in enumerate(cells(number)):
        picture[: height // 16, index * width // CELLS : (index + 1) * width // CELLS] = 235 if white else 16


def read(picture: Picture) -> int | None:
    """The number in a picture's top edge; None when there is none that can be trusted."""
    height, width = picture.shape[:2]
    row = picture[height // 64 : max(height // 64 + 1, height * 3 // 64)].astype(float)
    grey = row.mean(axis=(0, 2)) if row.ndim == 3 else row.mean(axis=0)
    levels = [grey[int((index + 0.5) * width / CELLS)] for index in range(CELLS)]
    bright, dark = (levels[0] + levels[-2]) / 2, (levels[1] + levels[-1]) / 2
    if bright - dark < 60:
        return None
    white = [level > (bright + dark) / 2 for level in levels]
    number = sum(1 << bit for bit in range(BITS) if white[2 + bit])
    return number if white == cells(number) else None


def pictures(frames: int, width: int, height: int, start: int = 0) -> Iterator[Picture]:
    """Pictures (height, width, 3), RGB, with a moving pattern and their number."""
    rows, columns = np.mgrid[0:height, 0:width]
    for number in range(start, start + frames):
        wave = np.sin(columns / 37 + number / 9) + np.cos(rows / 29 - number / 13)
        base = (110 + 40 * wave).astype(np.uint8)
        picture = np.stack([base, np.roll(base, 20, axis=1), 200 - base], axis=2)
        paint(picture, number)
        yield picture


def write(path: Path, frames: int, width: int = 640, height: int = 360, fps: int = 30, start: int = 0) -> Path:
    """Write a film as .mjpeg, .y4m or anything else that FFmpeg knows by its ending (.mp4: one key frame a second)."""
    codecs = {".mjpeg": ("mjpeg", "mjpeg", "yuvj420p"), ".y4m": ("yuv4mpegpipe", "wrapped_avframe", "yuv420p")}
    container_format, codec, pixels = codecs.get(path.suffix, (None, "libx264", "yuv420p"))
    with av.open(str(path), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        if codec == "mjpeg":
            stream.codec_context.qmin = stream.codec_context.qmax = 5
        elif codec == "libx264":
            stream.codec_context.gop_size, stream.codec_context.max_b_frames = fps, 0
            stream.options = {"preset": "veryfast", "tune": "zerolatency"}
        for index, picture in enumerate(pictures(frames, width, height, start)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


# The reader for browser tests; `source` is a <video> or <canvas>.
READER = """
function readFrame(source) {
  const cells = 24, width = source.videoWidth || source.width, height = source.videoHeight || source.height;
  if (!width) return null;
  const canvas = readFrame.canvas ??= new OffscreenCanvas(cells * 4, 4);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, height / 64, width, height / 32, 0, 0, cells * 4, 4);
  const data = context.getImageData(0, 0, cells * 4, 4).data;
  const level = (i) => { let sum = 0; for (const x of [1, 2]) for (const y of [1, 2]) {
    const at = (y * cells * 4 + i * 4 + x) * 4; sum += data[at] + data[at + 1] + data[at + 2]; } return sum / 12; };
  const levels = Array.from({ length: cells }, (_, i) => level(i));
  const bright = (levels[0] + levels[22]) / 2, dark = (levels[1] + levels[23]) / 2;
  if (bright - dark < 60) return null;
  const white = levels.map((value) => value > (bright + dark) / 2);
  let number = 0, check = 0;
  for (let bit = 0; bit < 16; bit++) if (white[2 + bit]) number += 2 ** bit;
  for (let nibble = 0; nibble < 4; nibble++) check += ((number >> (4 * nibble)) & 15) * (2 * nibble + 1);
  for (let bit = 0; bit < 4; bit++) if (white[18 + bit] !== Boolean((check >> bit) & 1)) return null;
  return number;
}
"""
