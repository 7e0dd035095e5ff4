"""The edge of a person mask, moved to where the picture shows it: a network's own is off by a pixel, and flickers."""

from __future__ import annotations

import math

import cv2
import numpy as np

from fitting.compiled import compiled
from fitting.pose import Bytes, Floats
from fitting.window import shrunk

# The edge is looked at in each cell of so many pixels that it crosses, and moved for all cells around it together:
# ``AROUND`` cells tell of it, and as much as this of one's trust says that it is where the mask has it.
CELL, AROUND, STAYS = 4, 5, 0.6
# A line of pixels across the edge reaches so far to either side; so many on either side of a change are compared.
HALF, SIDE = 7, 3
LINE = 2 * HALF + 1
# The mask's own edge lies within so many pixels of its cell's middle, and the picture's within so many of that.
NEAR, MOST = 5, np.float32(4)
# The further off a change is, the less it is believed to be the edge: nothing at this distance.
DOUBTED = np.float32(8)
# A video's noise, as a variance over all channels: what lies beyond the edge varies by little more.
NOISE = np.float32(20)
# Two colours that differ by less than the first (of 255, over all channels) tell nothing, by the second everything;
# nor do they where either varies by this share of what they differ by.
LEAST_CONTRAST, CONTRAST, MOST_VARIED = np.float32(12), np.float32(36), np.float32(0.35)
# So many pixels on either side of a change are a mix of both.
MIXED = 2
LEAST_MOVED = np.float32(0.05)


def sharpened(frame: Bytes, mask: Bytes) -> Bytes:
    """The soft person mask (h, w) of a BGR frame (h, w, 3) with its edge where the picture's is, if that is seen.

    Across the mask's edge the picture is searched for a change of colour beyond which lies one ground: a print's or a
    fold's edge has the rest of the person and the ground beyond it. Nothing is carried from frame to frame, so that
    nothing lags.
    """
    height, width = mask.shape[0] // CELL, mask.shape[1] // CELL
    moved = mask.copy()
    if min(height, width) < AROUND:
        return moved
    cells = shrunk(mask[: height * CELL, : width * CELL], (width, height))
    told = np.zeros((height, width, 2), np.float32)
    _look(np.ascontiguousarray(frame), mask, cells, told)
    around = cv2.boxFilter(told, -1, (AROUND, AROUND), normalize=False)
    _move(mask, cells, np.asarray(around, np.float32), moved)
    return moved


@compiled("float32(uint8[:,::1], float32, float32)")
def _at(mask: Bytes, x: np.float32, y: np.float32) -> np.float32:
    """The mask's value between its pixels; outside it is as at its rim."""
    x = min(max(x, np.float32(0)), np.float32(mask.shape[1] - 1.01))
    y = min(max(y, np.float32(0)), np.float32(mask.shape[0] - 1.01))
    left, top = int(x), int(y)
    u, v = x - np.float32(left), y - np.float32(top)
    upper = np.float32(mask[top, left]) * (1 - u) + np.float32(mask[top, left + 1]) * u
    lower = np.float32(mask[top + 1, left]) * (1 - u) + np.float32(mask[top + 1, left + 1]) * u
    return upper * (1 - v) + lower * v


@compiled("UniTuple(float32, 2)(uint8[:,::1], int64, int64)")
def _outward(cells: Bytes, row: int, column: int) -> tuple[np.float32, np.float32]:
    """The unit vector away from the person, (0, 0) where there is none."""
    x, y = np.float32(0), np.float32(0)
    for k in range(-1, 2):
        weight = np.float32(2 - abs(k))
        x += weight * (np.float32(cells[row + k, column - 1]) - np.float32(cells[row + k, column + 1]))
        y += weight * (np.float32(cells[row - 1, column + k]) - np.float32(cells[row + 1, column + k]))
    length = max(np.float32(math.sqrt(x * x + y * y)), np.float32(1))
    return x / length, y / length


@compiled("void(float32[:,::1], float32[:,::1], float64[::1], float32[::1])")
def _judge(line: Floats, total: Floats, square: Floats, told: Floats) -> None:
    """Finds the edge in a line (LINE, 3) of colours from inside to outside, given its running sums."""
    best, edge = np.float32(0), 0
    for k in range(SIDE, LINE - SIDE + 1):
        ground = min(k + 1, LINE - 2)
        count = np.float32(LINE - ground)
        change, varied = np.float32(0), np.float32(square[LINE] - square[ground]) / count
        for c in range(3):
            step = (2 * total[k, c] - total[k - SIDE, c] - total[k + SIDE, c]) / SIDE
            mean = (total[LINE, c] - total[ground, c]) / count
            change += step * step
            varied -= mean * mean
        away = np.float32(k - HALF - 0.5) / DOUBTED
        # A print's edge may be far stronger than the person's: beyond a sure contrast more is no better.
        score = change / (1 + change / (CONTRAST * CONTRAST)) * (1 - away * away) / (NOISE + max(varied, np.float32(0)))
        if score > best:
            best, edge = score, k
    if edge == 0:
        return
    first, last = max(0, edge - SIDE - MIXED + 1), min(LINE, edge + SIDE + MIXED - 1)
    start, end = max(first + 1, edge - MIXED), min(last - 1, edge + MIXED)
    inside, outside, way = np.empty(3, np.float32), np.empty(3, np.float32), np.empty(3, np.float32)
    length = np.float32(0)
    for c in range(3):
        inside[c] = (total[start, c] - total[first, c]) / np.float32(start - first)
        outside[c] = (total[last, c] - total[end, c]) / np.float32(last - end)
        way[c] = inside[c] - outside[c]
        length += way[c] * way[c]
    contrast = np.float32(math.sqrt(length))
    if contrast < LEAST_CONTRAST:
        return
    # The line between both colours tells how much of a pixel is the person's.
    share, rest = np.float32(0), np.float32(0)
    for k in range(first, last):
        mine = np.float32(0)
        for c in range(3):
            mine += (line[k, c] - outside[c]) * way[c] / length
        if start <= k < end:
            share += min(max(mine, np.float32(0)), np.float32(1))
        else:
            mine -= np.float32(1 if k < edge else 0)
            rest += mine * mine
    off = np.float32(start) + share - np.float32(HALF + 0.5)
    varied = np.float32(math.sqrt(rest / np.float32(last - first - end + start)))
    if abs(off) < MOST and varied < MOST_VARIED:
        sharp = min((contrast - LEAST_CONTRAST) / (CONTRAST - LEAST_CONTRAST), np.float32(1))
        told[1] = sharp * (1 - varied / MOST_VARIED)
        told[0] = told[1] * off


@compiled("void(uint8[:,:,::1], uint8[:,::1], uint8[:,::1], float32[:,:,::1])")
def _look(frame: Bytes, mask: Bytes, cells: Bytes, told: Floats) -> None:
    """How far out the picture's edge lies in each cell that the mask's crosses, in pixels, times trust; and trust."""
    height, width = mask.shape
    line, total, square = np.empty((LINE, 3), np.float32), np.zeros((LINE + 1, 3), np.float32), np.zeros(LINE + 1)
    for row in range(1, cells.shape[0] - 1):
        for column in range(1, cells.shape[1] - 1):
            if cells[row, column] < 128 or (
                cells[row, column - 1] >= 128
                and cells[row, column + 1] >= 128
                and cells[row - 1, column] >= 128
                and cells[row + 1, column] >= 128
            ):
                continue
            out_x, out_y = _outward(cells, row, column)
            if out_x == 0 and out_y == 0:
                continue
            middle_x = np.float32(column * CELL + (CELL - 1) / 2)
            middle_y = np.float32(row * CELL + (CELL - 1) / 2)
            # Where the mask falls below one half.
            before, x, y, seen = np.float32(0), np.float32(0), np.float32(0), False
            for k in range(-NEAR, NEAR + 1):
                x, y = middle_x + out_x * np.float32(k), middle_y + out_y * np.float32(k)
                value = _at(mask, x, y)
                if before >= np.float32(127.5) and value < np.float32(127.5):
                    back = 1 - (before - np.float32(127.5)) / (before - value)
                    x, y, seen = x - out_x * back, y - out_y * back, True
                    break
                before = value
            # The line of pixels across it.
            reach = np.float32(HALF)
            first_x, first_y = x - out_x * reach, y - out_y * reach
            last_x, last_y = x + out_x * reach, y + out_y * reach
            if (
                not seen
                or min(first_x, last_x) < 0
                or min(first_y, last_y) < 0
                or max(first_x, last_x) >= width - 1
                or max(first_y, last_y) >= height - 1
            ):
                continue
            for k in range(LINE):
                x, y = first_x + out_x * np.float32(k), first_y + out_y * np.float32(k)
                left, top = int(x), int(y)
                u, v = x - np.float32(left), y - np.float32(top)
                square[k + 1] = square[k]
                for c in range(3):
                    upper = np.float32(frame[top, left, c]) * (1 - u) + np.float32(frame[top, left + 1, c]) * u
                    lower = np.float32(frame[top + 1, left, c]) * (1 - u) + np.float32(frame[top + 1, left + 1, c]) * u
                    value = upper * (1 - v) + lower * v
                    line[k, c] = value
                    total[k + 1, c] = total[k, c] + value
                    square[k + 1] += value * value
            _judge(line, total, square, told[row, column])


@compiled("void(uint8[:,::1], uint8[:,::1], float32[:,:,::1], uint8[:,::1])")
def _move(mask: Bytes, cells: Bytes, told: Floats, moved: Bytes) -> None:
    """Moves the mask's edge outward by what the cells around tell of it, in pixels."""
    height, width = mask.shape
    for row in range(1, cells.shape[0] - 1):
        for column in range(1, cells.shape[1] - 1):
            away = told[row, column, 0] / (told[row, column, 1] + np.float32(STAYS))
            if abs(away) < LEAST_MOVED:
                continue
            out_x, out_y = _outward(cells, row, column)
            if out_x == 0 and out_y == 0:
                continue
            for y in range(row * CELL, (row + 1) * CELL):
                for x in range(column * CELL, (column + 1) * CELL):
                    from_x = min(max(np.float32(x) - out_x * away, np.float32(0)), np.float32(width - 1.01))
                    from_y = min(max(np.float32(y) - out_y * away, np.float32(0)), np.float32(height - 1.01))
                    left, top = int(from_x), int(from_y)
                    u, v = from_x - np.float32(left), from_y - np.float32(top)
                    upper = np.float32(mask[top, left]) * (1 - u) + np.float32(mask[top, left + 1]) * u
                    lower = np.float32(mask[top + 1, left]) * (1 - u) + np.float32(mask[top + 1, left + 1]) * u
                    moved[y, x] = np.uint8(upper * (1 - v) + lower * v + np.float32(0.5))
