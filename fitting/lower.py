"""Where skirts and trousers go: waist, hips and legs."""

from __future__ import annotations

import numpy as np

from fitting import pose as at
from fitting.body import Body, unit
from fitting.garment import Garment
from fitting.limbs import STEPS, bent, limb_of
from fitting.pose import Floats
from fitting.silhouette import Silhouette
from fitting.torso import TORSO_CM, levels, side_reach, texels

# Places below the shoulders in torso lengths: a skirt's waist is the natural one, trousers sit lower.
SKIRT_WAIST = 0.76
TROUSERS_WAIST = 0.86
HIPS = 0.97
CROTCH = 1.20
# Half widths in body scales that a leg never falls below, so that cloth covers the wearer's own.
KNEE_COVER = 0.19
ANKLE_COVER = 0.15
THIGH_COVER = 0.29
FOOT_OVERLAP = 0.06
# Legs that the camera does not see are guessed by the tracker; below this they hang straight down.
LEAST_VISIBLE = 0.35


def leg_axis(body: Body, left: bool) -> Floats:
    """Hip, knee and ankle (3, 2) of one leg; straight down where the tracker cannot see it."""
    names = (at.LEFT_HIP, at.LEFT_KNEE, at.LEFT_ANKLE) if left else (at.RIGHT_HIP, at.RIGHT_KNEE, at.RIGHT_ANKLE)
    hip, knee, ankle = (body.point(name) for name in names)
    seen = body.pose.visibility
    if seen[names[1]] < LEAST_VISIBLE:
        knee = hip + body.down * 0.80 * body.torso
    if seen[names[2]] < LEAST_VISIBLE:
        ankle = knee + unit(knee - hip) * 0.75 * body.torso
    return np.array([hip, knee, ankle], np.float32)


def skirt_targets(garment: Garment, body: Body, silhouette: Silhouette) -> dict[str, Floats]:
    """Targets of a skirt's handles: the waist fits the body, the rest hangs and follows the knees."""
    points = garment.keypoints
    count = sum(1 for name in garment.handles if name.startswith("side_") and name.endswith("_left"))
    names = ["waist", *(f"side_{i}" for i in range(1, count + 1))]
    tops = np.array([points[f"{name}_left"][1] + points[f"{name}_right"][1] for name in names], np.float32) / 2
    own = np.array([points[f"{name}_left"][0] - points[f"{name}_right"][0] for name in names], np.float32) / 2
    depths = SKIRT_WAIST + (tops - tops[0]) / garment.px_per_cm / TORSO_CM
    depths = depths.astype(np.float32)
    waist, hips = (side_reach(body, silhouette, np.array([d], np.float32), 0.0) for d in (SKIRT_WAIST, HIPS))
    size = texels(body, garment)
    flare = own / max(own[0], 1.0)
    knees = (leg_axis(body, True)[1] + leg_axis(body, False)[1]) / 2
    hang = unit(knees - body.hips) if float(np.hypot(*(knees - body.hips))) > 0.3 * body.torso else body.down
    level = levels(body, depths)
    targets: dict[str, Floats] = {}
    for i, name in enumerate(names):
        below = max(0.0, float(depths[i]) - 1.0) * body.torso
        above = min(1.0, float(depths[i])) * body.torso
        centre = body.chest + body.down * above + hang * below
        for index, (side, sign) in enumerate((("right", -1), ("left", 1))):
            fitted = float(waist[index, 0]) * float(flare[i])
            full = max(fitted, 0.85 * float(own[i]) * size)
            if depths[i] > 0.85:
                full = max(full, float(hips[index, 0]) * 1.04)
            reach = fitted if i == 0 else full
            targets[f"{name}_{side}"] = np.asarray(centre + level[i] * sign * (reach + 0.02 * body.scale))
    drop = float(points["waist_front"][1]) - float(tops[0])
    targets["waist_front"] = (targets["waist_left"] + targets["waist_right"]) / 2 + body.down * drop * size
    last = (targets[f"side_{count}_left"] + targets[f"side_{count}_right"]) / 2
    targets["hem_front"] = last + hang * 0.02 * body.scale
    return targets


def trousers_targets(garment: Garment, body: Body, silhouette: Silhouette) -> dict[str, Floats]:
    """Targets of the trousers' upper handles: waist, hips and crotch."""
    size = texels(body, garment)
    points = garment.keypoints
    reach = side_reach(body, silhouette, np.array([TROUSERS_WAIST, 1.04], np.float32), 0.02)
    waist = body.chest + body.down * TROUSERS_WAIST * body.torso
    crotch = body.chest + body.down * CROTCH * body.torso
    hips = crotch + body.up * 0.02 * body.torso
    targets: dict[str, Floats] = {"crotch": crotch}
    for index, (side, sign) in enumerate((("right", -1), ("left", 1))):
        out = body.across_hips * sign
        targets[f"waist_{side}"] = waist + out * (float(reach[index, 0]) + 0.01 * body.scale)
        leg = leg_axis(body, side == "left")
        thigh = abs(float((leg[0] - body.hips) @ body.across_hips)) + THIGH_COVER * body.scale
        targets[f"hip_{side}"] = hips + out * max(float(reach[index, 1]), thigh)
    middle = (points["waist_left"][1] + points["waist_right"][1]) / 2
    targets["waist_front"] = waist + body.down * float(points["waist_front"][1] - middle) * size
    return targets


def leg(garment: Garment, body: Body, known: dict[str, Floats], left: bool) -> tuple[Floats, Floats]:
    """The outer and inner line (3 * STEPS + 1, 2) of one trouser leg, from the waist to the hem."""
    side, sign = ("left", 1) if left else ("right", -1)
    size = texels(body, garment)
    points = garment.keypoints
    outer, inner = known[f"hip_{side}"], known["crotch"]
    half = [
        float(np.hypot(*(points[f"{name}_outer_{side}"] - points[f"{name}_inner_{side}"]))) / 2 * size
        for name in ("knee", "hem")
    ]
    _, knee, ankle = leg_axis(body, left)
    joints = np.array([(outer + inner) / 2, knee, ankle + (ankle - knee) * FOOT_OVERLAP], np.float32)
    widths = np.array(
        [
            float(np.hypot(*(outer - inner))) / 2,
            max(half[0], KNEE_COVER * body.scale),
            max(half[1], ANKLE_COVER * body.scale),
        ],
        np.float32,
    )
    lines = bent(limb_of(joints, sign), np.column_stack([widths, widths]), (outer, inner), settle=0.95)
    share = np.linspace(0, 1, STEPS + 1, dtype=np.float32)[:-1, None]
    top_outer = known[f"waist_{side}"] + share * (outer - known[f"waist_{side}"])
    top_inner = known["waist_front"] + share * (inner - known["waist_front"])
    return np.concatenate([top_outer, lines[0]]), np.concatenate([top_inner, lines[1]])
