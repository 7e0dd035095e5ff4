"""Light on the cloth: the room's brightness and colour, the body's roundness, folds of the wearer's own clothes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fitting.body import Body
from fitting.garment import Part
from fitting.pose import Bytes, Floats
from fitting.window import shrunk

# Pictures in a shop are lit from the front; a worn garment falls off towards its sides by this much.
TORSO_FALLOFF = 0.16
LIMB_FALLOFF = 0.18
# The room's colour is followed by half: the rest is the camera's white balance.
TINT_SHARE = 0.28
EXPOSURE_SHARE = 0.5
# How fast the room's estimate follows, a second; lamps change at once, noise must not.
ROOM_RATE = 2.0
# The room is looked at this often.
LOOK_SECONDS = 0.2
# The wearer's own clothes show folds and shadows: their low-frequency brightness is copied within these bounds.
FOLD_STEP = 16
FOLD_GAIN = 0.8
FOLD_DARKEST, FOLD_BRIGHTEST = -0.25, 0.12
PATTERN = 0.22  # spread of log brightness at which clothes count as patterned, and nothing is copied


class Room:
    """The room's light, estimated over time: a gain for blue, green and red."""

    def __init__(self) -> None:
        self._gain: Floats | None = None
        self._age = 0.0

    def look(self, frame: Bytes, seconds: float) -> Floats:
        """Takes in a frame and returns the gains, float32 (3,)."""
        if self._gain is not None and self._age < LOOK_SECONDS:
            self._age += seconds
            return self._gain
        seconds, self._age = self._age + seconds, 0.0
        small = cv2.resize(_thinned(frame), (64, 36), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32)
        mean = small.mean(0) + 1.0
        tint = (mean / mean.mean()) ** TINT_SHARE
        exposure = np.clip(np.percentile(small.max(1), 96) / 240, 0.45, 1.05) ** EXPOSURE_SHARE
        gain = (tint * exposure).astype(np.float32)
        if self._gain is None:
            self._gain = gain
        self._gain = (self._gain + (gain - self._gain) * min(1.0, ROOM_RATE * seconds)).astype(np.float32)
        return self._gain


def roundness(part: Part, places: Floats, body: Body) -> Floats:
    """Brightness (n,) of a part's vertices from the body's round shape."""
    if part.limb:
        away = np.minimum(np.abs(2 * part.across - 1), 1)
        return (1.02 - LIMB_FALLOFF * away * away).astype(np.float32)
    half = max(0.62 * body.shoulders, 0.3 * body.scale)
    away = np.minimum(np.abs((places - body.chest) @ (body.across / np.float32(half))), 1.15)
    return (1.03 - TORSO_FALLOFF * away * away * away).astype(np.float32)


class Folds:
    """Brightness of the wearer's own clothes in one frame, relative to their surroundings."""

    def __init__(self, frame: Bytes, body: Body, person: Bytes) -> None:
        """``person``: the whole frame's person mask at any size."""
        size = (max(2, frame.shape[1] // FOLD_STEP), max(2, frame.shape[0] // FOLD_STEP))
        small = cv2.resize(_thinned(frame), size, interpolation=cv2.INTER_AREA)
        weight = shrunk(person, size).astype(np.float32) / 255 + 1e-3
        dark = np.log(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32) + 12)
        near, far = _mean(dark, weight, 0.8), _mean(dark, weight, max(2.0, 0.4 * body.scale / FOLD_STEP))
        self._difference = (near - far).astype(np.float32)

    def at(self, parts: Sequence[Floats]) -> list[Floats]:
        """Brightness factors (n,) at each part's vertices (n, 2); about 1, and 1 throughout on patterned clothes."""
        spots = (np.concatenate(parts) * np.float32(1 / FOLD_STEP) - np.float32(0.5))[None]
        found = cv2.remap(self._difference, spots, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]  # type: ignore[call-overload]
        spread = float(np.std(found))
        gain = FOLD_GAIN * min(1.0, max(0.0, 1.15 - spread / PATTERN))
        factors = np.exp(np.clip(found * gain, FOLD_DARKEST, FOLD_BRIGHTEST)).reshape(-1).astype(np.float32)
        return np.split(factors, np.cumsum([len(part) for part in parts])[:-1])


def _thinned(frame: Bytes) -> Bytes:
    """One pixel in sixteen: what is looked at here is smooth."""
    size = (max(1, frame.shape[1] // 4), max(1, frame.shape[0] // 4))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _mean(values: Floats, weight: Floats, sigma: float) -> Floats:
    above = cv2.GaussianBlur(values * weight, (0, 0), sigma)
    return np.asarray(above / cv2.GaussianBlur(weight, (0, 0), sigma), np.float32)
