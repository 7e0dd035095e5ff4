"""One shopper's fitting: frames in, frames with garments out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
from fitting.proportions import Proportions
from fitting.silhouette import Silhouette
from fitting.sizing import Advice, advise, measure, resized
from fitting.smoothing import OneEuroFilter, UpperArms
from fitting.tracker import PoseTracker, Tracker

MIN_SIDE = 64
# A longer pause than this is not motion: filters start anew.
MAX_GAP_SECONDS = 0.5
# Nobody moves by this many shoulder widths between two frames: the tracker has found somebody else.
MAX_JUMP = 1.0
# Landmarks are believed up to this many picture widths outside.
FAR = 4
# Short enough to seem immediate, long enough not to flash.
FADE_IN, FADE_OUT = 0.05, 0.35
# Shoulders wider than this share of the picture leave no room for a garment.
TOO_NEAR = 0.75


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
        self._upper_arms = UpperArms()
        self._proportions = Proportions()
        self._worn: list[tuple[Garment, OneEuroFilter]] = []
        self._compositor = Compositor()
        self._last_ms: int | None = None
        self._last_body: Body | None = None
        self._presence = 0.0

    def __enter__(self) -> FittingSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the tracker's memory back."""
        self._tracker.close()

    def wear(
        self, garments: Sequence[str], sizes: Mapping[str, str] | None = None, fits: Mapping[str, str] | None = None
    ) -> None:
        """Puts on garments by id, inner to outer; [] takes everything off. Raises GarmentUnknown.

        ``sizes``: the chosen size of a garment, ``fits``: the size that is right for the body (the sample size when
        it is not known); where they differ the garment hangs larger or smaller.
        """
        kept = {garment.id: smooth for garment, smooth in self._worn}
        worn = []
        for name in garments:
            garment = self._wardrobe[name]
            if sizes and name in sizes:
                garment = resized(garment, sizes[name], (fits or {}).get(name))
            worn.append((garment, kept.get(name) or OneEuroFilter()))
        self._worn = worn

    def advice(self, garment: str, height_cm: float | None) -> Advice:
        """A size range for the person in the last frame, with a reason. Raises GarmentUnknown."""
        item = self._wardrobe[garment]
        return advise(item, "not-seen" if self._last_body is None else measure(self._last_body, height_cm))

    def process(self, frame: Bytes, timestamp_ms: int) -> Fitted:
        """The frame with the garments on. ``frame`` is BGR, unmirrored, and is not changed; raises FrameInvalid."""
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or min(frame.shape[:2]) < MIN_SIDE:
            raise FrameInvalid(f"A frame is uint8 (H, W, 3) and at least {MIN_SIDE} pixels high and wide.")
        if self._last_ms is not None and timestamp_ms <= self._last_ms:
            raise FrameInvalid(f"Timestamps increase: {timestamp_ms} came after {self._last_ms}.")
        seconds = 1 / 30 if self._last_ms is None else (timestamp_ms - self._last_ms) / 1000
        self._last_ms = timestamp_ms
        body = self._look(frame, timestamp_ms, seconds)
        wanted = body is not None and body.facing
        self._presence = _faded(self._presence, wanted, seconds)
        shown = body if wanted else self._last_body
        if body is not None and body.facing:
            self._last_body = body
        if shown is None or self._presence <= 0:
            self._last_body = None
            unchanged = np.zeros(frame.shape[:2], np.uint8)
            return Fitted(frame.copy(), unchanged, body.pose if body else None, _guidance(body, frame.shape))
        placed = self._placed(shown, seconds, still=not wanted)
        out, alpha = self._compositor.compose(frame, shown, placed, seconds, self._presence)
        return Fitted(out, alpha, shown.pose, _guidance(body, frame.shape))

    def _look(self, frame: Bytes, timestamp_ms: int, seconds: float) -> Body | None:
        """The person in this frame, calmed; None when nobody large enough is found."""
        pose = self._tracker.track(frame, timestamp_ms)
        if pose is None or not pose.usable():
            return None
        # A landmark far outside is a guess of the tracker; its direction is all that it tells.
        reach = FAR * max(frame.shape[:2])
        pose = replace(pose, points=np.clip(pose.points, -reach, reach))
        found = body_of(pose)
        if found.scale < MIN_SCALE or not found.believable(frame.shape[1]):
            return None
        last = self._last_body
        jumped = last is not None and float(np.hypot(*(found.chest - last.chest))) > MAX_JUMP * found.scale
        if last is None or jumped or seconds > MAX_GAP_SECONDS:  # somebody else, or after a pause: start anew
            self._landmarks.reset()
            self._upper_arms.reset()
            for _, smooth in self._worn:
                smooth.reset()
            if jumped:
                self._presence = 0.0
                self._proportions.forget()
                self._compositor.forget()
        self._proportions.learn(found, seconds)
        points = self._landmarks(pose.points, seconds, found.scale)
        calm = replace(pose, points=self._upper_arms(points, seconds, found.scale))
        body = self._compositor.steadied(frame, body_of(calm, self._proportions.stretch), seconds)
        # Hardly shown, so put right at once.
        if last is not None and self._presence < 1 and last.own_hem is None and body.own_hem is not None:
            for _, smooth in self._worn:
                smooth.reset()
        return body

    def _placed(self, body: Body, seconds: float, still: bool) -> list[Placement]:
        """The worn garments on a body; ``still`` where they were, for it is not seen any more."""
        silhouette = Silhouette(body)
        return [
            place(
                garment,
                body,
                silhouette,
                smooth.held if still else partial(smooth, seconds=seconds, scale=body.scale),
            )
            for garment, smooth in self._worn
        ]


def _faded(presence: float, wanted: bool, seconds: float) -> float:
    """The garments' strength 0..1: they come within FADE_IN and go within FADE_OUT seconds."""
    step = seconds / FADE_IN if wanted else -seconds / FADE_OUT
    return min(1.0, max(0.0, presence + step))


def _guidance(body: Body | None, shape: tuple[int, ...]) -> str | None:
    if body is None:
        return "no-person"
    if not body.facing:
        return "turn-around"
    height, width = shape[:2]
    inside = all(0 <= arm.shoulder[0] < width and 0 <= arm.shoulder[1] < height for arm in body.arms)
    return None if inside and body.shoulders < TOO_NEAR * width else "step-back"
