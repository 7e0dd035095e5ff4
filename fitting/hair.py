"""Long hair that hangs before the shoulders, followed down from beside the ears."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from fitting.body import Body
from fitting.colours import encode, weigh
from fitting.grain import Grain, grain, weigh_both
from fitting.head import Head
from fitting.pose import Bytes, Floats
from fitting.wearer import Strands, Wearer, chest
from fitting.window import Canvas, Patch, Window, inside, joined, mask_in, shrunk

# Half the width of long hair beside the ears, in head sizes, and on the chest, in body scales.
HAIR_WIDE, CHEST_WIDE = 1.15, 0.62
# Beside the cheeks, between these distances from the head's middle and from so far above the chin up to the ears, so
# much is long hair. Behind a head that is turned further than that it is looked for lower: above, its back has hair.
# All in head sizes.
NEAR, FAR, LOW, LOCK_AREA, MOST_LOOK = 0.58, 1.05, 0.2, 0.06, 0.25
# Where colours tell too little there, hair is what has its colours and streaks that the clothes have not. Beside a
# short cut a collar and its shadow have some, too, so it counts for so much.
STREAK_COUNTS = 0.5
# Hair in the colours of skin is looked for by all of them on bodies that face the camera, beside the neck, and while no
# hand is near the head; else by those that no skin has.
MOST_TURN, NECK, HAND_NEAR = 0.45, 0.38, 1.5
# Locks hang between the neck and so far from the head's middle, in head sizes.
HANGS = 0.8
# A head that looks to one side by more than the first hides the upper part of the lock on that side, which comes forth
# so far beside the chin, down to so far below it. In head sizes.
LOOKS_AWAY, BEYOND, UNDER_JAW = 0.15, 0.35, 0.5
LOCK = np.ones((5, 5), np.uint8)


class LongHair:
    """One wearer's; remembers from frame to frame whether there is any.

    Hair in the clothes' colours is believed once locks hang beside the cheeks, where no cloth is; without that only
    where colours are sure, for a hood or a print is dark, too.
    """

    def __init__(self, wearer: Wearer) -> None:
        self._wearer = wearer
        self._grain = Grain()
        self._cheeks: float | None = None
        self._neck: float | None = None
        self._shown = False

    def find(self, frame: Bytes, body: Body, head: Head, step: int, lesson: bool) -> Patch | None:
        """Long hair that hangs before the shoulders: hair's colour, joined to the head, below it on either side."""
        bare = self._wearer.skin_haired and abs(body.yaw) <= MOST_TURN and not _hand_near(head)
        hair = self._wearer.hair_or_skin if bare else self._wearer.hair
        if hair is None:
            self._shown = False
            return None
        ear_line = head.centre + body.up * 0.3 * head.size
        low = body.chest + body.down * 0.55 * body.torso
        corners = [
            ear_line - body.across * HAIR_WIDE * head.size,
            ear_line + body.across * HAIR_WIDE * head.size,
            low + body.across * CHEST_WIDE * body.scale,
            low - body.across * CHEST_WIDE * body.scale,
        ]
        box = Window.around(corners).common(Window(0, 0, frame.shape[1], frame.shape[0]))
        if box.empty:
            return None
        box = box.aligned(2 * step, frame.shape)
        canvas = Canvas(box, step)
        size = (canvas.shape[1], canvas.shape[0])
        picture = shrunk(box.of(frame), size)
        codes, person = encode(picture), inside(mask_in(body, box, size))
        skull = head.skull(canvas)
        where = canvas.blank()
        canvas.polygon(where, corners)
        # A dark strap or a necklace hangs in the middle, hair at the sides.
        if abs(body.yaw) < 0.3:
            low = head.chin - head.up * 0.45 * head.size
            canvas.line(where, low, low + body.down * body.torso, 0.3 * head.size, 0)
        if bare:  # the neck's skin is as much like hair
            canvas.line(where, head.centre, body.chest + body.down * body.torso, 2 * NECK * head.size, 0)
        anywhere = where.copy()
        where &= person
        score = weigh(codes, where, hair.table)
        found, surely = _above(_even(score), 0.0), None
        beside, behind = _beside_cheeks(head, canvas)
        stray = _above(weigh(codes, person & (beside | behind), hair.stray), 0.0)
        locks, levels = beside & (stray | found), None
        area = cv2.countNonZero(locks)
        if behind.any():
            surely = _above(_even(weigh(codes, where, hair.sure)), 0.0)
            locks |= behind & (stray | surely)
            area = cv2.countNonZero(locks)
            if lesson:
                levels = self._levels(picture, chest(body, canvas) & person & (score < 0), lesson)
                locks |= self._grain.streaked(levels) & _above(weigh(codes, person & behind, hair.own), 0.5)
                area = max(area, round(STREAK_COUNTS * cv2.countNonZero(locks)))
        if self._cheeks is None or lesson or not behind.any():  # streaks are dear to see
            self._cheeks = _followed(self._cheeks, area * (step / head.size) ** 2 / LOCK_AREA)
        long = self._cheeks > (0.6 if self._shown else 1.0)
        if long:
            if levels is None:
                levels = self._levels(picture, chest(body, canvas) & person & (score < 0), lesson)
            if lesson:
                self._grain.learn_hair(levels[locks > 0])
            if self._grain.table is not None:
                skin = _above(_even(weigh(codes, person, -hair.no_skin)), 0.0)
                tables = (hair.own, hair.no_cloth, hair.no_skin)
                score = weigh_both(codes, levels, where, skin | ~person, self._grain.table, tables)
                found = _above(_even(score), 0.0)
        else:
            found = _above(_even(weigh(codes, where, hair.sure)), 0.0) if surely is None else surely
        if not (self._wearer.hair_told or (long and self._grain.differs)):
            self._shown = False
            return None
        found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, LOCK), np.uint8)
        self._neck = _followed(self._neck, _beside_neck(head, canvas, found))
        self._shown = long or self._neck > (0.15 if self._shown else 0.25)
        if not self._shown:
            return None
        if long and lesson:
            self._wearer.learn_locks(codes[locks > 0])
        # A tilted head's locks hang free of the skull's ellipse, and join the head above the ears.
        roots = np.asarray(cv2.dilate(skull, LOCK), np.uint8)
        canvas.line(roots, corners[0], corners[1], 0.2 * head.size)
        far = float(np.sign(head.look))
        if long and abs(head.look) > LOOKS_AWAY:  # beyond the face, which hides its upper part
            start = head.chin + head.side * far * BEYOND * head.size
            canvas.line(roots, start, start - head.up * UNDER_JAW * head.size, 0.3 * head.size)
        # Below what may be hair in the face's shadow, or before ground of its colours, a lock goes on.
        between = _between(codes, anywhere, canvas, head, hair) if long and not _hand_near(head) else canvas.blank()
        seen = joined(found | between, roots) & found
        edge = _above(np.asarray(cv2.blur(score, (3, 3)), np.float32), hair.edge)
        return Patch((seen | (np.asarray(cv2.dilate(seen, LOCK), np.uint8) & edge)) & person, box)

    def _levels(self, picture: Bytes, cloth: Bytes, lesson: bool) -> Bytes:
        """The grain of a picture, that of the clothes learnt from it."""
        levels = grain(picture)
        if lesson:
            self._grain.learn_cloth(levels[cloth > 0])
        return levels


def _hand_near(head: Head) -> bool:
    """Whether a hand may lie beside the cheeks."""
    reach = HAND_NEAR * head.size
    return any(float(np.hypot(*(arm.hand - head.centre).T).min()) < reach for arm in head.body.arms)


def _beside_cheeks(head: Head, canvas: Canvas) -> tuple[Bytes, Bytes]:
    """Beside the head between chin and ears, where there is long hair or ground, and lower behind a turned one."""
    beside, behind, ears = canvas.blank(), canvas.blank(), float((head.centre - head.chin) @ head.up) / head.size
    under = head.centre - head.up * ears * head.size
    for side in (-1.0, 1.0):
        turned = head.look * side <= -MOST_LOOK
        high, low = (LOW, -LOW) if turned else (ears, LOW)
        corners = ((NEAR, high), (FAR, high), (FAR, low), (NEAR, low))
        places: list[Floats] = [under + (head.side * side * u + head.up * v) * head.size for u, v in corners]
        canvas.polygon(behind if turned else beside, places)
    return beside, behind


def _between(codes: npt.NDArray[np.uint16], where: Bytes, canvas: Canvas, head: Head, hair: Strands) -> Bytes:
    """What may be hair beside the neck, skin or not, and ground or not."""
    beside = canvas.blank()
    for side in (-1.0, 1.0):
        start = head.centre + head.side * side * (NECK + HANGS) / 2 * head.size
        end = start + head.up * ((head.chin - head.centre) @ head.up - UNDER_JAW * head.size)
        canvas.line(beside, start, end, (HANGS - NECK) * head.size)
    return _above(weigh(codes, where & beside, hair.own * hair.no_cloth), 0.0)


def _beside_neck(head: Head, canvas: Canvas, found: Bytes) -> float:
    """How much of a strip beside the neck is hair, on the side where there is more."""
    across, most = head.body.across, 0.0
    for side in (-1.0, 1.0):
        strip = canvas.blank()
        start = head.chin + across * side * 0.50 * head.size + head.up * 0.30 * head.size
        end = head.chin + across * side * 0.62 * head.size - head.up * 0.10 * head.size
        canvas.line(strip, start, end, 0.22 * head.size)
        most = max(most, cv2.countNonZero(strip & found) / max(1, cv2.countNonZero(strip)))
    return most


def _followed(before: float | None, now: float) -> float:
    """A share that follows what is seen, so that one frame changes little."""
    return now if before is None else before + 0.2 * (now - before)


def _even(score: Floats) -> Floats:
    """Locks are streaked: some of a streak's surroundings belong to it."""
    return np.asarray(cv2.blur(score, (5, 5)), np.float32)


def _above(score: Floats, least: float) -> Bytes:
    return np.asarray(cv2.threshold(score, least, 255, cv2.THRESH_BINARY)[1], np.uint8)
