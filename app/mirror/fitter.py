"""One frame's way through the fitting room: decoded, fitted, encoded. Blocking; runs in a worker's lane."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from app.mirror.protocol import Control, Frame, SizeAdvice, State
from fitting.pose import Bytes

# Indistinguishable from better on a moving picture; about 30 kB at 640x480.
QUALITY = 82

_ENCODING = (cv2.IMWRITE_JPEG_QUALITY, QUALITY)
_STATES: dict[str, State] = {"no-person": "no-person", "step-back": "step-back", "turn-around": "turn-around"}


class Undecodable(Exception):
    """The decoder could not make a picture of the JPEG."""


class FittedFrame(Protocol):
    """What of `fitting`'s answer is used here."""

    @property
    def frame(self) -> Bytes:
        """The picture with the garments."""

    @property
    def guidance(self) -> str | None:
        """What the shopper should do: no-person, step-back or turn-around; None: all is well."""


class SessionAdvice(Protocol):
    """What of `fitting.sizing.Advice` is used here."""

    @property
    def sizes(self) -> tuple[str, ...]:
        """The range, smallest first."""

    @property
    def reason(self) -> str:
        """Why, or why not."""


class Session(Protocol):
    """One shopper's `fitting.FittingSession`."""

    def wear(
        self, garments: Sequence[str], sizes: Mapping[str, str] | None = None, fits: Mapping[str, str] | None = None
    ) -> None:
        """Put garments on, inner to outer, in chosen sizes on a body that others fit."""

    def process(self, frame: Bytes, timestamp_ms: int) -> FittedFrame:
        """Fit one frame."""

    def advice(self, garment: str, height_cm: float | None) -> SessionAdvice:
        """Sizes for whom the last frame shows."""

    def close(self) -> None:
        """Give the memory back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A fitted picture, what was seen, the milliseconds that it took, and size advice when it was asked for."""

    jpeg: bytes
    state: State
    cost_ms: float
    advice: list[SizeAdvice] | None = None


def fit(session: Session, frame: Frame, wish: Control, *, advise: bool = False) -> Answer:
    """The shopper's picture with what they wear. Raises Undecodable, or what `process` raises."""
    started = time.perf_counter()
    picture = cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if picture is None:
        raise Undecodable
    fitted = session.process(np.asarray(picture, np.uint8), frame.timestamp_ms)
    shown = cv2.flip(fitted.frame, 1) if wish.mirror else fitted.frame
    encoded, data = cv2.imencode(".jpg", shown, _ENCODING)
    if not encoded:
        raise Undecodable
    advice = [_advice(session, garment, wish.height_cm) for garment in wish.wear or []] if advise else None
    state = _STATES.get(fitted.guidance or "", "ok")
    return Answer(data.tobytes(), state, (time.perf_counter() - started) * 1000, advice)


def _advice(session: Session, garment: str, height_cm: float | None) -> SizeAdvice:
    found = session.advice(garment, height_cm)
    return SizeAdvice(garment, found.sizes, found.reason)
