"""Where a hat and glasses go: three handles on the head, so that they turn and tilt with it."""

from __future__ import annotations

import numpy as np

from fitting import pose as at
from fitting.body import Body, unit
from fitting.garment import Garment
from fitting.pose import Floats

# Shares of the head's width (ear to ear), which is about 15 cm.
HEAD_CM = 15.0
HAT_RISE = 0.37  # the band sits this far above the eyes
HAT_WIDTH = 1.26  # of the band: a hat goes over the hair
EYE_SPAN_CM = 6.3  # the average distance of the pupils
GLASSES_DROP = 0.02


def head_axes(body: Body) -> tuple[Floats, Floats, float]:
    """Unit vectors across (to the wearer's left) and up the head, and its width as if unturned, in pixels.

    Turning the head shortens the distance of the ears, nodding that of eyes and mouth: the longer one is believed.
    """
    eyes = (body.point(at.LEFT_EYE) + body.point(at.RIGHT_EYE)) / 2
    mouth = (body.point(at.MOUTH_LEFT) + body.point(at.MOUTH_RIGHT)) / 2
    across = unit(body.point(at.LEFT_EYE) - body.point(at.RIGHT_EYE))
    ears = float(np.hypot(*(body.point(at.LEFT_EAR) - body.point(at.RIGHT_EAR))))
    face = float(np.hypot(*(eyes - mouth)))
    up = np.array([across[1], -across[0]], np.float32)
    return across, up, max(ears, 2.0 * face, 0.36 * body.scale)


def hat_targets(garment: Garment, body: Body) -> dict[str, Floats]:
    """Targets of a hat's band ends and crown."""
    across, up, width = head_axes(body)
    eyes = (body.point(at.LEFT_EYE) + body.point(at.RIGHT_EYE)) / 2
    ears = (body.point(at.LEFT_EAR) + body.point(at.RIGHT_EAR)) / 2
    band = garment.keypoints["band_left"] - garment.keypoints["band_right"]
    size = HAT_WIDTH * width / max(1.0, float(np.hypot(*band)))
    # The skull's middle lies between the eyes and the ears when the head turns.
    middle = eyes + up * HAT_RISE * width + across * 0.6 * float((ears - eyes) @ across)
    points = garment.keypoints
    centre = (points["band_left"] + points["band_right"]) / 2
    crown = points["crown_top"] - centre
    half = across * HAT_WIDTH * width / 2
    return {
        "band_left": middle + half,
        "band_right": middle - half,
        "crown_top": middle + across * float(crown[0]) * size - up * float(crown[1]) * size,
    }


def glasses_targets(garment: Garment, body: Body) -> dict[str, Floats]:
    """Targets of the lenses' middles and a point below the bridge."""
    across, up, width = head_axes(body)
    left, right = body.point(at.LEFT_EYE), body.point(at.RIGHT_EYE)
    points = garment.keypoints
    span = float(np.hypot(*(points["lens_left"] - points["lens_right"])))
    eyes = float(np.hypot(*(left - right)))
    full = width * EYE_SPAN_CM / HEAD_CM
    turned = min(1.0, max(0.35, eyes / max(full, 1.0)))
    size = full * span / garment.px_per_cm / EYE_SPAN_CM / max(span, 1.0)
    middle = (left + right) / 2 - up * GLASSES_DROP * width
    half = across * span * size / 2 * turned
    return {"lens_left": middle + half, "lens_right": middle - half, "temple": middle - up * span * size}
