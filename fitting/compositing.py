"""Drawing placed garments onto a frame: back layers, contact shadow, fronts, under whatever is in front of them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fitting.body import Body
from fitting.garment import Garment
from fitting.geometry import Placement
from fitting.hem import OwnHem
from fitting.light import Folds, Room, roundness
from fitting.occlusion import Cover, Occluders
from fitting.pose import Bytes, Floats
from fitting.raster import Layer, darken, draw, overlay
from fitting.window import Window, mask_in

# The contact shadow's height in body scales, its bound in pixels, and its depth (of 256).
SHADOW_DROP = 0.05
SHADOW_LIMIT = 14
SHADOW_STRENGTH = 100
BORDER = 4
ALIGN = 4  # the window's corners, in pixels of the person mask: it then shrinks by halves
SHADOW_BORDER = 26  # below the garment
# Free-hanging cloth stands off the shoulders by this much at most, and is free below this depth (torso lengths).
SHOULDER_DRAPE, FREE_BELOW = 0.07, 0.6
# The silhouette's soft edge is sharpened to a cut: below a fifth nothing shows, from half on everything.
CUT = np.clip((np.arange(256) - 48) * 4, 0, 255).astype(np.uint8)
# What is behind the person reaches under the silhouette's soft edge: else the room would show between.
SURE = np.clip((np.arange(256) - 160) * 4, 0, 255).astype(np.uint8)
HEADWEAR = ("hat", "glasses")
BACK_SHADE = 0.72  # the inside of the back lies in the neck's shadow


class Compositor:
    """Draws garments for one shopper; carries colour models and the room's light from frame to frame."""

    def __init__(self) -> None:
        self._occluders = Occluders()
        self._room = Room()
        self._memory = [np.empty(0, np.uint32)] * 3

    def steadied(self, frame: Bytes, body: Body, seconds: float) -> Body:
        """The body with hips that stay where the own top's hem is seen."""
        return self._occluders.wearer.steadied(frame, body, seconds)

    def forget(self) -> None:
        """Somebody else has come, whose top ends elsewhere; colours are learnt soon enough."""
        self._occluders.wearer.hem = OwnHem()

    def compose(
        self, frame: Bytes, body: Body, placements: Sequence[Placement], seconds: float, strength: float = 1.0
    ) -> tuple[Bytes, Bytes]:
        """A new frame with the garments (inner to outer) on it and their visible alpha (h, w).

        ``seconds`` since the last frame; ``strength`` 0..1 fades everything.
        """
        out, alpha = frame.copy(), np.zeros(frame.shape[:2], np.uint8)
        window = _window(placements, frame.shape).aligned(ALIGN * max(1, round(body.pose.scale)), frame.shape)
        if window.empty or strength <= 0:
            return out, alpha
        scene = _Scene(frame, body, window, self._room.look(frame, seconds))
        worn = [placement for placement in placements if placement.garment.kind not in HEADWEAR]
        back, front, head = self._layers(window)
        for placement in reversed(worn):
            if "back" in placement.places:
                inside = np.asarray(cv2.subtract(scene.clip(placement.garment), cv2.LUT(scene.person, SURE)), np.uint8)
                _draw(back, placement, ("back",), scene, inside, BACK_SHADE, inside)
        for placement in placements:
            layer, garment = head if placement.garment.kind in HEADWEAR else front, placement.garment
            clip = scene.clip(garment)
            free = garment.long_sleeved and garment.cut.drape is None
            _draw(
                layer, placement, placement.order, scene, clip, 1.0, scene.clip(garment, sleeves=True) if free else clip
            )
        sleeves = max((reach(placement.garment) for placement in worn), default=0.0)
        cover = self._occluders.find(frame, body, window, sleeves, seconds)
        view, mask, fade = window.of(out), window.of(alpha), round(256 * strength)
        hidden = cover.within(cover.front, window, hair=True)
        darken(view, _shadow(front, body), scene.person, hidden, front.pixels, round(SHADOW_STRENGTH * strength))
        overlay(view, back.pixels, back.first, back.last, hidden, mask, fade)
        overlay(view, front.pixels, front.first, front.last, hidden, mask, fade)
        for smear in cover.smears:
            smear.reveal(window.of(frame), view, front, hidden, mask, window, fade)
        _put(head, cover.arms, cover, window, view, mask, fade)
        return out, alpha

    def _layers(self, window: Window) -> list[Layer]:
        """Three clean layers of the window's size in memory that is kept: asking the system for it costs more."""
        height, width = window.y1 - window.y0, window.x1 - window.x0
        if self._memory[0].size < height * width:
            self._memory = [np.empty(height * width, np.uint32) for _ in self._memory]
        return [Layer(memory, height, width) for memory in self._memory]


def reach(garment: Garment) -> float:
    """How far a garment's sleeves cover the arm, in bones; 0 without sleeves."""
    if "sleeve_left" not in garment.parts:
        return 0.0
    return 2.0 if garment.long_sleeved else garment.cut.sleeve


class _Scene:
    """What every garment in one frame needs: the window, the person in it, the light."""

    def __init__(self, frame: Bytes, body: Body, window: Window, tint: Floats) -> None:
        self.body, self.window, self.tint = body, window, tint
        self.size = (window.x1 - window.x0, window.y1 - window.y0)
        self.person = mask_in(body, window, self.size)
        self.folds = Folds(frame, body, body.pose.mask)

    def clip(self, garment: Garment, *, sleeves: bool = False) -> Bytes:
        """How much of the garment's alpha each pixel may show: cloth ends where the person does, plus its drape.

        Free-hanging cloth is cut above the hips only, but its ``sleeves`` are around the arms wherever these are.
        """
        drape, body = garment.cut.drape, self.body
        if garment.kind in HEADWEAR or (drape is None and garment.kind == "skirt"):
            return np.full(self.person.shape, 255, np.uint8)
        margin = round((SHOULDER_DRAPE if drape is None else drape) * body.scale)
        if margin <= 0:
            return np.asarray(cv2.LUT(cv2.blur(self.person, (5, 5)), CUT), np.uint8)
        # So much wider than the person, a quarter of the size is fine enough.
        quarter = mask_in(body, self.window, (max(1, self.size[0] // 4), max(1, self.size[1] // 4)))
        size = 2 * max(1, round(margin / 4)) + 1
        grown = cv2.dilate(quarter, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
        if drape is None and not sleeves:
            waist = float((body.chest + body.down * FREE_BELOW * body.torso)[1]) - self.window.y0
            rows = np.arange(len(grown)) * 4 - waist
            free = np.clip(rows / (0.3 * body.scale) * 255, 0, 255).astype(np.uint8)
            grown = np.maximum(grown, free[:, None])
        return np.asarray(cv2.LUT(cv2.resize(grown, self.size), CUT), np.uint8)


def _window(placements: Sequence[Placement], shape: tuple[int, ...]) -> Window:
    places = [spots for placement in placements for spots in placement.places.values()]
    if not places:
        return Window(0, 0, 0, 0)
    low = np.clip(np.min([p.min(0) for p in places], axis=0) - BORDER, 0, [shape[1], shape[0]])
    high = np.max([p.max(0) for p in places], axis=0) + np.array([BORDER, SHADOW_BORDER])
    high = np.clip(high, 0, [shape[1], shape[0]])
    return Window(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _draw(
    layer: Layer,
    placement: Placement,
    names: Sequence[str],
    scene: _Scene,
    clip: Bytes,
    shade: float,
    sleeves: Bytes,
) -> None:
    corner = np.array([scene.window.x0, scene.window.y0], np.float32)
    folds = scene.folds.at([placement.places[name] for name in names])
    for name, fold in zip(names, folds, strict=True):
        part, places = placement.garment.parts[name], placement.places[name]
        texture = part.textures[_level(part.vertices, places)]
        bright = roundness(part, places, scene.body) * fold * np.float32(shade)
        draw(
            layer.pixels,
            layer.first,
            layer.last,
            texture.texels,
            places - corner,
            texture.uv,
            bright,
            part.drawn,
            sleeves if name.startswith("sleeve") else clip,
            scene.tint,
        )


def _put(layer: Layer, hidden: Bytes, cover: Cover, window: Window, view: Bytes, mask: Bytes, fade: int) -> None:
    """Puts a layer that fills a few rows over the picture; ``hidden`` is one of the cover's masks."""
    top, bottom = layer.rows
    if top < bottom:
        strip = Window(window.x0, window.y0 + top, window.x1, window.y0 + bottom)
        rows = slice(top, bottom)
        full = cover.within(hidden, strip)
        overlay(view[rows], layer.pixels[rows], layer.first[rows], layer.last[rows], full, mask[rows], fade)


def _level(texels: Floats, pixels: Floats) -> int:
    """The texture copy whose texels are about as large as the frame's pixels."""
    ratio = float(np.ptp(pixels[:, 1]) / max(1.0, float(np.ptp(texels[:, 1]))))
    return 0 if ratio > 0.7 else 1 if ratio > 0.35 else 2


def _shadow(front: Layer, body: Body) -> Bytes:
    """A soft shadow below the garment's edge, uint8 (h, w), from its alpha moved down."""
    height, width = front.pixels.shape
    small = np.ascontiguousarray(front.bgra[2::4, 2::4, 3])
    if not small.size:
        return np.zeros((height, width), np.uint8)
    drop = min(SHADOW_DROP * body.scale, SHADOW_LIMIT) / 4
    moved = cv2.warpAffine(small, np.array([[1, 0, 0], [0, 1, max(1.0, drop)]], np.float32), small.shape[::-1])
    return np.asarray(cv2.resize(cv2.blur(moved, (5, 5)), (width, height)), np.uint8)
