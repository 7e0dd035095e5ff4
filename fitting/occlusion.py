"""What lies in front of the garment: head, hair, bare arms and hands, by shape and by learnt colours."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from fitting import pose as at
from fitting.bare import BareArm
from fitting.body import Body
from fitting.colours import Palette, encode, evidence, overlap
from fitting.head import Head
from fitting.pose import Bytes, Floats
from fitting.window import Canvas, Window, mask_in, shrunk

# Occluders are searched in a picture of about this width: finer brings nothing but time.
SEARCH_WIDTH = 320
# Arms that the tracker does not see are not looked for.
LEAST_VISIBLE = 0.2
# Colours decide where the arm's and the clothes' colours overlap less than this.
TELLABLE = 0.45
# Colours are learnt from the first frames and then from every third: they change with the light, not with motion.
FIRST_LESSONS, LESSON_EVERY = 4, 3
# Log odds that skin's colour must have for it beyond even.
HAND_DOUBT = 0.3
# Hair begins where colours are sure (in prints and dark clothes there is always some that might be), and ends at its
# blurred edge, where most of what surrounds a lock speaks against it.
HAIR_SURE, HAIR_EDGE = 0.7, -1.9


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """What hides cloth: ``front`` all that does, ``neck`` what hides the back's inside, ``hands`` hands and arms alone.

    Masks at the size of the search; ``whole`` is the part of the frame that they show.
    """

    front: Bytes
    neck: Bytes
    hands: Bytes
    whole: Window


class Occluders:
    """Finds what hides the garment; carries the wearer's colours from frame to frame."""

    def __init__(self) -> None:
        self._cloth, self._face, self._hair = Palette(), Palette(), Palette()
        self._arm, self._hand, self._legs = Palette(), Palette(), Palette()
        self._frames = 0
        self._long_hair: float | None = None
        self._hair_shown = False

    def find(self, frame: Bytes, body: Body, window: Window, sleeves: float) -> Cover:
        """The cover of at least ``window``.

        ``sleeves``: how far the worn sleeves cover the arms, in bones (0.7: a short sleeve, 2: to the wrist).
        """
        head = Head(body)
        step = max(2, round(max(frame.shape[:2]) / SEARCH_WIDTH))
        wide = Window(
            max(0, int(min(window.x0, head.centre[0] - head.size))),
            max(0, int(min(window.y0, head.top[1] - 0.4 * head.size))),
            min(frame.shape[1], int(max(window.x1, head.centre[0] + head.size))),
            window.y1,
        ).aligned(step, frame.shape)
        canvas = Canvas(wide, step)
        size = (canvas.shape[1], canvas.shape[0])
        small = shrunk(wide.of(frame), size)
        person = mask_in(body, wide, size) > 127
        codes = encode(small)
        skull, neck = head.shapes(canvas)
        arms = [BareArm(arm, body, canvas, sleeves) for arm in body.arms if arm.visible >= LEAST_VISIBLE]
        if self._frames < FIRST_LESSONS or self._frames % LESSON_EVERY == 0:
            self._learn(codes, person, body, head, canvas, skull, arms)
        self._frames += 1
        front = skull.copy()
        front |= self._find_hair(codes, person, body, head, canvas, skull)
        limbs = canvas.blank()
        for arm in arms:
            limbs |= self._find_arm(codes, person, arm)
        front |= limbs
        neck |= self._find_neck(codes, body, head, canvas)
        outside = ~person
        for mask in (front, limbs, neck):
            mask[outside] = 0
        neck |= skull
        return Cover(front, neck, limbs, wide)

    def _learn(
        self,
        codes: npt.NDArray[np.uint16],
        person: npt.NDArray[np.bool_],
        body: Body,
        head: Head,
        canvas: Canvas,
        skull: Bytes,
        arms: list[BareArm],
    ) -> None:
        chest = canvas.blank()
        for shape in (((0.36, 0.28), (0.34, 0.88)), ((0.12, 0.12), (0.12, 0.30))):
            (wide, top), (narrow, bottom) = shape
            corners = ((-wide, top), (wide, top), (narrow, bottom), (-narrow, bottom))
            canvas.polygon(
                chest, [body.chest + body.across * u * body.shoulders + body.down * d * body.torso for u, d in corners]
            )
        for arm in body.arms:
            canvas.line(chest, arm.shoulder, arm.elbow, 0.30 * body.scale, 0)
            canvas.line(chest, arm.elbow, arm.wrist, 0.34 * body.scale, 0)
        for found in arms:
            chest[found.hand_reach > 0] = 0
        self._cloth.learn(codes[(chest > 0) & person], 60)
        thighs = canvas.blank()
        for hip, knee in ((at.LEFT_HIP, at.LEFT_KNEE), (at.RIGHT_HIP, at.RIGHT_KNEE)):
            start, end = body.point(hip), body.point(knee)
            canvas.line(thighs, start + (end - start) * 0.2, start + (end - start) * 0.7, 0.12 * body.scale)
        for found in arms:
            thighs[found.hand_reach > 0] = 0
        self._legs.learn(codes[(thighs > 0) & person], 60)
        self._face.learn(codes[(head.face(canvas) > 0) & person], 20)
        self._hair.learn(codes[(head.crown(canvas) > 0) & person], 30)
        free = person & (skull == 0)
        for found in arms:
            self._arm.learn(codes[(found.core > 0) & free], 30)
            hand = codes[(found.hand_core > 0) & free]
            if self._face.share is not None and hand.size:
                skin = self._face.share[hand] > 1e-4
                self._hand.learn(hand[skin] if skin.mean() > 0.3 else hand, 30)

    def _find_hair(
        self,
        codes: npt.NDArray[np.uint16],
        person: npt.NDArray[np.bool_],
        body: Body,
        head: Head,
        canvas: Canvas,
        skull: Bytes,
    ) -> Bytes:
        """Long hair that hangs before the shoulders: hair's colour, joined to the head, below it on either side."""
        hair, cloth, face = self._hair, self._cloth, self._face
        nothing = canvas.blank()
        if hair.share is None or cloth.share is None or face.share is None:
            return nothing
        if hair.overlap(cloth) > TELLABLE or hair.overlap(face) > 0.6:
            self._hair_shown = False
            return nothing
        where = canvas.blank()
        ear_line = head.centre + body.up * 0.3 * head.size
        canvas.polygon(
            where,
            [
                ear_line - body.across * 0.62 * head.size,
                ear_line + body.across * 0.62 * head.size,
                body.chest + body.across * 0.5 * body.shoulders + body.down * 0.55 * body.torso,
                body.chest - body.across * 0.5 * body.shoulders + body.down * 0.55 * body.torso,
            ],
        )
        # A dark strap or a necklace hangs in the middle, hair at the sides.
        if abs(body.yaw) < 0.3:
            low = head.chin - head.up * 0.45 * head.size
            canvas.line(where, low, low + body.down * body.torso, 0.3 * head.size, 0)
        table = evidence(hair.share, np.maximum(cloth.share, 0.4 * face.share))
        score = np.where((where > 0) & person, table[codes], -4).astype(np.float32)
        blurred = cv2.blur(score, (3, 3))
        found = (blurred > HAIR_SURE).astype(np.uint8) * 255
        found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
        beside = 0.0
        for side in (-1.0, 1.0):
            strip = canvas.blank()
            start = head.chin + body.across * side * 0.50 * head.size + head.up * 0.30 * head.size
            end = head.chin + body.across * side * 0.62 * head.size - head.up * 0.10 * head.size
            canvas.line(strip, start, end, 0.22 * head.size)
            inside = strip > 0
            beside = max(beside, float((found[inside] > 0).sum()) / max(1, int(inside.sum())))
        self._long_hair = beside if self._long_hair is None else self._long_hair + 0.2 * (beside - self._long_hair)
        self._hair_shown = self._long_hair > (0.15 if self._hair_shown else 0.25)
        if not self._hair_shown:
            return nothing
        grown = np.ones((3, 3), np.uint8)
        sure = _joined(found, np.asarray(cv2.dilate(skull, grown), np.uint8))
        return np.where(blurred > HAIR_EDGE, cv2.dilate(sure, grown), sure).astype(np.uint8)

    def _find_neck(self, codes: npt.NDArray[np.uint16], body: Body, head: Head, canvas: Canvas) -> Bytes:
        """The neck's and shoulders' skin and hair: always in front of the inside of a collar."""
        if self._face.share is None or self._cloth.share is None:
            return canvas.blank()
        where = canvas.blank()
        low = body.chest + body.down * 0.1 * body.scale
        canvas.polygon(
            where,
            [
                head.chin - body.across * 0.45 * head.size,
                head.chin + body.across * 0.45 * head.size,
                low + body.across * 0.45 * body.scale,
                low - body.across * 0.45 * body.scale,
            ],
        )
        table = evidence(self._face.share, self._cloth.share)
        if self._hair.share is not None and self._hair.overlap(self._cloth) < TELLABLE:
            table = np.maximum(table, evidence(self._hair.share, self._cloth.share))
        score = np.where(where > 0, table[codes], -4).astype(np.float32)
        return (cv2.blur(score, (3, 3)) > 0.2).astype(np.uint8) * 255

    def _find_arm(self, codes: npt.NDArray[np.uint16], person: npt.NDArray[np.bool_], arm: BareArm) -> Bytes:
        """A bare forearm and its hand: a prior from the shape and the evidence of colours, added as log odds."""
        cloth, face = self._cloth.share, self._face.share
        nothing = np.zeros(codes.shape, np.uint8)
        if cloth is None or face is None:
            return nothing if arm.behind else (arm.flesh | arm.hand_core).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(cv2.max(arm.reach, arm.hand_reach))
        box = np.s_[max(0, y - 2) : y + height + 2, max(0, x - 2) : x + width + 2]
        codes, core, hand_core = codes[box], arm.core[box], arm.hand_core[box]
        if codes.size == 0:
            return nothing
        score = np.full(codes.shape, -4, np.float32)
        if self._arm.share is not None and core.any():
            told = min(1.0, max(0.0, (TELLABLE + 0.15 - overlap(self._arm.share, cloth)) / 0.3))
            if arm.behind and told < 1:
                return nothing
            table = (told * evidence(np.maximum(self._arm.share, 0.3 * face), cloth)).astype(np.float32)
            # What shows of an arm behind the body has skin's colour; one in front may have the sleeve's.
            prior = np.float32(-0.8) if arm.behind else _prior(core, arm.flesh[box], told)
            score = np.where(arm.reach[box] > 0, prior + table[codes], score)
        if self._hand.share is not None:
            skin = 0.6 * self._hand.share + 0.4 * face
            hand = evidence(skin, cloth)[codes]
            if self._legs.share is not None:  # trousers may have skin's colour; above the hips they do not matter
                below = evidence(skin, np.maximum(cloth, self._legs.share))[codes]
                hand = np.where(arm.low[box] > 0, below, hand)
            score = np.maximum(score, np.where(arm.hand_reach[box] > 0, hand - HAND_DOUBT, -4))
        else:
            score = np.where(hand_core > 0, 2.0, score)
        found = ((cv2.blur(score, (3, 3)) > 0.2) & person[box]).astype(np.uint8) * 255
        found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
        nothing[box] = _joined(found, core | hand_core)
        return nothing


def _prior(core: Bytes, flesh: Bytes, told: float) -> Floats:
    """Log odds of an arm by shape alone: sure in its middle; where colours tell nothing, its usual width counts."""
    return np.where(core > 0, 3.0, np.where(flesh > 0, 0.9 - 0.9 * told, -0.8)).astype(np.float32)


def _joined(found: Bytes, seed: Bytes) -> Bytes:
    """The pieces of ``found`` that touch ``seed``."""
    count, labels = cv2.connectedComponents(found, connectivity=8)
    keep = np.zeros(count, np.uint8)
    keep[np.unique(labels[seed > 0])] = 255
    keep[0] = 0
    return np.asarray(keep[labels], np.uint8)
