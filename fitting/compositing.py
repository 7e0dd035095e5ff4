"""Drawing placed garments onto a frame: back layers, contact shadow, fronts, under whatever is in front of them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fitting.body import Body
from fitting.garment import PYRAMID, Garment
from fitting.geometry import Placement
from fitting.light import Folds, Room, roundness
from fitting.occlusion import Occluders
from fitting.pose import Bytes, Floats
from fitting.raster import darken, draw, overlay
from fitting.window import Window, mask_in

# The contact shadow's height in body scales, its bound in pixels, and its depth (of 256).
SHADOW_DROP = 0.05
SHADOW_LIMIT = 14
SHADOW_STRENGTH = 100
BORDER = 4
SHADOW_BORDER = 26  # below the garment
# Free-hanging cloth stands off the shoulders by this much at most, and is free below this depth (torso lengths).
SHOULDER_DRAPE, FREE_BELOW = 0.07, 0.6
# The silhouette's soft edge is sharpened to a cut: alpha = gain x (mask - floor).
CLIP_FLOOR, CLIP_GAIN = np.uint8(48), 4.0
HEADWEAR = ("hat", "glasses")
BACK_SHADE = 0.72  # the inside of the back lies in the neck's shadow


class Compositor:
    """Draws garments for one shopper; carries colour models and the room's light from frame to frame."""

    def __init__(self) -> None:
        self._occluders = Occluders()
        self._room = Room()

    def compose(
        self, frame: Bytes, body: Body, placements: Sequence[Placement], seconds: float, strength: float = 1.0
    ) -> tuple[Bytes, Bytes]:
        """A new frame with the garments (inner to outer) on it and their visible alpha (h, w).

        ``seconds`` since the last frame; ``strength`` 0..1 fades everything.
        """
        out, alpha = frame.copy(), np.zeros(frame.shape[:2], np.uint8)
        window = _window(placements, frame.shape)
        if window.empty or strength <= 0:
            return out, alpha
        shape = (window.y1 - window.y0, window.x1 - window.x0)
        light = _Light(frame, body, self._room.look(frame, seconds))
        person = mask_in(body, window, (shape[1], shape[0]))
        worn = [placement for placement in placements if placement.garment.kind not in HEADWEAR]
        back, front, head = (np.zeros((*shape, 4), np.uint8) for _ in range(3))
        for placement in reversed(worn):
            if "back" in placement.places:
                inside = person
                if placement.garment.kind == "outer":  # worn open over other clothes, which hide its back
                    limit = _clip(placement.garment, body, person, window.y0)
                    inside = np.asarray(cv2.subtract(limit, person), np.uint8)
                _draw(back, placement, "back", window, light, inside, BACK_SHADE)
        for placement in placements:
            canvas = head if placement.garment.kind in HEADWEAR else front
            clip = _clip(placement.garment, body, person, window.y0)
            for name in placement.order:
                _draw(canvas, placement, name, window, light, clip, 1.0)
        sleeves = max((reach(placement.garment) for placement in worn), default=0.0)
        cover = self._occluders.find(frame, body, window, sleeves, headwear=len(worn) < len(placements))
        fade = round(256 * strength)
        view, mask = window.of(out), window.of(alpha)
        shadow = _shadow(front, body)
        covered = cv2.max(cover.front, cv2.extractChannel(front, 3))
        bare = np.asarray(cv2.subtract(person, covered), np.uint8)
        darken(view, shadow, bare, round(SHADOW_STRENGTH * strength))
        overlay(view, back, cover.neck, mask, fade)
        overlay(view, front, cover.front, mask, fade)
        if len(worn) < len(placements):
            overlay(view, head, cover.hands, mask, fade)
        return out, alpha


def reach(garment: Garment) -> float:
    """How far a garment's sleeves cover the arm, in bones; 0 without sleeves."""
    if "sleeve_left" not in garment.parts:
        return 0.0
    return 2.0 if garment.long_sleeved else garment.cut.sleeve


class _Light:
    def __init__(self, frame: Bytes, body: Body, tint: Floats) -> None:
        self.body, self.tint = body, tint
        self.folds = Folds(frame, body)


def _window(placements: Sequence[Placement], shape: tuple[int, ...]) -> Window:
    places = [spots for placement in placements for spots in placement.places.values()]
    if not places:
        return Window(0, 0, 0, 0)
    low = np.clip(np.min([p.min(0) for p in places], axis=0) - BORDER, 0, [shape[1], shape[0]])
    high = np.max([p.max(0) for p in places], axis=0) + np.array([BORDER, SHADOW_BORDER])
    high = np.clip(high, 0, [shape[1], shape[0]])
    return Window(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _clip(garment: Garment, body: Body, person: Bytes, top: int) -> Bytes:
    """How much of the garment's alpha each pixel may show: cloth ends where the person does, plus its drape.

    Free-hanging cloth is cut above the hips only. ``top`` is the window's first row in the frame.
    """
    drape = garment.cut.drape
    if garment.kind in HEADWEAR or (drape is None and garment.kind == "skirt"):
        return np.full(person.shape, 255, np.uint8)
    grown = person
    margin = round((SHOULDER_DRAPE if drape is None else drape) * body.scale)
    if margin > 0:
        quarter = cv2.resize(person, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        size = 2 * max(1, round(margin / 4)) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        grown = np.asarray(cv2.resize(cv2.dilate(quarter, kernel), person.shape[::-1]), np.uint8)
    if drape is None:
        waist = float((body.chest + body.down * FREE_BELOW * body.torso)[1]) - top
        free = np.clip((np.arange(person.shape[0]) - waist) / (0.3 * body.scale) * 255, 0, 255).astype(np.uint8)
        grown = np.maximum(grown, free[:, None])
    soft = cv2.blur(grown, (5, 5))
    # Half covered is the edge; below a fifth nothing shows.
    return np.asarray(cv2.convertScaleAbs(np.maximum(soft, CLIP_FLOOR) - CLIP_FLOOR, alpha=CLIP_GAIN), np.uint8)


def _draw(
    canvas: Bytes, placement: Placement, name: str, window: Window, light: _Light, clip: Bytes, shade: float
) -> None:
    part = placement.garment.parts[name]
    places = placement.places[name]
    bright = roundness(part, places, light.body) * light.folds.at(places) * np.float32(shade)
    level = _level(part.vertices, places)
    uv = (part.vertices - part.offset) * np.float32(PYRAMID[level])
    spots = places - np.array([window.x0, window.y0], np.float32)
    draw(
        canvas,
        part.textures[level],
        np.ascontiguousarray(spots, np.float32),
        np.ascontiguousarray(uv, np.float32),
        np.ascontiguousarray(bright, np.float32),
        part.triangles,
        clip,
        light.tint,
    )


def _level(texels: Floats, pixels: Floats) -> int:
    """The texture copy whose texels are about as large as the frame's pixels."""
    ratio = float(np.ptp(pixels[:, 1]) / max(1.0, float(np.ptp(texels[:, 1]))))
    return 0 if ratio > 0.7 else 1 if ratio > 0.35 else 2


def _shadow(front: Bytes, body: Body) -> Bytes:
    """A soft shadow below the garment's edge, uint8 (h, w), from its alpha moved down."""
    height, width = front.shape[:2]
    small = cv2.resize(
        cv2.extractChannel(front, 3), (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_NEAREST
    )
    drop = min(SHADOW_DROP * body.scale, SHADOW_LIMIT) / 4
    moved = cv2.warpAffine(small, np.array([[1, 0, 0], [0, 1, max(1.0, drop)]], np.float32), small.shape[::-1])
    return np.asarray(cv2.resize(cv2.blur(moved, (5, 5)), (width, height)), np.uint8)
