"""A WHIP encoder that shares no code with the shop: FFmpeg's own, with its own ICE, DTLS and RTP.

    python -m tests.whole.encoder URL KEY SECONDS      publish numbered frames (H.264) and sound (Opus), then hang up

FFmpeg's build in PyAV makes itself a certificate on a curve that WebRTC does not know (RFC 8827 asks for P-256), so it
is given one.
"""

import datetime
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests import numbered_film

FPS, WIDTH, HEIGHT = 24, 320, 180
RATE, SAMPLES = 48_000, 960


def certificate(folder: Path) -> dict[str, str]:
    """A self-signed certificate on P-256, as the muxer's options."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(*private))
    return {"cert_file": str(folder / "cert.pem"), "key_file": str(folder / "key.pem")}


def publish(url: str, key: str, seconds: float) -> None:
    """Stream in real time, a key frame every two seconds, as OBS is told to. Raises what FFmpeg says of a refusal."""
    with (
        tempfile.TemporaryDirectory() as folder,
        av.open(url, "w", format="whip", options={"authorization": key, **certificate(Path(folder))}) as stream,
    ):
        video = stream.add_stream("libx264", rate=FPS)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.gop_size, video.codec_context.max_b_frames = 2 * FPS, 0
        video.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
        sound = stream.add_stream("libopus", rate=RATE)
        assert isinstance(sound, av.AudioStream)
        sound.layout, sound.bit_rate = "stereo", 96_000
        began, heard = time.monotonic(), 0
        for number, picture in enumerate(numbered_film.pictures(int(seconds * FPS), WIDTH, HEIGHT)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            stream.mux(video.encode(frame))
            while heard * FPS < number * RATE:
                silence = np.zeros((1, 2 * SAMPLES), np.int16)
                tone = av.AudioFrame.from_ndarray(silence, format="s16", layout="stereo")
                tone.sample_rate, tone.pts, tone.time_base = RATE, heard, Fraction(1, RATE)
                stream.mux(sound.encode(tone))
                heard += SAMPLES
            time.sleep(max(0.0, began + number / FPS - time.monotonic()))


if __name__ == "__main__":
    publish(sys.argv[1], sys.argv[2], float(sys.argv[3]))
