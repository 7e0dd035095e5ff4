"""The edge between the wearer's own top and what is below it, in one frame, to a fraction of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from fitting.body import Body
from fitting.colours import BINS, FLOOR, encode
from fitting.compiled import compiled
from fitting.pose import Bytes, Floats

# The hem is looked for between these depths, in torso lengths, in columns up to so many shoulder widths or body scales
# from the middle: from the side shoulders are narrow, and the trunk beside the arm is not.
HIGHEST, LOWEST, ROWS = 0.78, 1.24, 80
HALF, SIDE, COLUMNS = 0.42, 0.3, 25
# Each column's place, from -1 at the wearer's right to 1.
ACROSS = np.linspace(-1, 1, COLUMNS).astype(np.float32)
STEP = (LOWEST - HIGHEST) / (ROWS - 1)
# Half widths, in body scales, of what a forearm and a hand may hide.
ARM_HIDES, HAND_HIDES = 0.14, 0.18
# While nothing is known of the trousers, a colour that is this much of the top is as likely the top's as not.
USUAL = np.full(BINS, 1e-3, np.float32)
# A column shows the hem where the evidence of its pixels, 1 each at most, agrees so well; as many rows next to it are
# seen on either side, and those nearest are a mix of both.
AGREE, BESIDE, MIXED = np.float32(0.7), 8, 3
# The colours on both sides differ by so much (of 255, over all channels), vary by this share of it at most, and change
# so sharply (1: from one row to the next; 0.3: all the way), for cloth is also shaded ...
LEAST_CONTRAST, MOST_VARIED, SHARP = np.float32(30), np.float32(0.2), np.float32(0.5)
# ... or, in patterned clothes, they differ by so much and so much of the evidence beside it agrees.
PATTERN_CONTRAST, AGREE_BESIDE = np.float32(60), np.float32(0.8)


def hemline(frame: Bytes, body: Body, cloth: Floats, legs: Floats | None) -> Floats:
    """The depths (COLUMNS,) of the hem, in torso lengths below the chest; NaN where a column does not show it.

    ``frame``: BGR (h, w, 3). ``cloth`` and ``legs`` (BINS,) are the shares of each colour in the top and below it. A
    hem is not shown where it is hidden, outside, or has the colours of what is below it.
    """
    depths = np.linspace(HIGHEST, LOWEST, ROWS, dtype=np.float32) * np.float32(body.torso)
    across = ACROSS * np.float32(half_width(body))
    places = (body.chest + depths[:, None, None] * body.down + across[None, :, None] * body.across).astype(np.float32)
    picture = np.asarray(cv2.remap(frame, places, None, cv2.INTER_LINEAR), np.uint8)  # type: ignore[call-overload]
    clear = np.empty((ROWS, COLUMNS), np.uint8)
    _clear(places, body.pose.mask, body.pose.scale, _limbs(body), frame.shape[0], frame.shape[1], clear)
    edges = np.empty(COLUMNS, np.float32)
    _edges(picture, encode(picture), clear, cloth, USUAL if legs is None else legs, legs is not None, edges)
    return edges


def half_width(body: Body) -> float:
    """How far to either side of the body's middle the hem is looked for, in pixels."""
    return max(HALF * body.shoulders, SIDE * body.scale)


def _limbs(body: Body) -> Floats:
    """Ends and half widths (n, 5) of what may hide the body, in the frame's pixels."""
    limbs = []
    for arm in body.arms:
        if arm.seen:
            tip = arm.wrist + (arm.hand.mean(0) - arm.wrist) * 2
            limbs.append([*arm.elbow, *arm.wrist, ARM_HIDES * body.scale])
            limbs.append([*arm.wrist, *tip, HAND_HIDES * body.scale])
    return np.array(limbs, np.float32).reshape(-1, 5)


@compiled("void(float32[:,:,::1], uint8[:,::1], float64, float32[:,::1], int64, int64, uint8[:,::1])")
def _clear(places: Floats, mask: Bytes, scale: float, limbs: Floats, height: int, width: int, clear: Bytes) -> None:
    """Where the body shows: in the picture, in the person mask and beside all limbs."""
    for row in range(places.shape[0]):
        for column in range(places.shape[1]):
            x, y = places[row, column, 0], places[row, column, 1]
            clear[row, column] = 0
            if x < 0 or y < 0 or x > width - 1 or y > height - 1:
                continue
            if mask[min(mask.shape[0] - 1, int(y / scale)), min(mask.shape[1] - 1, int(x / scale))] < 128:
                continue
            hidden = False
            for i in range(limbs.shape[0]):
                along_x, along_y = limbs[i, 2] - limbs[i, 0], limbs[i, 3] - limbs[i, 1]
                away_x, away_y = x - limbs[i, 0], y - limbs[i, 1]
                length = max(along_x * along_x + along_y * along_y, np.float32(1e-6))
                share = min(max((away_x * along_x + away_y * along_y) / length, np.float32(0)), np.float32(1))
                away_x, away_y = away_x - share * along_x, away_y - share * along_y
                hidden = hidden or away_x * away_x + away_y * away_y < limbs[i, 4] * limbs[i, 4]
            if not hidden:
                clear[row, column] = 1


@compiled(
    "void(uint8[:,:,::1], uint16[:,::1], uint8[:,::1], float32[::1], float32[::1], boolean, float32[::1])",
    exact=True,
)
def _edges(
    picture: Bytes,
    codes: npt.NDArray[np.uint16],
    clear: Bytes,
    cloth: Floats,
    legs: Floats,
    known: bool,
    edges: Floats,
) -> None:
    """Each column's edge: what agrees with it less what does not is the most, and colours change there."""
    rows, columns = clear.shape
    told = np.empty(rows, np.float32)
    for column in range(columns):
        edges[column] = np.nan
        seen, total = 0, np.float32(0)
        for row in range(rows):
            told[row] = 0
            if clear[row, column]:
                code = codes[row, column]
                ratio = np.log((cloth[code] + np.float32(FLOOR)) / (legs[code] + np.float32(FLOOR)))
                told[row] = min(max(ratio, np.float32(-1)), np.float32(1))
                seen += 1
                total += told[row]
        above, best, edge = np.float32(0), -total, 0
        for row in range(rows):
            above += told[row]
            if 2 * above - total > best:
                best, edge = 2 * above - total, row + 1
        if edge < BESIDE or edge > rows - BESIDE or best < AGREE * seen:
            continue
        whole, agree = True, np.float32(0)
        for row in range(edge - BESIDE, edge + BESIDE):
            whole = whole and clear[row, column] > 0
            agree += told[row] if row < edge else -told[row]
        if not whole:
            continue
        # The line between both colours tells how much of a pixel is above the edge.
        top, low, line = np.zeros(3, np.float32), np.zeros(3, np.float32), np.zeros(3, np.float32)
        count, length = np.float32(BESIDE - MIXED), np.float32(0)
        for c in range(3):
            for k in range(MIXED, BESIDE):
                top[c] += picture[edge - 1 - k, column, c] / count
                low[c] += picture[edge + k, column, c] / count
            line[c] = top[c] - low[c]
            length += line[c] * line[c]
        if length > LEAST_CONTRAST * LEAST_CONTRAST:
            varied, share, sharp = np.float32(0), np.float32(0), np.float32(0)
            for row in range(edge - BESIDE, edge + BESIDE):
                mine = np.float32(0)
                for c in range(3):
                    mine += (np.float32(picture[row, column, c]) - low[c]) * line[c] / length
                if edge - MIXED <= row < edge + MIXED:
                    share += min(max(mine, np.float32(-0.5)), np.float32(1.5))
                    sharp += min(abs(2 * mine - 1), np.float32(1)) / (2 * MIXED)
                else:
                    away = mine - (1 if row < edge else 0)
                    varied += away * away / (2 * count)
            if varied < MOST_VARIED * MOST_VARIED and sharp > SHARP:
                edges[column] = HIGHEST + (edge - MIXED - 0.5 + share) * STEP
                continue
        if known and agree > AGREE_BESIDE * 2 * BESIDE and length > PATTERN_CONTRAST * PATTERN_CONTRAST:
            share = np.float32(0)
            for row in range(edge - BESIDE, edge + BESIDE):
                share += (told[row] + 1) / 2
            edges[column] = HIGHEST + (edge - BESIDE - 0.5 + share) * STEP
