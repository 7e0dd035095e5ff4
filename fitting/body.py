"""The wearer's body frame in the picture: shoulders, hips, axes and scale, from one pose."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fitting import pose as at
from fitting.pose import Floats, Pose

# MediaPipe's depth is stretched against its x and y; this factor turns a shoulder line of known length best.
DEPTH = 0.6
# A grown person's shoulder joints are at least this share of the shoulder-to-hip height apart, and hardly more than
# that one: beyond it depth is believed to be wrong, which on turned people is often half too large.
MIN_SHOULDERS = 0.62
MAX_SHOULDERS, MAX_TURNED = 0.66, 0.74
MAX_STRETCH = 1.6
# The tracker's hips slip towards the side that a turned body faces, and down, by these shares of the scale at a quarter
# turn; measured on generated people of five builds with both models.
HIPS_AHEAD, HIPS_LOW = 0.065, 0.10
# What a lens can show of anybody: shoulders this many picture widths apart; and in body scales, where a hand comes near
# the camera, a bone of the arm, and the face and the legs away from the trunk.
MAX_SCALE = 1.25
LONGEST_BONE, FARTHEST_FACE, FARTHEST_LEG = 3.0, 2.5, 7.0
# A forearm that looks shorter than this, in body scales, points to the camera: it is seen from its end, wholly from the
# second length less on; one that is folded back over the upper arm is while it looks longer, by the last share.
SHORT_FOREARM, TURNING, FOLDED = 0.26, 0.07, 0.6
LEAST_VISIBLE = 0.2  # of an arm that the tracker sees
KNEES, ANKLES = (at.LEFT_KNEE, at.RIGHT_KNEE), (at.LEFT_ANKLE, at.RIGHT_ANKLE)
# Below this many pixels between the shoulders a garment is a smear; the session asks to come nearer.
MIN_SCALE = 20.0


def unit(vector: Floats) -> Floats:
    """The vector with length one; a zero vector stays (0, 0)."""
    return (vector / max(1e-6, float(np.hypot(vector[0], vector[1])))).astype(np.float32)


def ease_in_out(x: float) -> float:
    """0 below 0, 1 above 1, and a smooth step between."""
    x = min(1.0, max(0.0, x))
    return x * x * (3 - 2 * x)


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """One arm: joints as float32 (2,) in pixels; ``side`` is +1 for the wearer's left (image right when facing)."""

    side: int
    shoulder: Floats
    elbow: Floats
    wrist: Floats
    hand: Floats  # (3, 2): little finger, index finger, thumb
    visible: float
    depth: float  # how far the forearm is behind the torso's plane, in body scales; negative is in front
    lift: float  # -1 hanging, 0 level, 1 straight up

    @property
    def seen(self) -> bool:
        """Whether the tracker sees it: else it hides nothing and is not looked for."""
        return self.visible >= LEAST_VISIBLE

    def side_on(self, scale: float) -> float:
        """How far the forearm is seen from its side, 0..1, and not from its end; ``scale``: the body's."""
        upper, fore = unit(self.elbow - self.shoulder), self.wrist - self.elbow
        back = max(0.0, -float(unit(fore) @ upper))
        return ease_in_out((float(np.hypot(*fore)) / scale - SHORT_FOREARM * (1 + FOLDED * back)) / TURNING + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """Axes, lengths and joints of one person, in pixels of the frame."""

    pose: Pose
    chest: Floats  # midpoint of the shoulder joints
    hips: Floats  # midpoint of the hip joints
    across: Floats  # unit vector from the right to the left shoulder
    across_hips: Floats  # the same at the hips: a turned or leaning body's lines converge
    down: Floats  # unit vector from the chest to the hips
    shoulders: float  # distance of the shoulder joints as it appears
    scale: float  # the same distance as if unturned
    torso: float  # chest to hips
    yaw: float  # radians; positive when the left shoulder is further away
    facing: bool  # whether the chest shows
    arms: tuple[Arm, Arm]  # right, left
    own_hem: float | None = None  # where the wearer's own top ends, in torso lengths below the chest, once it was seen

    @property
    def up(self) -> Floats:
        """Opposite of ``down``."""
        return -self.down

    def believable(self, width: int) -> bool:
        """Whether a body in a frame of this width can be somebody's: a tracker that has gone astray tears limbs off."""
        points, limit = self.pose.points[:, :2], self.scale
        bones = [pair for arm in self.arms for pair in ((arm.shoulder, arm.elbow), (arm.elbow, arm.wrist))]
        face, legs = points[: at.MOUTH_RIGHT + 1] - self.chest, points[[*KNEES, *ANKLES]] - self.hips
        return (
            limit < MAX_SCALE * width
            and all(math.dist(a, b) < LONGEST_BONE * limit for a, b in bones)
            and float(np.hypot(*face.T).max()) < FARTHEST_FACE * limit
            and float(np.hypot(*legs.T).max()) < FARTHEST_LEG * limit
        )

    def point(self, landmark: int) -> Floats:
        """A landmark's x and y."""
        return self.pose.points[landmark, :2]


def body_of(pose: Pose, stretch: float = 0.0) -> Body:
    """Reads the body frame out of a pose; ``stretch``: the share by which the torso is longer than tracked."""
    p = pose.points
    right, left = p[at.RIGHT_SHOULDER], p[at.LEFT_SHOULDER]
    chest = (right[:2] + left[:2]) / 2
    hips = (p[at.RIGHT_HIP, :2] + p[at.LEFT_HIP, :2]) / 2
    hips = hips + np.float32(stretch) * (hips - chest)
    span = left[:2] - right[:2]
    shoulders = float(np.hypot(*span))
    depth = DEPTH * float(left[2] - right[2])
    torso = max(1.0, float(np.hypot(*(hips - chest))))
    longest = max(shoulders, min(MAX_SHOULDERS * torso, MAX_STRETCH * max(shoulders, 1.0)))
    scale = max(min(math.hypot(shoulders, depth), longest), MIN_SHOULDERS * torso, 1.0)
    deepest = max(shoulders, MAX_TURNED * torso)
    depth = math.copysign(min(abs(depth), math.sqrt(deepest * deepest - shoulders * shoulders)), depth)
    facing = float(span[0] * (hips - chest)[1] - span[1] * (hips - chest)[0]) > -0.1 * scale * torso
    sine = depth / math.hypot(depth, max(shoulders, 1.0))
    down = unit(hips - chest)
    hips = hips - (HIPS_AHEAD * sine * unit(span) + HIPS_LOW * sine * sine * down) * scale
    torso = max(1.0, float(np.hypot(*(hips - chest))))
    down = unit(hips - chest)
    across = unit(span) if shoulders > 0.15 * scale else np.array([down[1], -down[0]], np.float32)
    hip_line = p[at.LEFT_HIP, :2] - p[at.RIGHT_HIP, :2]
    steady = float(hip_line @ across) > 0.2 * scale
    across_hips = unit(across + unit(hip_line)) if steady else across
    plane = float(p[[at.LEFT_SHOULDER, at.RIGHT_SHOULDER, at.LEFT_HIP, at.RIGHT_HIP], 2].mean())
    arms = (
        _arm(pose, -1, -down, plane, scale),
        _arm(pose, +1, -down, plane, scale),
    )
    return Body(
        pose,
        chest,
        hips,
        across,
        across_hips,
        down,
        shoulders,
        scale,
        torso,
        math.atan2(depth, shoulders),
        facing,
        arms,
    )


def _arm(pose: Pose, side: int, up: Floats, plane: float, scale: float) -> Arm:
    joints = (
        (at.LEFT_SHOULDER, at.LEFT_ELBOW, at.LEFT_WRIST, at.LEFT_PINKY, at.LEFT_INDEX, at.LEFT_THUMB)
        if side > 0
        else (at.RIGHT_SHOULDER, at.RIGHT_ELBOW, at.RIGHT_WRIST, at.RIGHT_PINKY, at.RIGHT_INDEX, at.RIGHT_THUMB)
    )
    shoulder, elbow, wrist = (pose.points[j, :2] for j in joints[:3])
    depth = 0.35 * float(pose.points[joints[1], 2]) + 0.65 * float(pose.points[joints[2], 2])
    lift = float(unit(elbow - shoulder) @ up)
    return Arm(
        side,
        shoulder,
        elbow,
        wrist,
        pose.points[list(joints[3:]), :2],
        float(pose.visibility[joints[2]]),
        (depth - plane) / scale,
        lift,
    )
