"""Sound lies on the media timeline without a gap, whatever arrives when."""

import itertools

import av
import numpy as np
import pytest

from app.media.fmp4 import AAC_SAMPLES, SOUND_SCALE
from app.media.sound import HARD_LIMIT, HELD_BACK, STRETCH, Frame, OpusDecoder, SoundTrack, fit

RATE = SOUND_SCALE


def tone(count: int, at: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    wave = 0.5 * np.sin(2 * np.pi * 1000 * (np.arange(count) + at) / RATE)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def contiguous(frames: list[Frame]) -> bool:
    return all(b[0] - a[0] == AAC_SAMPLES for a, b in itertools.pairwise(frames))


def test_frames_begin_at_the_start_and_follow_each_other() -> None:
    track = SoundTrack(777)
    frames = [frame for i in range(100) for frame in track.pcm(777 + i * 960, tone(960, i * 960))]
    assert frames[0][0] == 777 and contiguous(frames)


def test_missing_sound_becomes_silence_and_late_sound_is_cut() -> None:
    track = SoundTrack(0)
    frames = track.pcm(RATE, tone(960))
    assert track.head == RATE + 960
    frames += track.pcm(0, tone(RATE + 960 + 100))
    assert track.head == RATE + 960 + 100
    frames += track.silence(2 * RATE) + track.silence(RATE)
    assert track.head == 2 * RATE and contiguous(frames)


def test_a_sender_whose_clock_drifts_stays_in_sync_without_cuts() -> None:
    track, at = SoundTrack(0), 0.0
    for _ in range(3000):  # a minute at 300 ppm
        track.pcm(round(at), tone(960))
        at += 960 * 1.0003
    assert abs(track.head - at) < RATE * 0.003


def test_stretching_is_limited() -> None:
    assert len(fit(tone(960), HARD_LIMIT)) == 960 + int(960 * STRETCH)
    assert len(fit(tone(960), -HARD_LIMIT)) == 960 - int(960 * STRETCH)
    assert len(fit(tone(960), 5)) == 960


def test_a_tone_survives_at_its_place() -> None:
    track = SoundTrack(0)
    frames = track.silence(RATE) + track.pcm(RATE, tone(RATE)) + track.silence(3 * RATE)
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = b"\x11\x90"
    blocks = [f.to_ndarray()[0] for _, data in frames for f in decoder.decode(av.Packet(data))]
    wave = np.abs(np.concatenate(blocks))
    loud = np.flatnonzero(wave > 0.2)
    assert loud[0] == pytest.approx(RATE, abs=1100) and loud[-1] == pytest.approx(2 * RATE, abs=1100)


def test_the_encoder_holds_back_no_more_than_is_said() -> None:
    track = SoundTrack(0)
    frames = track.silence(RATE + HELD_BACK)
    assert frames[-1][0] + AAC_SAMPLES >= RATE


def test_a_broken_opus_packet_gives_no_samples() -> None:
    assert OpusDecoder().decode(b"\xff\xff\xff\xff").shape == (0, 2)
