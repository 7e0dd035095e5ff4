"""Finding the person with MediaPipe's PoseLandmarker. The only module that imports mediapipe."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from fitting.edge import sharpened
from fitting.models import FOLDER, model_path
from fitting.pose import LANDMARKS, Bytes, Pose

# The networks see 256x256 pixels; the mask is returned at the frame's size, and beyond this it costs and shows nothing.
LONGEST_SIDE = 640
# People in low-cut clothes or bending are missed at the default of 0.5; below 0.3 furniture is found.
CONFIDENCE = 0.4
# Who is followed is so sure to be there: what is first found of people who stand sideways is too small a part of them,
# and grows from frame to frame, at less than the default of 0.5.
PRESENCE = 0.3


class Tracker(Protocol):
    """Anything that finds one person in a stream of frames."""

    def track(self, frame: Bytes, timestamp_ms: int) -> Pose | None:
        """The person in a BGR frame; timestamps increase."""

    def close(self) -> None:
        """Gives the model's memory back."""


class PoseTracker:
    """One shopper's pose tracker: it carries what it saw in the last frame, so it is never shared.

    Blocks for 20-40 ms a frame on one core and releases the interpreter lock meanwhile.
    """

    def __init__(self, model: str = "full", folder: Path = FOLDER) -> None:
        # Imported late: only a process that tracks people pays for it, and others need no wheel for their platform.
        import mediapipe as mp
        from mediapipe.tasks.python import BaseOptions, vision

        self._mp = mp
        self._landmarker = vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(model_path(model, folder))),
                running_mode=vision.RunningMode.VIDEO,
                min_pose_detection_confidence=CONFIDENCE,
                min_pose_presence_confidence=PRESENCE,
                output_segmentation_masks=True,
            )
        )
        self._mirrored = self._followed = False

    def track(self, frame: Bytes, timestamp_ms: int) -> Pose | None:
        """The nearest person, in pixels of ``frame`` (uint8 BGR); None when nobody is found.

        The detector misses some people who stand sideways, and finds them in a mirror: where it sees nobody, the next
        frame is looked at the other way round. Who was followed and is lost is looked for as before, once.
        """
        pose = self._found(cv2.flip(frame, 1) if self._mirrored else frame, timestamp_ms)  # type: ignore[arg-type]
        found = pose.mirrored(frame.shape[1]) if pose and self._mirrored else pose
        self._mirrored ^= pose is None and not self._followed
        self._followed = pose is not None
        return found

    def _found(self, frame: Bytes, timestamp_ms: int) -> Pose | None:
        height, width = frame.shape[:2]
        shrink = min(1.0, LONGEST_SIDE / max(height, width))
        if shrink < 1:
            frame = cv2.resize(frame, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        image = self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        result = self._landmarker.detect_for_video(image, timestamp_ms)
        if not result.pose_landmarks or not result.segmentation_masks:
            return None
        found = [(p.x * width, p.y * height, p.z * width, p.visibility) for p in result.pose_landmarks[0]]
        values = np.array(found, np.float32)
        if values.shape != (LANDMARKS, 4):
            return None
        soft = result.segmentation_masks[0].numpy_view().reshape(frame.shape[:2])
        mask = sharpened(frame, np.asarray(cv2.convertScaleAbs(soft, alpha=255.0), np.uint8))
        pose = Pose(np.ascontiguousarray(values[:, :3]), values[:, 3].copy(), mask, 1 / shrink)
        return pose if pose.usable() else None

    def close(self) -> None:
        """Gives the model's memory back."""
        self._landmarker.close()
        _trim()


def _trim() -> None:
    """Returns freed memory to the system: glibc otherwise keeps about 300 MiB after some dozens of shoppers."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
    if trim is not None:
        trim(0)
