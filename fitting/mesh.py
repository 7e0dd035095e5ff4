"""Meshes over a garment's picture: a grid of triangles, handle weights and places along sleeves and legs."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from fitting.pose import Bytes, Floats

# A cell of this share of the picture's longer side bends smoothly around an elbow and keeps the file small.
CELL = 1 / 26
# Keeps the spline from following a misplaced key point to the last pixel.
STIFFNESS = 1e-3


def grid(region: Bytes, cell: int) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Vertices (n, 2) and triangles (m, 3) of the grid cells that a region (h, w) touches."""
    height, width = region.shape
    rows, columns = -(-height // cell), -(-width // cell)
    padded = np.zeros((rows * cell, columns * cell), bool)
    padded[:height, :width] = region > 0
    used = padded.reshape(rows, cell, columns, cell).any(axis=(1, 3))
    corner = np.zeros((rows + 1, columns + 1), bool)
    for dy in (0, 1):
        for dx in (0, 1):
            corner[dy : rows + dy, dx : columns + dx] |= used
    number = np.cumsum(corner.ravel()).reshape(corner.shape) - 1
    ys, xs = np.nonzero(corner)
    vertices = np.column_stack([xs, ys]).astype(np.float32) * cell
    cy, cx = np.nonzero(used)
    a, b, c, d = number[cy, cx], number[cy, cx + 1], number[cy + 1, cx + 1], number[cy + 1, cx]
    left = (cx < columns / 2)[:, None]  # diagonals mirror each other, so that a mirrored garment bends alike
    first = np.where(left, np.column_stack([a, b, c]), np.column_stack([a, b, d]))
    second = np.where(left, np.column_stack([a, c, d]), np.column_stack([b, c, d]))
    return vertices, np.stack([first, second], 1).reshape(-1, 3).astype(np.int32)


def spline_weights(handles: Floats, points: Floats) -> Floats:
    """Weights (n, handles) of a thin-plate spline: ``weights @ targets`` are the points' new places.

    Each row sums to one. Bookstein, "Principal warps" (1989); linear in the targets, so it is computed once.
    """
    size = max(float(np.ptp(handles[:, 0])), float(np.ptp(handles[:, 1])), 1.0)
    centres, places = handles.astype(np.float64) / size, points.astype(np.float64) / size

    def kernel(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        squared = ((a[:, None] - b[None]) ** 2).sum(-1)
        return np.asarray(0.5 * squared * np.log(np.maximum(squared, 1e-12)), np.float64)

    n = len(centres)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = kernel(centres, centres) + STIFFNESS * np.eye(n)
    system[:n, n] = system[n, :n] = 1
    system[:n, n + 1 :] = centres
    system[n + 1 :, :n] = centres.T
    basis = np.column_stack([kernel(places, centres), np.ones(len(places)), places])
    return np.asarray((basis @ np.linalg.inv(system))[:, :n], np.float32)


def lengthened(outer: Floats, inner: Floats, least: float) -> Floats:
    """A limb's inner line (k, 2), begun before its first station where the first piece is shorter than ``least``.

    The inner line of a cap sleeve has no length: its quad would be a triangle, in which places near the armpit and
    beyond it lie on both sides of the cloth.
    """
    ahead = outer[1] - outer[0]
    ahead = ahead / max(float(np.hypot(*ahead)), 1e-3)
    missing = max(0.0, least - float((inner[1] - inner[0]) @ ahead))
    return np.asarray(np.vstack([inner[:1] - missing * ahead, inner[1:]]), np.float32)


def ladder(outer: Floats, inner: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Places (along, across) of points in the chain of quads between two lines of stations (k, 2).

    ``along`` is 0 at the first station and k - 1 at the last, ``across`` 0 on the outer and 1 on the inner line.
    """
    step = np.zeros(len(points), int)
    for i in range(1, len(outer) - 1):
        rung = inner[i] - outer[i]
        ahead = (outer[i + 1] + inner[i + 1] - outer[i] - inner[i]) / 2
        sign = np.sign(rung[0] * ahead[1] - rung[1] * ahead[0])
        offset = points - outer[i]
        passed = sign * (rung[0] * offset[:, 1] - rung[1] * offset[:, 0]) > 0
        step = np.where(passed & (step == i - 1), i, step)
    along, across = np.zeros(len(points), np.float32), np.zeros(len(points), np.float32)
    for i in range(len(outer) - 1):
        chosen = step == i
        if chosen.any():
            u, v = _bilinear(outer[i], outer[i + 1], inner[i + 1], inner[i], points[chosen])
            low = -0.6 if i == 0 else 0.0
            high = 1.6 if i == len(outer) - 2 else 1.0
            along[chosen], across[chosen] = i + np.clip(u, low, high), v
    return along, across


def _bilinear(a: Floats, b: Floats, c: Floats, d: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Inverts p = (1-u)(1-v)a + u(1-v)b + uv c + (1-u)v d by damped Newton steps."""
    p = points.astype(np.float64)
    uv = np.full(p.shape, 0.5)
    for _ in range(40):
        u, v = uv[:, :1], uv[:, 1:]
        error = (1 - u) * (1 - v) * a + u * (1 - v) * b + u * v * c + (1 - u) * v * d - p
        du = (1 - v) * (b - a) + v * (c - d)
        dv = (1 - u) * (d - a) + u * (c - b)
        determinant = du[:, 0] * dv[:, 1] - du[:, 1] * dv[:, 0]
        determinant = np.where(np.abs(determinant) < 1e-6, 1e-6, determinant)
        step_u = (error[:, 0] * dv[:, 1] - error[:, 1] * dv[:, 0]) / determinant
        step_v = (du[:, 0] * error[:, 1] - du[:, 1] * error[:, 0]) / determinant
        uv -= np.clip(np.column_stack([step_u, step_v]), -0.5, 0.5)
        uv = np.clip(uv, -0.8, 1.8)
    return uv[:, 0].astype(np.float32), uv[:, 1].astype(np.float32)


def outline(region: Bytes) -> list[list[float]]:
    """The biggest contour of a region, simplified to about a pixel."""
    contours, _ = cv2.findContours((region > 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    biggest = max(contours, key=cv2.contourArea)
    simple = np.asarray(cv2.approxPolyDP(biggest, 1.2, True)).reshape(-1, 2)
    return [[float(x), float(y)] for x, y in simple]
