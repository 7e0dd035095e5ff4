"""Long hair that hangs before the shoulders, followed down from beside the ears."""

from __future__ import annotations

import cv2
import numpy as np

from fitting.body import Body
from fitting.colours import encode, weigh
from fitting.head import Head
from fitting.pose import Bytes
from fitting.wearer import Wearer
from fitting.window import Canvas, Patch, Window, inside, joined, mask_in, shrunk

# Hair begins where colours are sure (in prints and dark clothes there is always some that might be), and ends at its
# blurred edge, where most of what surrounds a lock speaks against it.
HAIR_SURE, HAIR_EDGE = 0.7, -1.9
# Half the width of long hair beside the ears, in head sizes: the locks are followed down from there.
HAIR_WIDE = 0.9
LOCK = np.ones((5, 5), np.uint8)


class LongHair:
    """One wearer's; remembers from frame to frame whether there is any."""

    def __init__(self, wearer: Wearer) -> None:
        self._wearer = wearer
        self._beside: float | None = None
        self._shown = False

    def find(self, frame: Bytes, body: Body, head: Head, step: int) -> Patch | None:
        """Long hair that hangs before the shoulders: hair's colour, joined to the head, below it on either side."""
        if self._wearer.hair is None:
            self._shown = False
            return None
        ear_line = head.centre + body.up * 0.3 * head.size
        low = body.chest + body.down * 0.55 * body.torso
        corners = [
            ear_line - body.across * HAIR_WIDE * head.size,
            ear_line + body.across * HAIR_WIDE * head.size,
            low + body.across * 0.55 * body.scale,
            low - body.across * 0.55 * body.scale,
        ]
        box = Window.around(corners).common(Window(0, 0, frame.shape[1], frame.shape[0]))
        if box.empty:
            return None
        box = box.aligned(2 * step, frame.shape)
        canvas = Canvas(box, step)
        size = (canvas.shape[1], canvas.shape[0])
        codes, person = encode(shrunk(box.of(frame), size)), inside(mask_in(body, box, size))
        skull, _ = head.shapes(canvas)
        where = canvas.blank()
        canvas.polygon(where, corners)
        # A dark strap or a necklace hangs in the middle, hair at the sides.
        if abs(body.yaw) < 0.3:
            low = head.chin - head.up * 0.45 * head.size
            canvas.line(where, low, low + body.down * body.torso, 0.3 * head.size, 0)
        score = weigh(codes, where & person, self._wearer.hair)
        found = np.asarray(cv2.threshold(cv2.blur(score, (5, 5)), HAIR_SURE, 255, cv2.THRESH_BINARY)[1], np.uint8)
        found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, LOCK), np.uint8)
        beside = 0.0
        for side in (-1.0, 1.0):
            strip = canvas.blank()
            start = head.chin + body.across * side * 0.50 * head.size + head.up * 0.30 * head.size
            end = head.chin + body.across * side * 0.62 * head.size - head.up * 0.10 * head.size
            canvas.line(strip, start, end, 0.22 * head.size)
            beside = max(beside, cv2.countNonZero(strip & found) / max(1, cv2.countNonZero(strip)))
        self._beside = beside if self._beside is None else self._beside + 0.2 * (beside - self._beside)
        self._shown = self._beside > (0.15 if self._shown else 0.25)
        if not self._shown:
            return None
        # A tilted head's locks hang free of the skull's ellipse, and join the head above the ears.
        roots = np.asarray(cv2.dilate(skull, LOCK), np.uint8)
        canvas.line(roots, corners[0], corners[1], 0.2 * head.size)
        sure = joined(found, roots)
        edge = np.asarray(cv2.threshold(cv2.blur(score, (3, 3)), HAIR_EDGE, 255, cv2.THRESH_BINARY)[1], np.uint8)
        return Patch((sure | (np.asarray(cv2.dilate(sure, LOCK), np.uint8) & edge)) & person, box)
