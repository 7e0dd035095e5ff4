import numpy as np

from fitting.pose import Bytes, Floats
from fitting.raster import darken, draw, overlay


def quad(alpha: int, clip: int = 255, light: float = 1.0) -> Bytes:
    """A square of two triangles drawn once."""
    canvas = np.zeros((60, 60, 4), np.uint8)
    texture = np.zeros((50, 50, 4), np.uint8)
    texture[..., :3], texture[..., 3] = alpha * 200 // 255, alpha
    places = np.array([[10.3, 10.7], [45.2, 11.1], [44.9, 46.3], [9.8, 45.5]], np.float32)
    uv = np.array([[1, 1], [48, 1], [48, 48], [1, 48]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    shade: Floats = np.full(4, light, np.float32)
    tint: Floats = np.ones(3, np.float32)
    draw(canvas, texture, places, uv, shade, triangles, np.full((60, 60), clip, np.uint8), tint)
    return canvas


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
    canvas = np.zeros((40, 40, 4), np.uint8)
    texture = np.full((8, 8, 4), 255, np.uint8)
    places = np.array([[-1e5, -1e5], [1e5, -1e5], [0, 1e5]], np.float32)
    triangles = np.array([[0, 1, 2]], np.int32)
    ones: Floats = np.ones(3, np.float32)
    uv = np.array([[0, 0], [7, 0], [0, 7]], np.float32)
    draw(canvas, texture, places, uv, ones, triangles, np.full((40, 40), 255, np.uint8), ones)


def test_an_overlay_keeps_what_is_in_front_and_collects_alpha() -> None:
    frame, alpha = np.full((4, 4, 3), 50, np.uint8), np.zeros((4, 4), np.uint8)
    layer = np.full((4, 4, 4), 255, np.uint8)
    hidden = np.zeros((4, 4), np.uint8)
    hidden[0] = 255
    overlay(frame, layer, hidden, alpha, 256)
    assert (frame[0] == 50).all()
    assert (frame[1:] == 255).all()
    assert (alpha == np.where(hidden > 0, 0, 255)).all()


def test_a_shadow_darkens_only_where_it_falls() -> None:
    frame = np.full((4, 4, 3), 200, np.uint8)
    shadow = np.zeros((4, 4), np.uint8)
    shadow[2] = 255
    darken(frame, shadow, np.full((4, 4), 255, np.uint8), 128)
    assert (frame[2] == 100).all()
    assert (frame[[0, 1, 3]] == 200).all()
