"""A tracked person: 33 landmarks and a person mask, in pixels of one frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Bytes: TypeAlias = npt.NDArray[np.uint8]

LANDMARKS = 33

# MediaPipe's numbering; left and right are the wearer's.
NOSE, LEFT_EYE, RIGHT_EYE, LEFT_EAR, RIGHT_EAR, MOUTH_LEFT, MOUTH_RIGHT = 0, 2, 5, 7, 8, 9, 10
LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_ELBOW, RIGHT_ELBOW, LEFT_WRIST, RIGHT_WRIST = 11, 12, 13, 14, 15, 16
LEFT_PINKY, RIGHT_PINKY, LEFT_INDEX, RIGHT_INDEX, LEFT_THUMB, RIGHT_THUMB = 17, 18, 19, 20, 21, 22
LEFT_HIP, RIGHT_HIP, LEFT_KNEE, RIGHT_KNEE, LEFT_ANKLE, RIGHT_ANKLE = 23, 24, 25, 26, 27, 28

# Each landmark's place on the other side: what a mirrored picture exchanges.
_FACE = (0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9)
MIRRORED = np.array([*_FACE, 12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21, 24, 23, 26, 25, 28, 27, 30, 29, 32, 31])


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """One person in one frame.

    ``points``: float32 (33, 3), x right and y down in pixels of the frame, z in the same unit, smaller is nearer to
    the camera, 0 at the hips. ``visibility``: float32 (33,), 0..1. ``mask``: uint8 (h, w), 255 where the person is;
    it may be smaller than the frame, ``scale`` is the frame's pixels a mask pixel.
    """

    points: Floats
    visibility: Floats
    mask: Bytes
    scale: float = 1.0

    def mirrored(self, width: int) -> Pose:
        """The pose of the frame flipped left to right."""
        points = self.points[MIRRORED].copy()
        points[:, 0] = width - 1 - points[:, 0]
        return replace(
            self,
            points=points,
            visibility=self.visibility[MIRRORED].copy(),
            mask=np.ascontiguousarray(self.mask[:, ::-1]),
        )

    def usable(self) -> bool:
        """Whether every number is finite: what comes from a network is checked once, here."""
        return bool(np.isfinite(self.points).all() and np.isfinite(self.visibility).all())
