"""Decode and encode again with x264: for publishers whose stream cannot be passed on as it is."""

from fractions import Fraction

import av
from av.video.frame import PictureType

from app.media.fmp4 import VIDEO_SCALE
from app.media.reel import SEGMENT_S

# Bits a pixel and frame that x264 at this preset needs for moving people.
_BITS_A_PIXEL = 0.09
_LEAST_BITRATE, _MOST_BITRATE = 500_000, 6_000_000
_FRAME_RATE = 30
_DECODERS = {"H264": "h264", "VP8": "libvpx"}


class Transcoder:
    """Encoded frames of any supported codec in, H.264 byte streams with a key frame every two seconds out.

    Used from one thread at a time. Times are media times in ms.
    """

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._decoder = self._new_decoder()
        self._encoder: av.VideoCodecContext | None = None
        self._key_ms = float("-inf")

    def feed(self, data: bytes, at_ms: float, show: bool = True) -> list[tuple[float, bytes]]:
        """Decode a frame; what is ready as (media time, H.264 byte stream). With `show` false it is only looked at."""
        packet = av.Packet(data)
        packet.pts = round(at_ms * (VIDEO_SCALE // 1000))
        packet.time_base = Fraction(1, VIDEO_SCALE)
        try:
            frames = self._decoder.decode(packet)
        except av.FFmpegError:
            return []  # the decoder conceals what it can when the next frame comes
        return [encoded for frame in frames for encoded in (self._encode(frame) if show else ())]

    def _new_decoder(self) -> av.VideoCodecContext:
        decoder = av.CodecContext.create(_DECODERS[self._codec], "r")
        if not isinstance(decoder, av.VideoCodecContext):
            raise TypeError("not a picture decoder")
        decoder.thread_type = "SLICE"  # decoding several frames at once would hold them back
        return decoder

    def _encode(self, frame: av.VideoFrame) -> list[tuple[float, bytes]]:
        width, height = frame.width & ~1, frame.height & ~1
        encoder = self._encoder
        if encoder is None or (encoder.width, encoder.height) != (width, height):
            encoder = self._encoder = _new_encoder(width, height)
            self._key_ms = float("-inf")
        pts = frame.pts
        picture = frame.reformat(width, height, "yuv420p")
        at_ms = (pts or 0) / (VIDEO_SCALE // 1000)
        key = at_ms - self._key_ms >= SEGMENT_S * 1000
        if key:
            self._key_ms = at_ms
        picture.pts, picture.time_base = pts, Fraction(1, VIDEO_SCALE)
        picture.pict_type = PictureType.I if key else PictureType.NONE
        return [((packet.pts or 0) / (VIDEO_SCALE // 1000), bytes(packet)) for packet in encoder.encode(picture)]


def _new_encoder(width: int, height: int) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise TypeError("not a picture encoder")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, VIDEO_SCALE), Fraction(_FRAME_RATE)
    rate = int(width * height * _FRAME_RATE * _BITS_A_PIXEL)
    encoder.bit_rate = max(_LEAST_BITRATE, min(_MOST_BITRATE, rate))
    encoder.gop_size = 10 * _FRAME_RATE  # key frames are asked for by time, not by count
    encoder.max_b_frames = 0
    encoder.options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "profile": "main",
        "forced-idr": "1",
        "x264-params": "scenecut=0:repeat-headers=1",
    }
    return encoder
