import math

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from fitting.pose import Bytes, Floats
from fitting.raster import Layer, darken, draw, overlay
from fitting.texels import texels


def layer(height: int, width: int) -> Layer:
    """A clean layer."""
    return Layer(np.full(height * width, 77, np.uint32), height, width)


def quad(alpha: int, clip: int = 255, light: float = 1.0) -> Bytes:
    """A square of two triangles drawn once."""
    canvas = layer(60, 60)
    texture = np.zeros((50, 50, 4), np.uint8)
    texture[..., :3], texture[..., 3] = alpha * 200 // 255, alpha
    places = np.array([[10.3, 10.7], [45.2, 11.1], [44.9, 46.3], [9.8, 45.5]], np.float32)
    uv = np.array([[1, 1], [48, 1], [48, 48], [1, 48]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    shade: Floats = np.full(4, light, np.float32)
    tint: Floats = np.ones(3, np.float32)
    drawn(canvas, texture, places, uv, shade, triangles, np.full((60, 60), clip, np.uint8), tint)
    return canvas.bgra


def drawn(
    canvas: Layer,
    texture: Bytes,
    places: Floats,
    uv: Floats,
    shade: Floats,
    triangles: npt.NDArray[np.int32],
    clip: Bytes,
    tint: Floats,
) -> None:
    draw(canvas.pixels, canvas.first, canvas.last, texels(texture), places, uv, shade, triangles, clip, tint)


def test_a_pixel_on_a_shared_edge_is_drawn_once() -> None:
    canvas = quad(128)
    assert set(np.unique(canvas[..., 3])) <= {0, 127, 128}


def test_nothing_is_drawn_outside_the_triangles() -> None:
    canvas = quad(255)
    assert canvas[:10].sum() == 0
    assert canvas[:, 47:].sum() == 0
    assert canvas[20:40, 20:40, 3].min() == 255


def test_light_darkens_and_clip_hides() -> None:
    assert quad(255, light=0.5)[30, 30, 0] == 100
    assert quad(255, clip=0).sum() == 0


def test_triangles_far_outside_the_canvas_are_harmless() -> None:
    canvas = layer(40, 40)
    texture = np.full((8, 8, 4), 255, np.uint8)
    places = np.array([[-1e5, -1e5], [1e5, -1e5], [0, 1e5]], np.float32)
    triangles = np.array([[0, 1, 2]], np.int32)
    ones: Floats = np.ones(3, np.float32)
    uv = np.array([[0, 0], [7, 0], [0, 7]], np.float32)
    drawn(canvas, texture, places, uv, ones, triangles, np.full((40, 40), 255, np.uint8), ones)
    assert canvas.rows == (0, 40)
    assert (canvas.bgra[30, 20] == 255).all()


def test_a_row_knows_the_columns_that_are_drawn_on() -> None:
    canvas = layer(60, 60)
    assert canvas.rows == (0, 0)
    assert canvas.bgra.sum() == 0
    places = np.array([[10, 10], [50, 10], [10, 50]], np.float32)
    ones: Floats = np.ones(3, np.float32)
    texture = np.full((40, 40, 4), 255, np.uint8)
    uv = np.array([[1, 1], [38, 1], [1, 38]], np.float32)
    triangles = np.array([[0, 1, 2]], np.int32)
    drawn(canvas, texture, places, uv, ones, triangles, np.full((60, 60), 255, np.uint8), ones)
    assert canvas.rows == (10, 50)
    columns = [np.flatnonzero(row) for row in canvas.pixels[10:50]]
    assert [int(row[0]) for row in columns] == canvas.first[10:50].tolist()
    assert [int(row[-1]) for row in columns] == canvas.last[10:50].tolist()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(3, 60), min_size=4, max_size=14), st.floats(0, 2 * math.pi), st.floats(20, 40))
def test_a_mesh_of_half_transparent_triangles_shows_no_seam(radii: list[float], turn: float, middle: float) -> None:
    angles = turn + np.arange(len(radii)) * 2 * math.pi / len(radii)
    rim = middle + np.array(radii)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    places = np.vstack([[[middle, middle]], rim]).astype(np.float32)
    triangles = np.array([[0, 1 + i, 1 + (i + 1) % len(radii)] for i in range(len(radii))], np.int32)
    canvas, texture = layer(60, 60), np.full((8, 8, 4), 100, np.uint8)
    uv: Floats = np.full((len(places), 2), 3, np.float32)
    light: Floats = np.ones(len(places), np.float32)
    drawn(canvas, texture, places, uv, light, triangles, np.full((60, 60), 255, np.uint8), np.ones(3, np.float32))
    assert set(np.unique(canvas.bgra)) <= {0, 100}
    assert canvas.bgra[round(middle), round(middle), 3] == 100


def test_an_overlay_keeps_what_is_in_front_and_collects_alpha() -> None:
    frame, alpha = np.full((4, 4, 3), 50, np.uint8), np.zeros((4, 4), np.uint8)
    white = layer(4, 4)
    white.pixels.fill(0xFFFFFFFF)
    hidden = np.zeros((4, 4), np.uint8)
    hidden[0] = 255
    columns = np.zeros(4, np.int32), np.full(4, 3, np.int32)
    overlay(frame, white.pixels, *columns, hidden, alpha, 256)
    assert (frame[0] == 50).all()
    assert (frame[1:] == 255).all()
    assert (alpha == np.where(hidden > 0, 0, 255)).all()


def test_a_shadow_darkens_only_where_it_falls() -> None:
    frame = np.full((4, 4, 3), 200, np.uint8)
    shadow = np.zeros((4, 4), np.uint8)
    shadow[2] = 255
    hidden, cloth = np.zeros((4, 4), np.uint8), layer(4, 4)
    hidden[:, 0] = 255
    cloth.pixels[:, 1] = 0xFF000000
    darken(frame, shadow, np.full((4, 4), 255, np.uint8), hidden, cloth.pixels, 128)
    assert (frame[2, 2:] == 100).all()
    assert (frame[2, :2] == 200).all()
    assert (frame[[0, 1, 3]] == 200).all()
