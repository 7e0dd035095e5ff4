"""One frame's way through the fitting room: decoded, fitted, encoded. Blocking; runs in a worker's lane."""

import time
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from app.mirror.protocol import State
from fitting.pose import LEFT_SHOULDER, RIGHT_SHOULDER, Bytes, Pose

# Indistinguishable from better on a moving picture; about 30 kB at 640x480.
QUALITY = 82
# MediaPipe's own advice for "probably in the picture".
VISIBLE = 0.5
# Shoulders wider than this part of the picture leave no room for a garment.
TOO_NEAR = 0.75

_ENCODING = (cv2.IMWRITE_JPEG_QUALITY, QUALITY)


class Undecodable(Exception):
    """The decoder could not make a picture of the JPEG."""


class FittedFrame(Protocol):
    """What of `fitting`'s answer is used here."""

    @property
    def frame(self) -> Bytes:
        """The picture with the garments."""

    @property
    def pose(self) -> Pose | None:
        """Who was found."""


class Session(Protocol):
    """One shopper's `fitting.FittingSession`."""

    def wear(self, garments: list[str]) -> None:
        """Put garments on, inner to outer."""

    def process(self, frame: Bytes, timestamp_ms: int) -> FittedFrame:
        """Fit one frame."""

    def close(self) -> None:
        """Give the memory back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A fitted picture, what was seen, and the milliseconds that it took."""

    jpeg: bytes
    state: State
    cost_ms: float


def fit(session: Session, jpeg: bytes, timestamp_ms: int, *, mirror: bool) -> Answer:
    """The shopper's picture with what they wear. Raises Undecodable, or what `process` raises."""
    started = time.perf_counter()
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if picture is None:
        raise Undecodable
    fitted = session.process(np.asarray(picture, np.uint8), timestamp_ms)
    shown = cv2.flip(fitted.frame, 1) if mirror else fitted.frame
    encoded, data = cv2.imencode(".jpg", shown, _ENCODING)
    if not encoded:
        raise Undecodable
    height, width = picture.shape[:2]
    return Answer(data.tobytes(), situation(fitted.pose, width, height), (time.perf_counter() - started) * 1000)


def situation(pose: Pose | None, width: int, height: int) -> State:
    """Whether somebody stands so that garments can be put on: both shoulders in the picture, not too near."""
    if pose is None:
        return "no-person"
    shoulders = pose.points[[LEFT_SHOULDER, RIGHT_SHOULDER], :2]
    seen = pose.visibility[[LEFT_SHOULDER, RIGHT_SHOULDER]] >= VISIBLE
    inside = ((shoulders >= 0) & (shoulders < (width, height))).all()
    near = abs(float(shoulders[0, 0] - shoulders[1, 0])) > TOO_NEAR * width
    return "ok" if seen.all() and inside and not near else "step-back"
