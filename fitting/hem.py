"""The hem of the wearer's own top: a mark on the body that is seen more exactly than its hips are tracked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fitting.body import Body, unit
from fitting.compiled import compiled
from fitting.hemline import ACROSS, COLUMNS, half_width
from fitting.pose import Floats

# So many columns show a hem, and half of them lie within this share of the torso of a line: seen from the side, it
# curves around the body.
LEAST_COLUMNS, SPREAD = 6, 0.035
# How much a line's slope is believed to be the last one's, in columns at the ends; and how far it is off at most.
STEADY, MOST_TILTED = 2.0, 0.12
# A hem that is seen only after so many frames pulls the garment down slowly, from where the hips are.
AT_ONCE, START, PULL = 4, 1.0, 0.5
# Share of a new frame in the hem's shape, and seconds after which the first frames count little in its depth.
SHAPE, MEMORY_S = 0.1, 3.0
# A hem that comes back is gone over to within this time, and a tilt that was seen is forgotten.
SETTLE_S, FORGET_S = 0.15, 1.5
# No hips are further off than this share of the torso.
MOST = 0.10


class OwnHem:
    """One wearer's hem; ``depth``: where it usually is, in torso lengths below the chest; None until it was seen."""

    def __init__(self) -> None:
        self.depth: float | None = None
        self._frames = 0
        self._shape = np.zeros(COLUMNS, np.float32)  # of the hem, beside a straight line
        # In the last frame: the hem's depth, and how much more it is tilted than the hips, both ends of the columns.
        self._now = np.zeros(2)
        self._off = np.zeros(2)  # of the last frame from what it showed
        self._shown, self._slope = False, 0.0
        self._usual = self._seconds = 0.0

    def learn(self, edges: Floats, body: Body, seconds: float) -> None:
        """Takes in a frame's ``hemline`` of a body as it was tracked."""
        self._frames += 1
        tilt = _tilt(body)
        line = np.empty(3)
        _fit(edges - self._shape, self._slope if self._shown else tilt + float(self._now[1]), line)
        found = np.array([line[0], line[1] - tilt])
        if not line[2] < SPREAD or abs(found[1]) > MOST_TILTED:
            self._shown = False
            self._now[1] *= max(0.0, 1 - seconds / FORGET_S)
            return
        self._seconds = min(MEMORY_S, self._seconds + seconds)
        shown = np.isfinite(edges)
        share = max(SHAPE, seconds / max(self._seconds, seconds))
        self._shape[shown] += share * (edges - line[0] - line[1] * ACROSS - self._shape)[shown]
        self._shape -= self._shape.mean() + ACROSS * (self._shape @ ACROSS / (ACROSS @ ACROSS))
        if self.depth is None:
            self.depth = float(found[0]) if self._frames <= AT_ONCE else START
            self._usual, self._now = float(found[0]), found
        if not self._shown:
            self._off = self._now - found
        self._off = self._off * max(0.0, 1 - seconds / SETTLE_S)
        self._now, self._slope, self._shown = found + self._off, float(line[1]), True
        self._usual += (float(found[0]) - self._usual) * min(1.0, seconds / max(self._seconds, 1e-6))
        self.depth += PULL * (self._usual - self.depth)

    def steadied(self, body: Body) -> Body:
        """The body with its hips where the hem says: as far from it as usual."""
        if self.depth is None:
            return body
        longer = min(1 + MOST, max(1 - MOST, float(self._now[0]) / self._usual))
        slope = (_tilt(body) + float(self._now[1])) * body.torso / half_width(body)
        return replace(
            body,
            hips=(body.chest + longer * (body.hips - body.chest)).astype(np.float32),
            torso=longer * body.torso,
            across_hips=unit(body.across + np.float32(slope) * body.down),
            own_hem=self.depth,
        )


def _tilt(body: Body) -> float:
    """How much lower the line of the hips is at the hem's last column than in the middle, in torso lengths."""
    ahead = max(0.3, float(body.across_hips @ body.across))
    return float(body.across_hips @ body.down) / ahead * half_width(body) / body.torso


@compiled("void(float32[::1], float64, float64[::1])", exact=True)
def _fit(edges: Floats, prior: float, line: Floats) -> None:
    """A line through the middle half of all edges: its depth, its slope, how far this half is spread; NaN if few."""
    kept = np.isfinite(edges)
    line[:] = np.nan
    for _ in range(3):
        count, x, y = 0.0, 0.0, 0.0
        for i in range(len(edges)):
            if kept[i]:
                count, x, y = count + 1, x + ACROSS[i], y + edges[i]
        if count < LEAST_COLUMNS:
            return
        x, y, both, square = x / count, y / count, STEADY * prior, STEADY
        for i in range(len(edges)):
            if kept[i]:
                both += (ACROSS[i] - x) * (edges[i] - y)
                square += (ACROSS[i] - x) * (ACROSS[i] - x)
        slope = both / square
        rest = edges - (y + slope * (ACROSS - x))
        order = np.sort(rest[np.isfinite(rest)])
        low, high = order[len(order) // 4], order[3 * len(order) // 4]
        half = (high - low) / 2
        kept = np.isfinite(edges) & (rest >= low - half) & (rest <= high + half)
        line[0], line[1], line[2] = y - slope * x, slope, high - low
