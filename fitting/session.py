"""One shopper's fitting: frames in, frames with garments out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from fitting.body import MIN_SCALE, Body, body_of
from fitting.compositing import Compositor
from fitting.errors import FrameInvalid
from fitting.garment import Garment, Wardrobe
from fitting.geometry import Placement, place
from fitting.models import FOLDER
from fitting.pose import Bytes, Pose
from fitting.silhouette import Silhouette
from fitting.smoothing import OneEuroFilter
from fitting.tracker import PoseTracker, Tracker

MIN_SIDE = 64
# A longer pause than this is not motion: filters start anew.
MAX_GAP_SECONDS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """One answered frame. ``frame``: uint8 (H, W, 3) BGR. ``garment_mask``: uint8 (H, W), the garments' visible alpha.

    ``pose`` is None when nobody was found. ``guidance`` is what the shopper should do: None, "no-person",
    "step-back" (only a part of the shoulders is seen, or too near) or "turn-around".
    """

    frame: Bytes
    garment_mask: Bytes
    pose: Pose | None
    guidance: str | None = None


class FittingSession:
    """Tracks one person and dresses them. Not for use from two threads at once; close it when the shopper leaves."""

    def __init__(
        self, wardrobe: Wardrobe, model: str = "full", *, models: Path = FOLDER, tracker: Tracker | None = None
    ) -> None:
        self._wardrobe = wardrobe
        self._tracker = tracker or PoseTracker(model, models)
        self._landmarks = OneEuroFilter()
        self._worn: list[tuple[Garment, OneEuroFilter]] = []
        self._compositor = Compositor()
        self._last_ms: int | None = None

    def __enter__(self) -> FittingSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the tracker's memory back."""
        self._tracker.close()

    def wear(self, garments: Sequence[str]) -> None:
        """Puts on garments by id, inner to outer; [] takes everything off. Raises GarmentUnknown."""
        kept = {garment.id: (garment, smooth) for garment, smooth in self._worn}
        self._worn = [kept.get(name) or (self._wardrobe[name], OneEuroFilter()) for name in garments]

    def process(self, frame: Bytes, timestamp_ms: int) -> Fitted:
        """The frame with the garments on. ``frame`` is BGR, unmirrored, and is not changed; raises FrameInvalid."""
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or min(frame.shape[:2]) < MIN_SIDE:
            raise FrameInvalid(f"A frame is uint8 (H, W, 3) and at least {MIN_SIDE} pixels high and wide.")
        if self._last_ms is not None and timestamp_ms <= self._last_ms:
            raise FrameInvalid(f"Timestamps increase: {timestamp_ms} came after {self._last_ms}.")
        seconds = 1 / 30 if self._last_ms is None else (timestamp_ms - self._last_ms) / 1000
        self._last_ms = timestamp_ms
        if seconds > MAX_GAP_SECONDS:
            self._forget()
        pose = self._tracker.track(frame, timestamp_ms)
        if pose is None:
            self._forget()
            return Fitted(frame.copy(), np.zeros(frame.shape[:2], np.uint8), None, "no-person")
        scale = body_of(pose).scale
        pose = Pose(self._landmarks(pose.points, seconds, scale), pose.visibility, pose.mask, pose.scale)
        body = body_of(pose)
        if body.scale < MIN_SCALE:
            return Fitted(frame.copy(), np.zeros(frame.shape[:2], np.uint8), pose, "no-person")
        out, alpha = self._compositor.compose(frame, body, self._placed(body, seconds), seconds)
        return Fitted(out, alpha, pose)

    def _placed(self, body: Body, seconds: float) -> list[Placement]:
        silhouette = Silhouette(body)
        return [
            place(garment, body, silhouette, lambda points, f=smooth: f(points, seconds, body.scale))  # type: ignore[misc]
            for garment, smooth in self._worn
        ]

    def _forget(self) -> None:
        self._landmarks.reset()
        for _, smooth in self._worn:
            smooth.reset()
