"""What lies in front of the garment: head, hair, bare arms and hands, by shape and by learnt colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from fitting.bare import BareArm, BareHand
from fitting.body import Arm, Body
from fitting.colours import encode, weigh
from fitting.hair import LongHair
from fitting.head import Head
from fitting.hemline import LOWEST
from fitting.matte import filled, matte, without_lines
from fitting.pace import Pace
from fitting.pose import Bytes, Floats
from fitting.smear import Smear, smears
from fitting.wearer import UNTOLD, Wearer
from fitting.window import Canvas, Patch, Window, around, enlarged, inside, joined, mask_in, shrunk

# Occluders are searched in a picture of about this width; hands and hair, whose fingers and locks are thin, in one of
# twice the size.
SEARCH_WIDTH = 320
# Colours are learnt from the first frames and then from every third: they change with the light, not with motion.
FIRST_LESSONS, LESSON_EVERY = 4, 3
# Blurred log odds from which on a pixel is skin: mixed pixels on its edge are, for a cut finger looks worse than a rim.
SURE = -0.7
# The same where the arm's colours are no cloth's.
SURE_TOLD = -1.1
# How much less is enough for a hand whose colours no cloth shares: where they share this much, all of SURE is needed.
HAND_EASE, HAND_SHARED = 0.9, 0.3
# And how much more is needed of a hand far from where it was tracked, the second times what they share.
FAR_DOUBT, FAR_SHARED = np.float32(1.0), np.float32(20.0)
# Log odds of the arm's colours from which on a part of it shows them.
ARM_SHOWS = 0.5
# Log odds of an arm far from where it was tracked, by shape alone.
FAR_PRIOR = -1.6
# An arm is known to be bare where it was to this degree, with this share of a new frame; it is lost where less of its
# middle shows.
KNOWN_BARE, BARE_RATE, LOST = 0.7, 0.1, 0.3
SMALL = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """What hides cloth: ``front`` the head and forearms, ``arms`` forearms.

    Masks at the size of the search; ``whole`` is the part of the frame that they show. ``hands`` and long ``hair`` are
    finer. ``smears``: through which quick hands the cloth shows.
    """

    front: Bytes
    arms: Bytes
    hands: Sequence[Patch]
    hair: Sequence[Patch]
    smears: Sequence[Smear]
    whole: Window

    def within(self, mask: Bytes, window: Window, hair: bool = False) -> Bytes:
        """One of the masks, the hands, and long hair if it is asked for, at full size inside a window."""
        full = enlarged(mask, self.whole, window)
        for patch in (*self.hands, *(self.hair if hair else ())):
            common = patch.window.common(window)
            if not common.empty:
                place = common.of(full, window)
                np.maximum(place, enlarged(patch.mask, patch.window, common), out=place)
        return full


class Occluders:
    """Finds what hides the garment; carries the wearer's colours from frame to frame."""

    def __init__(self) -> None:
        self.wearer = Wearer()
        self._frames = 0
        self._bareness: dict[int, float] = {}  # how much of an arm's middle showed its colours lately, by side
        self._hair = LongHair(self.wearer)
        self._pace = Pace()

    def find(self, frame: Bytes, body: Body, window: Window, sleeves: float, seconds: float) -> Cover:
        """The cover of at least ``window``, ``seconds`` after the last.

        ``sleeves``: how far the worn sleeves cover the arms, in bones (0.7: a short sleeve, 2: to the wrist).
        """
        head = Head(body)
        step = max(2, round(max(frame.shape[:2]) / SEARCH_WIDTH))
        wide = Window(
            max(0, int(min(window.x0, head.centre[0] - head.size))),
            max(0, int(min(window.y0, head.top[1] - 0.4 * head.size))),
            min(frame.shape[1], int(max(window.x1, head.centre[0] + head.size))),
            max(window.y1, min(frame.shape[0], int((body.chest + body.down * LOWEST * body.torso)[1]))),
        ).aligned(step, frame.shape)
        canvas = Canvas(wide, step)
        size = (canvas.shape[1], canvas.shape[0])
        picture = shrunk(wide.of(frame), size)
        codes = encode(picture)
        person = inside(mask_in(body, wide, size))
        skull = head.skull(canvas)
        seen = [arm for arm in body.arms if arm.seen]
        arms = [BareArm(arm, body, canvas, sleeves) for arm in seen]
        lesson = self._frames < FIRST_LESSONS or self._frames % LESSON_EVERY == 0
        if lesson:
            self.wearer.learn(codes, person > 0, body, head, canvas, skull, arms)
        self._frames += 1
        limbs = canvas.blank()
        for arm in arms:
            np.maximum(limbs, self._find_arm(picture, codes, person, arm, canvas.at(_belt(body))[1]), out=limbs)
        front = skull | limbs
        hands = [self._find_hand(frame, body, arm, window, step // 2, sleeves) for arm in seen]
        found = [hand for hand in hands if hand]
        hair = self._hair.find(frame, body, head, step // 2, lesson)
        return Cover(
            front & person,
            limbs & person,
            found,
            [hair] if hair else [],
            smears(picture, canvas, body, self._pace.look(body, seconds), (limbs, found), person, skull),
            wide,
        )

    def _find_arm(self, picture: Bytes, codes: npt.NDArray[np.uint16], person: Bytes, arm: BareArm, belt: int) -> Bytes:
        """A bare forearm: a prior from the shape and the evidence of colours, added as log odds.

        Below the row ``belt`` it is told from the trousers, too.
        """
        wearer, nothing = self.wearer, np.zeros(codes.shape, np.uint8)
        if not wearer.known:
            return nothing if arm.behind else arm.flesh
        clear = wearer.told == 1 and not arm.behind
        where, least = (arm.reach | arm.far, SURE_TOLD) if clear else (arm.reach, SURE)
        box = around(where)
        core = arm.core[box]
        if wearer.arm is None or wearer.arm_low is None or not core.any() or (arm.behind and wearer.told < 1):
            return nothing
        score = _weigh_parts(codes[box], where[box] & person[box], (wearer.arm, wearer.arm_low), belt - box[0].start)
        if arm.behind:  # what shows of it has skin's colour; one in front may have the sleeve's
            skin, prior = np.ones(core.shape, np.bool_), np.full(core.shape, -0.8, np.float32)
        else:
            bare = _bare(score, core, arm.width)
            lost = self._lost(arm, score, core, bare)
            skin = ~_sleeved(score, arm.upper[box] & person[box], arm.width)
            prior = _prior(core, arm.flesh[box], wearer.told * bare)
            if lost is not None:
                prior[lost & (core > 0)] = 0
                bare[lost] = 1
                skin |= lost
            prior += (1 - bare) * (least - SURE)
            score[where[box] > 0] *= bare[where[box] > 0]
        prior[arm.reach[box] == 0] = FAR_PRIOR
        score += prior
        found = np.asarray(cv2.morphologyEx(_sure(score, least), cv2.MORPH_CLOSE, SMALL), np.uint8)
        found = joined(found, core)
        edged = matte(np.ascontiguousarray(picture[box]), found, score * skin, arm.rim)
        nothing[box] = np.where(skin, edged, found)  # a sleeve has none of skin's colours
        return nothing

    def _lost(self, arm: BareArm, score: Floats, core: Bytes, bare: Floats) -> npt.NDArray[np.bool_] | None:
        """Where a bare arm was tracked that is not there: it shows none of its colours, but did a moment ago."""
        shown = float((score[core > 0] > ARM_SHOWS).mean())
        known = self._bareness.get(arm.side, 0.0)
        self._bareness[arm.side] = known + BARE_RATE * (shown - known)
        return bare < LOST if known > KNOWN_BARE and self.wearer.told == 1 else None

    def _find_hand(self, frame: Bytes, body: Body, arm: Arm, window: Window, step: int, sleeves: float) -> Patch | None:
        """A hand inside ``window``: skin's colours around where it must be; None when it lies outside."""
        box = BareHand.window(arm, body).common(window).aligned(2 * step, frame.shape)
        if box.empty:
            return None
        canvas = Canvas(box, step)
        size = (canvas.shape[1], canvas.shape[0])
        hand = BareHand(arm, body, canvas, sleeves)
        wearer = self.wearer
        if wearer.hand is None or wearer.hand_low is None:
            return Patch(hand.core, box)
        picture = shrunk(box.of(frame), size)
        codes = encode(picture)
        person = inside(mask_in(body, box, size))
        low = max(0, canvas.at(_belt(body))[1])
        score = _weigh_parts(codes, person, (wearer.hand, wearer.hand_low), low)
        mixed = np.full((size[1], 1), wearer.mixed, np.float32)
        mixed[low:] = wearer.mixed_low
        score += (hand.core > 0) * (2 * UNTOLD * mixed)
        least = SURE - HAND_EASE * max(0.0, 1 - wearer.mixed / HAND_SHARED)
        near = np.where(hand.far > 0, score - (hand.reach == 0) * (FAR_DOUBT + FAR_SHARED * mixed), np.float32(-4))
        found = np.asarray(cv2.morphologyEx(_sure(near, least), cv2.MORPH_CLOSE, SMALL), np.uint8)
        found = joined(without_lines(found & person, score, hand.thin), hand.core)
        found = filled(found, 2 * hand.thin)
        return Patch(matte(picture, found, score, hand.rim), box)


def _belt(body: Body) -> Floats:
    """Where the clothes of the trunk end and those of the legs begin."""
    return np.asarray(body.hips + body.up * 0.1 * body.torso)


def _weigh_parts(codes: npt.NDArray[np.uint16], where: Bytes, tables: tuple[Floats, Floats], row: int) -> Floats:
    """The value of each bin (h, w) in the first table, from ``row`` on in the second."""
    row = min(len(codes), max(0, row))
    return np.concatenate([weigh(codes[:row], where[:row], tables[0]), weigh(codes[row:], where[row:], tables[1])])


def _bare(score: Floats, core: Bytes, width: int) -> Floats:
    """How much of an arm's middle shows the arm's colours around each pixel, 0..1: elsewhere it wears a sleeve."""
    size = (2 * width + 1, 2 * width + 1)
    middle = (core > 0).view(np.uint8)
    shown = middle & (score > ARM_SHOWS).view(np.uint8)
    some, whole = (cv2.boxFilter(part, cv2.CV_32F, size, normalize=False) for part in (shown, middle))
    return np.where(whole > 0, np.minimum(2 * some / np.maximum(whole, 1), 1), 1).astype(np.float32)


def _sleeved(score: Floats, core: Bytes, width: int) -> npt.NDArray[np.bool_]:
    """Where an arm surely wears a sleeve, up to a little beyond the cuff: its middle shows none of its colours around.

    Beside it the sleeve's cloth would pass for what lies behind the arm.
    """
    size = 2 * (width // 3) + 1
    skin = cv2.dilate((score > ARM_SHOWS).view(np.uint8), np.ones((size, size), np.uint8))
    sleeve = (core > skin * np.uint8(255)).view(np.uint8)
    return np.asarray(cv2.dilate(sleeve, np.ones((2 * size - 1, 2 * size - 1), np.uint8)) > 0)


def _prior(core: Bytes, flesh: Bytes, told: Floats) -> Floats:
    """Log odds of an arm by shape alone: sure in its middle; where colours tell nothing, its usual width counts."""
    return np.where(core > 0, 3.0, np.where(flesh > 0, 0.9 - 0.9 * told, -0.8)).astype(np.float32)


def _sure(score: Floats, least: float = SURE) -> Bytes:
    return np.asarray((cv2.blur(score, (3, 3)) > least).view(np.uint8) * np.uint8(255), np.uint8)
