"""Drawing textured triangles and mixing layers: the inner loops, in machine code.

A layer's pixel is one 32-bit word: premultiplied blue (lowest), green, red and alpha. Shares are counted in 256ths.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fitting.compiled import compiled
from fitting.pose import Bytes, Floats
from fitting.texels import Texels

Pixels = npt.NDArray[np.uint32]
Columns = npt.NDArray[np.int32]

# Pairs of channels in a pixel's word: blue and red, green and alpha.
_EVEN, _ODD = np.uint64(0x00FF00FF), np.uint64(0xFF00FF00)
_BYTE, _LANE = np.uint64(0xFF), np.uint64(0xFFFF)
_ONE, _FULL, _WHOLE = np.uint64(1), np.uint64(255), np.uint64(256)
_4, _7, _8, _16, _24, _32, _48, _56 = (np.uint64(n) for n in (4, 7, 8, 16, 24, 32, 48, 56))


class Layer:
    """A canvas that garments are drawn on: ``pixels`` uint32 (h, w), premultiplied, and what each row holds.

    Columns ``first`` to ``last`` of a row may be drawn on; a row with ``last < first`` is empty.
    """

    def __init__(self, memory: Pixels, height: int, width: int) -> None:
        """A clean layer in the first pixels of ``memory``, which is kept from frame to frame."""
        self.pixels = memory[: height * width].reshape(height, width)
        self.pixels.fill(0)
        self.first = np.full(height, width, np.int32)
        self.last = np.full(height, -1, np.int32)

    @property
    def bgra(self) -> Bytes:
        """The pixels as bytes (h, w, 4)."""
        return self.pixels.view(np.uint8).reshape(*self.pixels.shape, 4)

    @property
    def rows(self) -> tuple[int, int]:
        """The first row that holds anything and the one after the last; equal when all are empty."""
        used = np.flatnonzero(self.last >= self.first)
        return (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 0)


@compiled(
    "void(uint32[:,::1], int32[::1], int32[::1], uint64[:,::1], float32[:,::1], float32[:,::1], float32[::1],"
    " int32[:,::1], uint8[:,::1], float32[::1])",
    exact=True,  # two triangles have to agree on their common edge
)
def draw(
    pixels: Pixels,
    first: Columns,
    last: Columns,
    texture: Texels,
    places: Floats,
    uv: Floats,
    light: Floats,
    triangles: npt.NDArray[np.int32],
    clip: Bytes,
    tint: Floats,
) -> None:
    """Draws triangles over a layer's ``pixels``, and widens its ``first`` and ``last``.

    ``places`` (n, 2): vertices in the layer's pixels; ``uv`` (n, 2): the same in the texture's pixels; ``light`` (n,)
    multiplies the colour, ``tint`` (3,) each channel; ``clip`` (h, w) multiplies the alpha. A pixel on an edge belongs
    to one triangle only: an edge is always followed from its upper end.
    """
    height, width = pixels.shape
    texture_height, texture_width = texture.shape
    stride = np.uint64(texture_width)
    columns, rows = (texture_width - 1) << 16, (texture_height - 1) << 16
    flat, source = pixels.reshape(height * width), texture.reshape(texture_height * texture_width)
    for k in range(triangles.shape[0]):
        i, j, m = triangles[k, 0], triangles[k, 1], triangles[k, 2]
        if places[j, 1] < places[i, 1]:
            i, j = j, i
        if places[m, 1] < places[i, 1]:
            i, m = m, i
        if places[m, 1] < places[j, 1]:
            j, m = m, j
        ax, ay = places[i, 0], places[i, 1]
        bx, by = places[j, 0] - ax, places[j, 1] - ay
        cx, cy = places[m, 0] - ax, places[m, 1] - ay
        area = bx * cy - by * cx
        if abs(area) < np.float32(1e-3):
            continue
        top, bottom = max(0, math.ceil(ay)), min(height - 1, math.ceil(places[m, 1]) - 1)
        if top > bottom:
            continue
        inverse = np.float32(1.0) / area
        u, v, s = uv[i, 0], uv[i, 1], light[i]
        ux = ((uv[j, 0] - u) * cy - (uv[m, 0] - u) * by) * inverse
        uy = ((uv[m, 0] - u) * bx - (uv[j, 0] - u) * cx) * inverse
        vx = ((uv[j, 1] - v) * cy - (uv[m, 1] - v) * by) * inverse
        vy = ((uv[m, 1] - v) * bx - (uv[j, 1] - v) * cx) * inverse
        sx = ((light[j] - s) * cy - (light[m] - s) * by) * inverse
        sy = ((light[m] - s) * bx - (light[j] - s) * cx) * inverse
        # Steps of one pixel to the right in 65536ths of a texel and 256ths of full light.
        u_step, v_step = np.int64(ux * np.float32(65536)), np.int64(vx * np.float32(65536))
        long = cx / cy
        upper = bx / by if by > 0 else np.float32(0)
        # From the places themselves: differences of differences are rounded otherwise than the neighbour's long edge.
        fall = places[m, 1] - places[j, 1]
        lower = (places[m, 0] - places[j, 0]) / fall if fall > 0 else np.float32(0)
        for y in range(top, bottom + 1):
            dy = np.float32(y) - ay
            one = ax + dy * long
            if np.float32(y) < places[j, 1]:
                other = ax + dy * upper
            else:
                other = places[j, 0] + (np.float32(y) - places[j, 1]) * lower
            left = max(0, math.ceil(min(one, other)))
            right = min(width - 1, math.ceil(max(one, other)) - 1)
            if left > right:
                continue
            dx = np.float32(left) - ax
            tu = np.int64((u + ux * dx + uy * dy) * np.float32(65536))
            tv = np.int64((v + vx * dx + vy * dy) * np.float32(65536))
            ts = s + sx * dx + sy * dy
            # What lies outside the picture is one piece at either end of the row.
            while left <= right and (tu < 0 or tv < 0 or tu >= columns or tv >= rows):
                left += 1
                tu += u_step
                tv += v_step
                ts += sx
            end_u, end_v = tu + u_step * (right - left), tv + v_step * (right - left)
            while left <= right and (end_u < 0 or end_v < 0 or end_u >= columns or end_v >= rows):
                right -= 1
                end_u -= u_step
                end_v -= v_step
            if left > right:
                continue
            first[y], last[y] = min(first[y], left), max(last[y], right)
            blue, blue_step = np.int64(ts * tint[0] * np.float32(65536)), np.int64(sx * tint[0] * np.float32(65536))
            green, green_step = np.int64(ts * tint[1] * np.float32(65536)), np.int64(sx * tint[1] * np.float32(65536))
            red, red_step = np.int64(ts * tint[2] * np.float32(65536)), np.int64(sx * tint[2] * np.float32(65536))
            for x in range(left, right + 1):
                shown = np.uint64(clip[y, x])
                if shown > 0:
                    at = np.uint64(tv >> 16) * stride + np.uint64(tu >> 16)
                    p00, p10 = source[at], source[at + _ONE]
                    p01, p11 = source[at + stride], source[at + stride + _ONE]
                    if (p00 | p10 | p01 | p11) >> _48:
                        fu, fv = np.uint64((tu >> 12) & 15), np.uint64((tv >> 12) & 15)
                        w11 = fu * fv
                        w10, w01 = (fu << _4) - w11, (fv << _4) - w11
                        mixed = p00 * (_WHOLE - w10 - w01 - w11) + p10 * w10 + p01 * w01 + p11 * w11
                        alpha = mixed >> _56
                        if alpha > 0:
                            b = min(((mixed & _LANE) * np.uint64(blue >> 8)) >> _16, alpha)
                            g = min((((mixed >> _16) & _LANE) * np.uint64(green >> 8)) >> _16, alpha)
                            r = min((((mixed >> _32) & _LANE) * np.uint64(red >> 8)) >> _16, alpha)
                            if shown < 255:
                                share = shown + (shown >> _7)
                                b, g, r, alpha = b * share >> _8, g * share >> _8, r * share >> _8, alpha * share >> _8
                            word = b | g << _8 | r << _16 | alpha << _24
                            place = np.uint64(y) * np.uint64(width) + np.uint64(x)
                            if alpha < 255:
                                under = np.uint64(flat[place])
                                rest = _WHOLE - alpha - (alpha >> _7)
                                word += ((under & _EVEN) * rest >> _8) & _EVEN
                                word += ((under >> _8) & _EVEN) * rest & _ODD
                            flat[place] = np.uint32(word)
                tu += u_step
                tv += v_step
                blue += blue_step
                green += green_step
                red += red_step


@compiled("void(uint8[:,:,:], uint32[:,::1], int32[::1], int32[::1], uint8[:,::1], uint8[:,:], int64)")
def overlay(
    frame: Bytes, pixels: Pixels, first: Columns, last: Columns, hidden: Bytes, alpha: Bytes, strength: int
) -> None:
    """Puts a layer over a frame's window (h, w, 3), in place.

    ``hidden`` (h, w) is what lies in front of it; ``alpha`` (h, w) collects the visible alpha; ``strength`` 0..256
    fades the layer.
    """
    for y in range(pixels.shape[0]):
        for x in range(first[y], last[y] + 1):
            word = np.uint64(pixels[y, x])
            opaque = word >> _24
            if opaque == 0:
                continue
            share = _FULL - np.uint64(hidden[y, x])
            share = ((share + (share >> _7)) * np.uint64(strength)) >> _8
            if share == 256 and opaque == 255:
                frame[y, x, 0] = np.uint8(word & _BYTE)
                frame[y, x, 1] = np.uint8((word >> _8) & _BYTE)
                frame[y, x, 2] = np.uint8((word >> _16) & _BYTE)
                alpha[y, x] = np.uint8(255)
                continue
            opaque = opaque * share >> _8
            if opaque == 0:
                continue
            rest = _WHOLE - opaque - (opaque >> _7)
            for c in range(3):
                colour = (word >> np.uint64(8 * c)) & _BYTE
                mixed = (colour * share + np.uint64(frame[y, x, c]) * rest + np.uint64(128)) >> _8
                frame[y, x, c] = np.uint8(min(_FULL, mixed))
            through = (_FULL - np.uint64(alpha[y, x])) * rest >> _8
            alpha[y, x] = np.uint8(_FULL - through)


@compiled("void(uint8[:,:,:], uint8[:,::1], uint8[:,::1], uint8[:,::1], uint32[:,::1], int64)")
def darken(frame: Bytes, shadow: Bytes, where: Bytes, hidden: Bytes, pixels: Pixels, strength: int) -> None:
    """Darkens a frame's window (h, w, 3) in place by ``shadow`` (h, w), at most ``strength``/256.

    Only ``where`` (h, w) there is something to fall on, and neither ``hidden`` nor under the layer's ``pixels``.
    """
    for y in range(shadow.shape[0]):
        for x in range(shadow.shape[1]):
            depth = np.int64(shadow[y, x])
            if depth < 2 or where[y, x] < 2:
                continue
            covered = max(np.int64(hidden[y, x]), np.int64(np.uint64(pixels[y, x]) >> _24))
            bare = np.int64(where[y, x]) - covered
            loss = depth * bare * strength // 65025
            if bare > 0 and loss > 0:
                for c in range(3):
                    frame[y, x, c] = np.uint8(np.int64(frame[y, x, c]) * (256 - loss) >> 8)
