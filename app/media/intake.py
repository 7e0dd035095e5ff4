"""The intake of an H.264 stream: encoded frames as they arrive in, pictures that may be packaged out. Pure."""

from app.media import h264
from app.media.h264 import BrokenStream, VideoFormat
from app.media.packager import Picture


class Intake:
    """Passes on what can be decoded: after a loss nothing until the next key frame.

    `wants_key` is true while a key frame is needed before anything can be passed on.
    """

    def __init__(self) -> None:
        self.video: VideoFormat | None = None
        self.wants_key = True
        self._sps = self._pps = b""

    def take(self, data: bytes, at_ms: float, lost: bool = False) -> Picture | None:
        """The frame as a picture, or None when it cannot be shown. Raises BrokenStream for what nobody can play."""
        units = h264.units(data)
        if not units or not data.startswith((b"\0\0\1", b"\0\0\0\1")):
            lost = True
        key = False
        for unit in units:
            kind = unit[0] & 31
            if kind == h264.SPS:
                self._sps = unit
            elif kind == h264.PPS:
                self._pps = unit
            elif kind == h264.IDR:
                key = True
        if key and self._sps and self._pps:
            if self.video is None or (self.video.sps, self.video.pps) != (self._sps, self._pps):
                self.video = h264.video_format(self._sps, self._pps)
            self.wants_key = False
        elif lost:
            self.wants_key = True
        body = h264.length_prefixed(units)
        if self.wants_key or self.video is None or not body:
            return None
        return Picture(at_ms, body, key)


__all__ = ["BrokenStream", "Intake"]
