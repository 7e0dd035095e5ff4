"""Where the handles of a top, coat or dress go on a body: shoulders, neck, armpits and side seams."""

from __future__ import annotations

import math

import numpy as np

from fitting.body import Arm, Body, ease_in_out, unit
from fitting.garment import SLOPES, Garment
from fitting.pose import Floats
from fitting.silhouette import Silhouette

# The average adult's distances between MediaPipe's shoulder joints, and from them to the hip joints (MakeHuman bodies).
SHOULDERS_CM = 34.0
TORSO_CM = 52.0

# Places on the body, in body scales (shoulder widths) or torso lengths; fitted on generated people, not on test data.
NECK_RISE = 0.17
NECK_SHIFT = 0.14  # the neck moves this far across at a quarter turn
FRONT_SHIFT = 0.11
ARMPIT_DROP = 0.40
ARMPIT_RISE = 0.08  # of a raised arm
SHOULDER_EASE = 0.015
# Half widths of an average torso at these depths: armpit, waist, hips.
DEPTHS = (0.30, 0.74, 1.045)
HALF_WIDTHS = (0.49, 0.52, 0.515)
FLATNESS = 0.68  # depth of the torso from front to back as a share of its width
SLOPE_DEPTH = 0.15
SLOPE_RISE, SLOPE_SWING = 0.03, 0.09
SLOPE_EASE = 0.04  # beside a collar the cloth's edge bends more sharply than the mesh: laid over and cut there
# Where the outline is free of arms, cloth is laid this far over it, in body scales, and cut at the silhouette.
FREE_EDGE = 0.015
UNDER_ARM = 0.08
# A hem's handles over that of the wearer's own top (cloth hangs a little below them), and by how much at most a hem is
# let down for it, in torso lengths.
HEM_OVER, LET_DOWN = -0.02, 0.10
# A trunk seen from the side reaches at most this many times as far forward from its joints' middle as an average one is
# wide.
WIDEST_FRONT = 1.75
HAND_ABOVE = 0.12  # the far forearm and hand stand out from so far above the wrist, in torso lengths
BUST = (0.24, 0.32, ARMPIT_DROP)  # depths at which it is looked how far it does above the armpit
LOWEST_RAY = 0.97  # below, hands and legs confuse the silhouette


def texels(body: Body, garment: Garment) -> float:
    """Pixels of the frame a texel of the garment, on an unturned body of the average build."""
    return body.scale / SHOULDERS_CM / garment.px_per_cm


def torso_targets(garment: Garment, body: Body, silhouette: Silhouette) -> dict[str, Floats]:
    """Target places (2,) of every handle of a sleeved garment or dress, in the frame's pixels."""
    scale, sine = body.scale, math.sin(body.yaw)
    size = texels(body, garment)
    targets: dict[str, Floats] = {}
    for arm, side in zip(body.arms, ("right", "left"), strict=True):
        targets[f"shoulder_{side}"] = _shoulder(arm, body, silhouette)
        targets[f"armpit_{side}"] = _armpit(arm, body, silhouette, garment.cut.ease)
        calm = 1 - 0.25 * ease_in_out(arm.lift + 0.45)
        targets[f"neck_{side}"] = (
            body.chest
            + body.across * (arm.side * garment.cut.neck * body.shoulders + NECK_SHIFT * scale * sine)
            + body.up * NECK_RISE * scale * calm
        )
    neck = (targets["neck_left"] + targets["neck_right"]) / 2
    points = garment.keypoints
    if "neck_front" in points and "neck_left" in points:
        line = float(points["neck_left"][1] + points["neck_right"][1]) / 2
        drop = (float(points["neck_front"][1]) - line) * size
        sway = (FRONT_SHIFT - NECK_SHIFT) * scale * sine
        targets["neck_front"] = neck + body.down * drop + body.across * sway
        if "neck_back" in points:
            targets["neck_back"] = neck + body.up * (line - float(points["neck_back"][1])) * size
            targets |= _slopes(targets, body, silhouette)
    targets |= _rows(garment, body, silhouette)
    return targets


def _slopes(targets: dict[str, Floats], body: Body, silhouette: Silhouette) -> dict[str, Floats]:
    """The shoulder line between neck and shoulder tip, where the silhouette shows it."""
    names = [(name, side) for name in SLOPES for side in ("left", "right")]
    shares = np.array([SLOPES[name] for name, _ in names], np.float32)
    ends = ("neck", "shoulder")
    necks, tips = (np.array([targets[f"{end}_{side}"] for _, side in names], np.float32) for end in ends)
    depth, swing = SLOPE_DEPTH * body.scale, SLOPE_SWING * body.scale
    origins = necks + shares[:, None] * (tips - necks) + body.down * depth
    usual = depth + 4 * shares * (1 - shares) * SLOPE_RISE * body.scale
    found = silhouette.reach(origins, body.up, usual - swing, usual + swing, usual, arms=True)
    found = np.where(found >= usual + swing - 1e-3, usual, found)  # hair or a raised arm: no shoulder line to see
    return {
        f"{name}_{side}": origin + body.up * (reach + SLOPE_EASE * body.scale)
        for (name, side), origin, reach in zip(names, origins, found, strict=True)
    }


def _shoulder(arm: Arm, body: Body, silhouette: Silhouette) -> Floats:
    """The tip of the shoulder seam: on the outer side of the arm, wherever the arm points, and above the joint."""
    scale = body.scale
    outer = body.across * arm.side
    bone = unit(arm.elbow - arm.shoulder)
    turned = arm.side * np.array([bone[1], -bone[0]], np.float32)
    lifted = ease_in_out(arm.lift + 0.45)
    direction = unit((outer * (1 - lifted) + turned * lifted) * 0.75 + body.up * 0.66)
    found = silhouette.reach(
        arm.shoulder[None], direction, _one(0.08 * scale), _one(0.26 * scale), _one(0.15 * scale), arms=True
    )
    return np.asarray(arm.shoulder + direction * (float(found[0]) + SHOULDER_EASE * scale), np.float32)


def _armpit(arm: Arm, body: Body, silhouette: Silhouette, ease: float) -> Floats:
    scale = body.scale
    origin = body.chest + body.down * ARMPIT_DROP * body.torso
    out = body.across * arm.side
    half = abs(float((arm.shoulder - body.chest) @ body.across))
    usual = 0.98 * half
    raised = ease_in_out((arm.lift + 0.75) / 0.6)
    low, high = _one(0.6 * half), _one(1.45 * max(half, 0.3 * scale))
    found = silhouette.reach(origin[None], out, low, high, _one(usual), arms=raised > 0.3)
    reach = usual * (1 - raised) + float(found[0]) * raised
    turned = turn(body)
    if turned > 0:  # a turned body's arms lie over its outline: cutting them away would cut the body
        usual = half_width(body, ARMPIT_DROP)
        found = silhouette.reach(origin[None], out, _one(0.7 * usual), _one(1.25 * usual), _one(usual), arms=True)
        reach = reach * (1 - turned) + float(found[0]) * turned
        if silhouette.sideways > 0 and arm.side * body.yaw > 0:
            reach += silhouette.sideways * (_bust(arm, body, silhouette, usual) - reach)
    return np.asarray(origin + out * (reach + ease * scale) + body.up * ARMPIT_RISE * scale * raised, np.float32)


def _bust(arm: Arm, body: Body, silhouette: Silhouette, usual: float) -> float:
    """How far forward the armpit of a body seen from the side goes, so that cloth from the shoulder to it covers all
    between: what lies beyond the silhouette is cut."""
    depths = np.array(BUST, np.float32)
    origins = body.chest + depths[:, None] * body.torso * body.down
    out = body.across * arm.side
    low, high = (np.full(len(depths), share * usual, np.float32) for share in (0.7, WIDEST_FRONT))
    found = silhouette.reach(origins, out, low, high, low, profile=True)
    joint = float((arm.shoulder - body.chest) @ out)
    return float((joint + (found - joint) * ARMPIT_DROP / depths).max())


def _rows(garment: Garment, body: Body, silhouette: Silhouette) -> dict[str, Floats]:
    """The side seams' handles, and the middle of the hem."""
    points = garment.keypoints
    count = sum(1 for name in garment.handles if name.startswith("side_") and name.endswith("_left"))
    start = float(points["armpit_left"][1] + points["armpit_right"][1]) / 2
    ends = [float(points[f"side_{i}_left"][1]) for i in range(1, count + 1)]
    length = (ends[-1] - start) / garment.px_per_cm / TORSO_CM
    hem = garment.cut.hem if garment.cut.hem is not None else ARMPIT_DROP + length
    hem = covering(hem, body.own_hem) + garment.cut.longer
    depths = np.array([ARMPIT_DROP + (hem - ARMPIT_DROP) * (y - start) / (ends[-1] - start) for y in ends], np.float32)
    widths = side_reach(body, silhouette, depths, 0.0 if garment.cut.drape is None else FREE_EDGE)
    flare = _flare(garment, depths)
    centres = body.chest + depths[:, None] * body.torso * body.down
    level = levels(body, depths)
    targets = {}
    for index, (side, sign) in enumerate((("right", -1), ("left", 1))):
        reach = widths[index] * flare + garment.cut.ease * body.scale
        for i in range(count):
            targets[f"side_{i + 1}_{side}"] = np.asarray(centres[i] + level[i] * sign * reach[i], np.float32)
    last = (targets[f"side_{count}_left"] + targets[f"side_{count}_right"]) / 2
    targets["hem_front"] = np.asarray(last + body.down * 0.01 * body.scale, np.float32)
    return targets


def covering(hem: float, own: float | None) -> float:
    """A hem's depth, let down over that of the wearer's own top where this one ends little lower, in torso lengths.

    The hips are known to about as much, and move with the arms. A top that is clearly longer is left to show.
    """
    if own is None:
        return hem
    missing = own + HEM_OVER - hem
    return hem + max(0.0, min(missing, LET_DOWN, 2 * LET_DOWN - missing))


def _flare(garment: Garment, depths: Floats) -> Floats:
    """How much wider each row is than at the hips: only below them, as cut in the picture."""
    points = garment.keypoints
    own = np.array(
        [points[f"side_{i + 1}_left"][0] - points[f"side_{i + 1}_right"][0] for i in range(len(depths))], np.float32
    )
    hips = float(np.interp(1.0, depths, own))
    return np.where(depths > 1.0, np.maximum(own / max(hips, 1.0), 0.8), 1.0).astype(np.float32)


def turn(body: Body) -> float:
    """0 for a body that faces the camera, 1 from about 45 degrees on."""
    return ease_in_out((abs(body.yaw) - 0.45) / 0.35)


def levels(body: Body, depths: Floats) -> Floats:
    """Unit vectors (n, 2) across the body at depths in torso lengths: along the shoulders, then along the hips."""
    share = np.clip(depths, 0, 1)[:, None]
    mixed = body.across * (1 - share) + body.across_hips * share
    return np.asarray(mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-3), np.float32)


def half_width(body: Body, depth: float) -> float:
    """An average torso's apparent half width at a depth below the shoulders, in pixels."""
    wide = float(np.interp(depth, DEPTHS, HALF_WIDTHS)) * body.scale
    return wide * math.hypot(math.cos(body.yaw), FLATNESS * math.sin(body.yaw))


def side_reach(body: Body, silhouette: Silhouette, depths: Floats, edge: float) -> Floats:
    """The body's half widths (2, n) to the right and left at depths in torso lengths; ``edge`` is added, in body
    scales, where the outline is free of arms."""
    count = len(depths)
    rays = np.minimum(depths, LOWEST_RAY)
    origins = (body.chest + rays[:, None] * body.torso * body.down).astype(np.float32)
    usual = np.array([half_width(body, float(d)) for d in depths], np.float32)
    both = np.concatenate([origins, origins])
    level = levels(body, depths)
    out = np.concatenate([-level, level])
    usual2 = np.concatenate([usual, usual])
    found = silhouette.reach(both, out, usual2 * 0.75, usual2 * 1.35, usual2)
    whole = silhouette.reach(both, out, usual2 * 0.75, usual2 * 1.35, usual2, arms=True)
    free = (np.abs(whole - found) < 0.02 * body.scale) & (whole < usual2 * 1.349)
    turned = turn(body)
    if turned > 0:
        # An arm before a turned body hides its outline: the average body's width says more than the arm's edge.
        found = np.where(free, found, found * (1 - turned) + np.minimum(whole, usual2) * turned)
    if silhouette.sideways > 0:  # towards the front nothing but an arm that is held out hides the outline
        front = slice(0, count) if body.yaw < 0 else slice(count, None)
        high = usual * WIDEST_FRONT
        ahead = silhouette.reach(origins, out[front], usual * 0.75, high, high, profile=True)
        far = body.arms[0 if body.yaw < 0 else 1]
        above = depths < float((far.wrist - body.chest) @ body.down) / body.torso - HAND_ABOVE
        if above.any():  # the far hand comes forth before the hips
            ahead[~above] = np.minimum(ahead[~above], ahead[above][-1])
        seen = ahead < high * 0.999
        found[front] = np.where(seen, found[front] + silhouette.sideways * (ahead - found[front]), found[front])
        free[front] |= seen & (silhouette.sideways > 0.5)
    # Beside a hanging arm cloth goes on under it: the arm is kept in front of it.
    beyond = np.where(free, edge, UNDER_ARM if edge else 0.0) * body.scale
    return np.asarray(found + beyond, np.float32).reshape(2, count)


def _one(value: float) -> Floats:
    return np.array([value], np.float32)
