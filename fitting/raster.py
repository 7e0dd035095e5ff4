"""Drawing textured triangles and mixing layers: the inner loops, in machine code."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fitting.compiled import compiled
from fitting.pose import Bytes, Floats


@compiled(
    "void(uint8[:,:,::1], uint8[:,:,::1], float32[:,::1], float32[:,::1], float32[::1], int32[:,::1],"
    " uint8[:,::1], float32[::1])"
)
def draw(
    canvas: Bytes,
    texture: Bytes,
    places: Floats,
    uv: Floats,
    light: Floats,
    triangles: npt.NDArray[np.int32],
    clip: Bytes,
    tint: Floats,
) -> None:
    """Draws triangles over ``canvas`` (h, w, 4), premultiplied BGRA.

    ``places`` (n, 2): vertices in the canvas' pixels; ``uv`` (n, 2): the same in the texture's pixels; ``light`` (n,)
    multiplies the colour, ``tint`` (3,) each channel; ``clip`` (h, w) multiplies the alpha. A pixel on an edge belongs
    to one triangle only.
    """
    height, width = canvas.shape[0], canvas.shape[1]
    texture_height, texture_width = texture.shape[0], texture.shape[1]
    for k in range(triangles.shape[0]):
        i, j, m = triangles[k, 0], triangles[k, 1], triangles[k, 2]
        ax, ay = places[i, 0], places[i, 1]
        bx, by = places[j, 0] - ax, places[j, 1] - ay
        cx, cy = places[m, 0] - ax, places[m, 1] - ay
        area = bx * cy - by * cx
        if abs(area) < np.float32(1e-3):
            continue
        inverse = np.float32(1.0) / area
        u, v, s = uv[i, 0], uv[i, 1], light[i]
        ux = ((uv[j, 0] - u) * cy - (uv[m, 0] - u) * by) * inverse
        uy = ((uv[m, 0] - u) * bx - (uv[j, 0] - u) * cx) * inverse
        vx = ((uv[j, 1] - v) * cy - (uv[m, 1] - v) * by) * inverse
        vy = ((uv[m, 1] - v) * bx - (uv[j, 1] - v) * cx) * inverse
        sx = ((light[j] - s) * cy - (light[m] - s) * by) * inverse
        sy = ((light[m] - s) * bx - (light[j] - s) * cx) * inverse
        top = max(0, math.ceil(ay + min(np.float32(0), by, cy)))
        bottom = min(height - 1, math.ceil(ay + max(np.float32(0), by, cy)) - 1)
        for y in range(top, bottom + 1):
            dy = np.float32(y) - ay
            first, last = np.float32(1e9), np.float32(-1e9)
            if (dy < 0) != (dy < by):
                x = dy * bx / by
                first, last = min(first, x), max(last, x)
            if (dy < by) != (dy < cy):
                x = bx + (dy - by) * (cx - bx) / (cy - by)
                first, last = min(first, x), max(last, x)
            if (dy < cy) != (dy < 0):
                x = dy * cx / cy
                first, last = min(first, x), max(last, x)
            if last < first:
                continue
            left = max(0, math.ceil(ax + first))
            right = min(width - 1, math.ceil(ax + last) - 1)
            dx = np.float32(left) - ax
            tu = u + ux * dx + uy * dy
            tv = v + vx * dx + vy * dy
            ts = s + sx * dx + sy * dy
            for x2 in range(left, right + 1):
                shown = np.int32(clip[y, x2])
                column, row = int(tu), int(tv)
                if shown > 0 and column >= 0 and row >= 0 and column < texture_width - 1 and row < texture_height - 1:
                    fu, fv = np.int32((tu - column) * np.float32(64)), np.int32((tv - row) * np.float32(64))
                    w00, w10, w01, w11 = (64 - fu) * (64 - fv), fu * (64 - fv), (64 - fu) * fv, fu * fv
                    alpha = (
                        w00 * texture[row, column, 3]
                        + w10 * texture[row, column + 1, 3]
                        + w01 * texture[row + 1, column, 3]
                        + w11 * texture[row + 1, column + 1, 3]
                    ) >> 12
                    if alpha > 0:
                        gain = np.int32(min(ts, np.float32(4.0)) * np.float32(256) * shown) // 255
                        alpha = alpha * shown // 255
                        behind = 255 - alpha
                        for c in range(3):
                            value = (
                                w00 * texture[row, column, c]
                                + w10 * texture[row, column + 1, c]
                                + w01 * texture[row + 1, column, c]
                                + w11 * texture[row + 1, column + 1, c]
                            ) >> 12
                            value = min(np.int32(value * gain * tint[c]) >> 8, alpha)
                            if behind > 0:
                                value += np.int32(canvas[y, x2, c]) * behind // 255
                            canvas[y, x2, c] = np.uint8(min(255, value))
                        if behind > 0:
                            alpha += np.int32(canvas[y, x2, 3]) * behind // 255
                        canvas[y, x2, 3] = np.uint8(min(255, alpha))
                tu += ux
                tv += vx
                ts += sx


@compiled("void(uint8[:,:,:], uint8[:,:,::1], uint8[:,::1], uint8[:,:], int32)")
def overlay(frame: Bytes, layer: Bytes, hidden: Bytes, alpha: Bytes, strength: int) -> None:
    """Puts a premultiplied layer (h, w, 4) over a frame's window (h, w, 3), in place.

    ``hidden`` (h, w) is what lies in front of it; ``alpha`` (h, w) collects the visible alpha; ``strength`` 0..256
    fades the layer.
    """
    for y in range(layer.shape[0]):
        for x in range(layer.shape[1]):
            if layer[y, x, 3] == 0 or hidden[y, x] == 255:
                continue
            share = (255 - np.int32(hidden[y, x])) * strength
            opaque = np.int32(layer[y, x, 3]) * share // 65280
            if opaque == 0:
                continue
            behind = 255 - opaque
            for c in range(3):
                value = np.int32(layer[y, x, c]) * share // 65280 + (np.int32(frame[y, x, c]) * behind + 127) // 255
                frame[y, x, c] = np.uint8(min(255, int(value)))
            through = (255 - np.int32(alpha[y, x])) * behind // 255
            alpha[y, x] = np.uint8(255 - through)


@compiled("void(uint8[:,:,:], uint8[:,::1], uint8[:,::1], int32)")
def darken(frame: Bytes, shadow: Bytes, where: Bytes, strength: int) -> None:
    """Darkens a frame's window (h, w, 3) in place by ``shadow`` x ``where`` (h, w), at most ``strength``/256."""
    for y in range(shadow.shape[0]):
        for x in range(shadow.shape[1]):
            if shadow[y, x] < 2 or where[y, x] < 2:
                continue
            loss = np.int32(shadow[y, x]) * np.int32(where[y, x]) * strength // 65025
            if loss > 0:
                for c in range(3):
                    frame[y, x, c] = np.uint8(np.int32(frame[y, x, c]) * (256 - loss) >> 8)
