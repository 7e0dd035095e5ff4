"""The wearer's head: where it is, and where its skin and hair can be sampled."""

from __future__ import annotations

import cv2
import numpy as np

from fitting import pose as at
from fitting.body import Body, unit
from fitting.pose import Bytes
from fitting.window import Canvas


class Head:
    """The head's frame: centre between the ears, direction, chin and crown, in the frame's pixels."""

    def __init__(self, body: Body) -> None:
        left, right = body.point(at.LEFT_EAR), body.point(at.RIGHT_EAR)
        eyes = (body.point(at.LEFT_EYE) + body.point(at.RIGHT_EYE)) / 2
        mouth = (body.point(at.MOUTH_LEFT) + body.point(at.MOUTH_RIGHT)) / 2
        self.body = body
        self.size = max(float(np.hypot(*(left - right))), 0.40 * body.scale)
        self.centre = (left + right) / 2
        self.up = unit(eyes - mouth) if float(np.hypot(*(eyes - mouth))) > 2 else body.up
        self.eyes, self.mouth = eyes, mouth
        self.side = np.array([-self.up[1], self.up[0]], np.float32)  # across, to the wearer's left
        # How far the nose is off the ears' middle: a quarter or so on a head that is turned.
        self.look = float((body.point(at.NOSE) - self.centre) @ self.side) / self.size
        self.chin = mouth - self.up * 0.38 * self.size
        self.top = eyes + self.up * 0.62 * self.size

    def skull(self, canvas: Canvas) -> Bytes:
        """A mask of the head without hair that stands off it."""
        skull = canvas.blank()
        middle = (self.chin + self.top) / 2
        half = float(np.hypot(*(self.chin - self.top))) / 2
        angle = float(np.degrees(np.arctan2(self.up[1], self.up[0]))) + 90
        cv2.ellipse(
            skull, canvas.at(middle), (canvas.size(0.56 * self.size), canvas.size(half)), angle, 0, 360, 255, -1
        )
        return skull

    def face(self, canvas: Canvas) -> Bytes:
        """Where skin is sampled: between the eyes and the mouth's corners."""
        mask = canvas.blank()
        corners = (at.LEFT_EYE, at.MOUTH_LEFT, at.MOUTH_RIGHT, at.RIGHT_EYE)
        canvas.polygon(mask, [self.body.point(corner) for corner in corners])
        return mask

    def surroundings(self, canvas: Canvas) -> Bytes:
        """Around the head, where long hair hangs, or the ground shows."""
        mask = canvas.blank()
        cv2.circle(mask, canvas.at(self.centre), canvas.size(1.4 * self.size), 255, -1)
        return mask

    def crown(self, canvas: Canvas) -> Bytes:
        """Where hair is sampled: the upper part of the head above the forehead."""
        mask, face = canvas.blank(), canvas.blank()
        cv2.circle(mask, canvas.at(self.eyes + self.up * 0.55 * self.size), canvas.size(0.42 * self.size), 255, -1)
        low = self.eyes + self.up * 0.34 * self.size
        canvas.polygon(
            face,
            [
                low - self.side * self.size,
                low + self.side * self.size,
                low + self.side * self.size - self.up * self.size,
                low - self.side * self.size - self.up * self.size,
            ],
        )
        mask[face > 0] = 0
        return mask
