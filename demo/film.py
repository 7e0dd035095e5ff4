"""Make demo/film.mp4, the looped demo show: footage re-encoded for packaging, with a sound bed synthesised here.

Run: python demo/film.py FOOTAGE.mp4 demo/film.mp4

The film has to loop without a seam: pictures in closed 2 s groups without B-frames, sound that is periodic in the
film's length. 24 s are exactly 576 frames at 24/s and exactly 1125 AAC frames of 1024 samples at 48 kHz, so neither
track drifts.
"""

import sys
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
FPS = 24
SECONDS = 24
AAC_FRAME = 1024
GROUP = 2 * FPS

# Eight chords of one and a half bars at 120 beats a minute, as MIDI notes: a slow walk around A minor.
CHORDS = (
    (45, 57, 60, 64, 71), (41, 57, 60, 64, 67), (48, 55, 60, 64, 71), (43, 55, 59, 62, 69),
    (45, 57, 60, 64, 67), (38, 57, 60, 65, 69), (41, 57, 60, 64, 72), (40, 56, 59, 62, 67),
)  # fmt: skip


def pitch(note: int) -> float:
    """Frequency in Hz of a MIDI note."""
    return float(440 * 2 ** ((note - 69) / 12))


def place(track: NDArray[np.float64], sound: NDArray[np.float64], at: float) -> None:
    """Add a sound at a second of the loop; what passes the end comes in again at the start: no seam."""
    index = (int(at * RATE) + np.arange(len(sound))) % len(track)
    np.add.at(track, index, sound)


def tone(frequency: float, seconds: float, attack: float, decay: float, brightness: float) -> NDArray[np.float64]:
    """A mellow tone of a few fading harmonics with a soft attack and an exponential decay."""
    t = np.arange(int(seconds * RATE)) / RATE
    wave = sum(brightness**n * np.sin(2 * np.pi * frequency * (n + 1) * t) for n in range(4))
    fade = np.clip((seconds - t) / 0.4, 0, 1)
    shaped: NDArray[np.float64] = wave * np.minimum(1, t / attack) * np.exp(-t / decay) * fade
    return shaped


def bed() -> NDArray[np.float64]:
    """The whole loop, (samples, 2) in -1..1: pad, plucks with echo, a soft pulse and brushed noise."""
    noise = np.random.default_rng(11)
    left, right = np.zeros((2, SECONDS * RATE))
    step = SECONDS / len(CHORDS)
    for index, chord in enumerate(CHORDS):
        start = index * step
        for voice, note in enumerate(chord):
            pad = tone(pitch(note), step + 1.5, 0.9, 5.0, 0.22) * (0.12 if voice else 0.2)
            place(left, pad * (0.6 + 0.1 * voice), start)
            place(right, pad * (1.0 - 0.1 * voice), start)
        for eighth in range(12):
            if (eighth * 5 + index) % 8 > 4:
                continue
            pluck = tone(pitch(chord[1 + (eighth * 3 + index) % 4] + 12), 1.2, 0.004, 0.22, 0.35) * 0.07
            for echo in range(3):
                at = start + eighth * 0.25 + echo * 0.375
                place((left, right)[(eighth + echo) % 2], pluck * 0.45**echo, at)
    pulse_t = np.arange(int(0.3 * RATE)) / RATE
    pulse = np.sin(2 * np.pi * (45 * pulse_t + 1.6 * (1 - np.exp(-pulse_t * 40)))) * np.exp(-pulse_t / 0.09) * 0.35
    brush = np.diff(noise.standard_normal(int(0.08 * RATE) + 1)) * np.exp(-np.arange(int(0.08 * RATE)) / RATE / 0.018)
    for beat in range(SECONDS * 2):
        place(left, pulse, beat * 0.5)
        place(right, pulse, beat * 0.5)
        place(left, brush * 0.018, beat * 0.5 + 0.25)
        place(right, brush * 0.022, beat * 0.5 + 0.25)
    both = np.stack([left, right], axis=1)
    quiet: NDArray[np.float64] = np.tanh(both * 1.2) * 0.32
    return quiet


def sound_packets() -> tuple[list[bytes], bytes]:
    """One loop of AAC frames and the decoder's configuration: the middle one of three loops, encoded in one go."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE, "stereo", "fltp", 96_000
    samples = np.tile(bed(), (3, 1)).T.astype(np.float32)
    packets: list[bytes] = []
    for start in range(0, samples.shape[1], AAC_FRAME):
        block = np.ascontiguousarray(samples[:, start : start + AAC_FRAME])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    loop = SECONDS * RATE // AAC_FRAME
    # The encoder is one frame late: its first packet only primes the decoder.
    return packets[1 + loop : 1 + 2 * loop], bytes(encoder.extradata or b"")


def make(footage: str, film: str) -> None:
    """Write the film."""
    packets, configuration = sound_packets()
    with av.open(footage) as source, av.open(film, "w", options={"movflags": "faststart"}) as target:
        video = target.add_stream("libx264", rate=FPS)
        picture = source.streams.video[0].codec_context
        video.width, video.height, video.pix_fmt = picture.width, picture.height, "yuv420p"
        video.codec_context.gop_size = GROUP
        video.codec_context.max_b_frames = 0
        video.options = {
            "preset": "veryslow", "crf": "23.5", "profile": "high", "level": "3.1",
            "maxrate": "2200k", "bufsize": "2200k",
            "x264-params": f"keyint={GROUP}:min-keyint={GROUP}:scenecut=0:open-gop=0:bframes=0",
        }  # fmt: skip
        audio = target.add_stream("aac", rate=RATE, layout="stereo")
        audio.codec_context.extradata = configuration
        for index, frame in enumerate(source.decode(video=0)):
            frame.pts, frame.time_base, frame.pict_type = index, Fraction(1, FPS), av.video.frame.PictureType.NONE
            target.mux(video.encode(frame))
        target.mux(video.encode(None))
        for index, data in enumerate(packets):
            packet = av.Packet(data)
            packet.stream, packet.time_base = audio, Fraction(1, RATE)
            packet.pts = packet.dts = index * AAC_FRAME
            packet.duration = AAC_FRAME
            target.mux(packet)


if __name__ == "__main__":
    make(*sys.argv[1:3])
