"""Sound: one source's PCM laid onto the media timeline without a gap, encoded as AAC."""

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from app.media.fmp4 import AAC_SAMPLES, SOUND_BITRATE, SOUND_CHANNELS, SOUND_SCALE

# Beyond this the sound is cut or filled with silence; within it is stretched unheard. In samples: 40 ms.
HARD_LIMIT = SOUND_SCALE * 40 // 1000
# Differences smaller than this are left alone: 1 ms.
SOFT_LIMIT = SOUND_SCALE // 1000
# The encoder gives a frame when it has seen the two after it.
HELD_BACK = 3 * AAC_SAMPLES
# The most by which sound is stretched: half a percent.
STRETCH = 0.005

Samples = NDArray[np.float32]
Frame = tuple[int, bytes]


def fit(samples: Samples, late_by: int) -> Samples:
    """The samples, stretched towards lasting `late_by` samples longer (or shorter, when negative)."""
    most = max(1, int(len(samples) * STRETCH))
    change = max(-most, min(most, late_by))
    if abs(late_by) < SOFT_LIMIT or len(samples) < 2:
        return samples
    positions = np.linspace(0, len(samples) - 1, len(samples) + change)
    index = np.arange(len(samples))
    return np.stack([np.interp(positions, index, channel) for channel in samples.T], axis=1).astype(np.float32)


class SoundTrack:
    """Encodes from a start tick on. Every method returns AAC frames as (start tick, bytes), each following the last."""

    def __init__(self, start: int) -> None:
        self.head = start
        self._first = start
        self._left: Samples = np.zeros((0, SOUND_CHANNELS), np.float32)
        encoder = av.CodecContext.create("aac", "w")
        if not isinstance(encoder, av.AudioCodecContext):
            raise TypeError("the AAC encoder is no sound encoder")
        encoder.sample_rate, encoder.layout, encoder.format = SOUND_SCALE, "stereo", "fltp"
        encoder.bit_rate, encoder.time_base = SOUND_BITRATE, Fraction(1, SOUND_SCALE)
        self._encoder = encoder
        self._encoded = start

    def pcm(self, at: int, samples: Samples) -> list[Frame]:
        """Add samples, float (n, 2), whose first one belongs to tick `at`."""
        late_by = at - self.head
        if late_by > HARD_LIMIT:
            return self.silence(at) + self._append(samples)
        if late_by < -HARD_LIMIT:
            return self._append(samples[-late_by:])
        return self._append(fit(samples, late_by))

    def silence(self, until: int) -> list[Frame]:
        """Fill up to a tick, if the sound does not reach it yet."""
        missing = until - self.head
        return self._append(np.zeros((missing, SOUND_CHANNELS), np.float32)) if missing > 0 else []

    def _append(self, samples: Samples) -> list[Frame]:
        self.head += len(samples)
        self._left = np.concatenate([self._left, samples])
        frames: list[Frame] = []
        while len(self._left) >= AAC_SAMPLES:
            block, self._left = self._left[:AAC_SAMPLES], self._left[AAC_SAMPLES:]
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_SCALE, self._encoded, Fraction(1, SOUND_SCALE)
            self._encoded += AAC_SAMPLES
            for packet in self._encoder.encode(frame):
                # The encoder's first packet only primes the decoder and lies before the start.
                if packet.pts is not None and packet.pts >= self._first:
                    frames.append((packet.pts, bytes(packet)))
        return frames


class OpusDecoder:
    """Opus packets to float PCM at 48 kHz in stereo."""

    def __init__(self) -> None:
        decoder = av.CodecContext.create("libopus", "r")
        if not isinstance(decoder, av.AudioCodecContext):
            raise TypeError("the Opus decoder is no sound decoder")
        decoder.format, decoder.layout, decoder.sample_rate = "s16", "stereo", SOUND_SCALE
        self._decoder = decoder

    def decode(self, data: bytes) -> Samples:
        """Samples (n, 2) in -1..1; none for a broken packet."""
        try:
            frames = self._decoder.decode(av.Packet(data))
        except av.FFmpegError:
            frames = []
        blocks = [frame.to_ndarray().astype(np.float32).reshape(-1, SOUND_CHANNELS) for frame in frames]
        empty: Samples = np.zeros((0, SOUND_CHANNELS), np.float32)
        whole: Samples = np.concatenate([empty, *blocks]) * np.float32(1 / 32768)
        return whole
