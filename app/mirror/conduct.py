"""What one browser may send over its frame socket, and when it misbehaved for too long. Pure: time is an argument."""

from app.mirror.jpeg import JpegRefused, check
from app.mirror.protocol import Control, Frame, ProtocolError, read_control, unpack_frame

# No camera gives more; beyond this somebody floods.
FRAMES_PER_SECOND = 60
FRAMES_BURST = 60
# Swiping through a rail of clothes is quick; each change makes the worker prepare garments.
CONTROLS_PER_SECOND = 10
CONTROLS_BURST = 40
# A page with a bug makes a few mistakes and recovers; a hundred in a row are no accident.
MISTAKES_MAX = 100.0
MISTAKES_FORGIVEN_PER_SECOND = 2.0


class Refused(Exception):
    """A message that cannot be used. The socket goes on."""

    def __init__(self, slug: str, sequence: int | None = None) -> None:
        super().__init__(slug)
        self.slug = slug
        self.sequence = sequence


class Allowance:
    """A token bucket: `rate` a second on average, `burst` at once."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, now

    def take(self, now: float) -> bool:
        """Whether one more is allowed now; if so it is counted."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Conduct:
    """One socket's history: the last timestamp, the frame rate, the mistakes. `now` is in seconds, monotonic."""

    def __init__(self, now: float) -> None:
        self._timestamp_ms = -1
        self._mistakes = 0.0
        self._mistakes_at = now
        self._frames = Allowance(FRAMES_PER_SECOND, FRAMES_BURST, now)
        self._controls = Allowance(CONTROLS_PER_SECOND, CONTROLS_BURST, now)

    def frame(self, message: bytes, now: float) -> Frame:
        """The frame in a binary message. Raises Refused with the slug of app/mirror/jpeg.py or one of:
        too-short, too-fast, timestamp-not-increasing.
        """
        try:
            frame = unpack_frame(message)
        except ProtocolError as error:
            raise self._refused(error.slug, None, now) from None
        if not self._frames.take(now):
            raise self._refused("too-fast", frame.sequence, now)
        if frame.timestamp_ms <= self._timestamp_ms:
            raise self._refused("timestamp-not-increasing", frame.sequence, now)
        try:
            check(frame.jpeg)
        except JpegRefused as error:
            raise self._refused(error.slug, frame.sequence, now) from None
        self._timestamp_ms = frame.timestamp_ms
        return frame

    def control(self, text: str, now: float) -> Control:
        """The control message in a text. Raises Refused: too-fast, too-large, not-json or bad-control."""
        if not self._controls.take(now):
            raise self._refused("too-fast", None, now)
        try:
            return read_control(text)
        except ProtocolError as error:
            raise self._refused(error.slug, None, now) from None

    @property
    def abusive(self) -> bool:
        """Whether the socket should be closed."""
        return self._mistakes >= MISTAKES_MAX

    def _refused(self, slug: str, sequence: int | None, now: float) -> Refused:
        forgiven = (now - self._mistakes_at) * MISTAKES_FORGIVEN_PER_SECOND
        self._mistakes = max(0.0, self._mistakes - forgiven) + 1
        self._mistakes_at = now
        return Refused(slug, sequence)
