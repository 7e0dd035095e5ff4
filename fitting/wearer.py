"""What a wearer's skin, hair and clothes look like, learnt while they move, and how they are told apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fitting import pose as at
from fitting.bare import BareArm
from fitting.body import Body
from fitting.colours import BINS, FLOOR, Contrast, Palette, evidence, gleaming, overlap
from fitting.head import Head
from fitting.hem import OwnHem
from fitting.hemline import hemline
from fitting.pose import Bytes, Floats
from fitting.window import Canvas

# Colours decide where the arm's and the clothes' colours overlap less than this.
TELLABLE = 0.45
# So much of hair's colours the clothes may share where its grain differs from theirs.
GRAIN_TELLS = 0.7
# Hair in the skin's colours is not told from a face, only from clothes, until it clearly differs.
HAIR_TELLABLE, HAIR_TOLD = 0.6, 0.45
# Where hair begins, and where its edge ends, on the way from what others show to what it shows.
HAIR_WAY, EDGE_WAY = 0.4, 0.25
# Log odds from which on a colour alone is surely hair: in prints and dark clothes there is always some that might be.
HAIR_SURE = 0.7
# Log odds that skin's colour must have for it beyond even.
HAND_DOUBT = 0.1
# More of it, times the overlap of skin and clothes: where colours tell little, a hand is where its shape surely is.
UNTOLD = 2.0
# A colour that is less of a face than this is no skin; an arm of which this much has skin's colours is bare.
LEAST_SHARE, BARE, BARE_HAND = 1e-3, 0.3, 0.2
# What nobody has seen on a hand, a print or a lining, is none, however little evidence is enough for one.
UNSEEN = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Strands:
    """How hair's colours are told from others; tables (BINS,).

    ``table``, the lesser of ``no_cloth`` and ``no_skin``, is above 0 for hair, on a lock's edge above ``edge``;
    ``sure`` the same where nothing but colours tells of it. ``own`` is 1 for what hair shows in some light, ``stray``
    for what none of the others shows, nor the ground.
    """

    table: Floats
    no_cloth: Floats
    no_skin: Floats
    edge: float
    sure: Floats
    own: Floats
    stray: Floats


class Wearer:
    """Colour models of one person, and tables (BINS,) of log odds made from them; None where nothing is known."""

    def __init__(self) -> None:
        self._cloth, self._face, self._hair = Palette(), Palette(), Palette()
        self._ground = Palette()
        self._arm, self._hand, self._legs = Palette(), Palette(), Palette()
        self._sleeve = Palette()  # the wearer's own, on the forearms
        self.hem = OwnHem()
        self.skin_haired = False  # whether hair has the skin's colours
        self.hair_told = False  # whether its colours alone tell it from the clothes
        self.hair: Strands | None = None  # told from clothes and skin
        self.hair_or_skin: Strands | None = None  # told from clothes alone
        self.arm: Floats | None = None
        self.hand: Floats | None = None
        # The same before the legs, whose trousers may have skin's colour.
        self.arm_low: Floats | None = None
        self.hand_low: Floats | None = None
        self.mixed = self.mixed_low = 0.0  # how much of the hand's colours the clothes share, 0..1
        self.told = 0.0  # how well the arm's colours are told from the clothes', 0..1

    @property
    def known(self) -> bool:
        """Whether face and clothes have been seen."""
        return self._cloth.share is not None and self._face.share is not None

    def learn(
        self,
        codes: npt.NDArray[np.uint16],
        person: npt.NDArray[np.bool_],
        body: Body,
        head: Head,
        canvas: Canvas,
        skull: Bytes,
        arms: list[BareArm],
    ) -> None:
        """Takes in one frame's colours, where each of them is surely seen."""
        hands = canvas.blank()
        for found in arms:
            hands |= found.hand_reach
        self._cloth.learn(codes[(chest(body, canvas) > 0) & (hands == 0) & person], 60)
        self._legs.learn(codes[(_thighs(body, canvas) > 0) & (hands == 0) & person], 60)
        self._face.learn(codes[(head.face(canvas) > 0) & person], 20)
        self._ground.learn(codes[(head.surroundings(canvas) > 0) & ~person], 60)
        self._learn_hair(codes[(head.crown(canvas) > 0) & person])
        free = person & (skull == 0)
        for found in arms:
            if not found.behind:  # an arm behind the body is guessed: its colours would be the clothes'
                self._learn_arm(codes[(found.core > 0) & free])
            hand = codes[(found.hand_core > 0) & free]
            if self._face.share is not None and hand.size:
                skin = self._face.share[hand] > LEAST_SHARE
                if skin.mean() > BARE_HAND:  # else it is hidden, behind the waist or in a pocket
                    self._hand.learn(hand[skin], 30)
        self._compare()

    def learn_locks(self, codes: npt.NDArray[np.uint16]) -> None:
        """Takes in the colours of hair beside the neck, which lies in another light than the crown."""
        self._learn_hair(codes)

    def _learn_hair(self, codes: npt.NDArray[np.uint16]) -> None:
        """Hair without the ground that shows on the person mask's rim, unless it is dark before a dark one."""
        if self._ground.share is not None and codes.size:
            own = self._ground.share[codes] < LEAST_SHARE
            codes = codes[own] if own.mean() > 0.5 else codes
        self._hair.learn(codes, 30)

    def steadied(self, frame: Bytes, body: Body, seconds: float) -> Body:
        """The body with hips that stay where the own top's hem is seen."""
        if self._cloth.shaded is not None:
            self.hem.learn(hemline(frame, body, self._cloth.shaded, self._legs.shaded), body, seconds)
        return self.hem.steadied(body)

    def _learn_arm(self, codes: npt.NDArray[np.uint16]) -> None:
        """Of a bare arm the colours that the face has, too, for beside it lies cloth; else those of its sleeve."""
        if self._face.share is None or not codes.size:
            return
        skin = self._face.share[codes] > LEAST_SHARE
        if skin.mean() > BARE:
            self._arm.learn(codes[skin], 30)
        else:
            self._sleeve.learn(codes, 30)

    def _compare(self) -> None:
        cloth, face, hair = self._cloth, self._face, self._hair
        if cloth.share is None or face.share is None or cloth.shaded is None or face.shaded is None:
            return
        self.hair = self.hair_or_skin = None
        if hair.share is not None:
            self.skin_haired = hair.overlap(face) > (HAIR_TOLD if self.skin_haired else HAIR_TELLABLE)
        shared = hair.overlap(cloth)
        self.hair_told = shared < TELLABLE
        if hair.share is not None and shared < GRAIN_TELLS:
            self._compare_hair(hair, cloth, face)
        self._compare_arm(cloth.shaded, face.shaded)
        skin = face.shaded if self._hand.shaded is None else 0.6 * self._hand.shaded + 0.4 * face.shaded
        self.mixed, self.hand = _told_from(cloth.shaded, skin)
        self.mixed_low, self.hand_low = self.mixed, self.hand
        if self._legs.shaded is not None:
            self.mixed_low, self.hand_low = _told_from(np.maximum(cloth.shaded, self._legs.shaded), skin)

    def _compare_hair(self, hair: Palette, cloth: Palette, face: Palette) -> None:
        """Each pixel of hair looks like neither cloth nor skin: mixed ones on the edge between these look like both."""
        if cloth.share is None or cloth.shaded is None or face.share is None or face.shaded is None:
            return
        if hair.share is None or hair.shaded is None:
            return
        worn, bare = Contrast.between(hair.share, cloth.share), Contrast.between(hair.share, face.share)
        no_cloth, no_skin = (told.table - np.float32(told.at(HAIR_WAY)) for told in (worn, bare))
        surely = worn.table - np.float32(max(HAIR_SURE, worn.at(HAIR_WAY)))
        edge, rim = (told.at(EDGE_WAY) - told.at(HAIR_WAY) for told in (worn, bare))
        others = cloth.shaded if self._ground.shaded is None else np.maximum(cloth.shaded, self._ground.shaded)
        stray = (others < LEAST_SHARE).astype(np.float32)
        unseen = stray * (face.shaded < LEAST_SHARE)
        own, sure = (hair.shaded >= LEAST_SHARE).astype(np.float32), np.minimum(surely, no_skin)
        told, always = np.minimum(no_cloth, no_skin), np.full(BINS, 4, np.float32)
        self.hair = Strands(told, no_cloth, no_skin, min(edge, rim), sure, own, unseen)
        self.hair_or_skin = Strands(no_cloth, no_cloth, always, edge, -always, own, stray)

    def _compare_arm(self, cloth: Floats, face: Floats) -> None:
        """What shows on an arm is told from the clothes by its colours, unless it is a sleeve of the same cloth."""
        parts = [self._arm]
        if self._sleeve.shown_by(self._cloth) < TELLABLE:
            parts.append(self._sleeve)
        shares = [part.share for part in parts if part.share is not None]
        if not shares or self._cloth.share is None:
            self.told, self.arm = 0.0, np.zeros(BINS, np.float32)
            self.arm_low = self.arm
            return
        self.told = min(1.0, max(0.0, (TELLABLE + 0.15 - overlap(np.maximum.reduce(shares), self._cloth.share)) / 0.3))
        shaded = [part.shaded for part in parts if part.shaded is not None]
        bare = np.maximum.reduce([*shaded, 0.3 * face])
        self.arm = self.arm_low = (self.told * evidence(bare, cloth)).astype(np.float32)
        if self._legs.shaded is not None:
            below = evidence(bare, np.maximum(cloth, self._legs.shaded))
            self.arm_low = (self.told * below).astype(np.float32)


def _told_from(cloth: Floats, skin: Floats) -> tuple[float, Floats]:
    """How much of a hand's colours cloth shares, and the table of log odds for the hand; mixed colours are doubted."""
    mixed = min(1.0, overlap(skin, cloth))
    doubts = np.float32(HAND_DOUBT + UNTOLD * mixed)
    lit = gleaming(skin)
    return mixed, evidence(lit, cloth) - doubts - np.float32(UNSEEN) * (lit < FLOOR).astype(np.float32)


def chest(body: Body, canvas: Canvas) -> Bytes:
    """Where the wearer's own clothes are sampled: the chest without the arms."""
    mask = canvas.blank()
    for shape in (((0.36, 0.28), (0.34, 0.88)), ((0.12, 0.12), (0.12, 0.30))):
        (wide, top), (narrow, bottom) = shape
        corners = ((-wide, top), (wide, top), (narrow, bottom), (-narrow, bottom))
        canvas.polygon(
            mask, [body.chest + body.across * u * body.shoulders + body.down * d * body.torso for u, d in corners]
        )
    for arm in body.arms:
        canvas.line(mask, arm.shoulder, arm.elbow, 0.30 * body.scale, 0)
        canvas.line(mask, arm.elbow, arm.wrist, 0.34 * body.scale, 0)
    return mask


def _thighs(body: Body, canvas: Canvas) -> Bytes:
    thighs = canvas.blank()
    for hip, knee in ((at.LEFT_HIP, at.LEFT_KNEE), (at.RIGHT_HIP, at.RIGHT_KNEE)):
        start, end = body.point(hip), body.point(knee)
        canvas.line(thighs, start + (end - start) * 0.2, start + (end - start) * 0.7, 0.12 * body.scale)
    return thighs
