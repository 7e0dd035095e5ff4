import numpy as np

from fitting.mesh import grid, ladder, lengthened, spline_weights


def test_a_spline_keeps_what_an_affine_map_does() -> None:
    rng = np.random.default_rng(3)
    handles, points = rng.uniform(0, 900, (9, 2)).astype(np.float32), rng.uniform(0, 900, (40, 2)).astype(np.float32)
    turn = np.array([[0.8, 0.3], [-0.2, 1.1]])
    weights = spline_weights(handles, points)
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-3)
    assert np.allclose(weights @ (handles @ turn + 7), points @ turn + 7, atol=0.5)


def test_a_grid_covers_the_region_without_overlap() -> None:
    region = np.zeros((100, 120), np.uint8)
    region[20:70, 30:90] = 1
    vertices, triangles = grid(region, 10)
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    areas = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    assert abs(areas).min() > 0
    assert abs(areas).sum() / 2 == 50 * 60


def test_places_in_a_ladder_are_those_of_its_stations() -> None:
    outer = np.array([[0, 0], [100, 0], [200, 50]], np.float32)
    inner = np.array([[0, 60], [90, 60], [170, 100]], np.float32)
    middle = (outer + inner) / 2
    along, across = ladder(outer, inner, middle)
    assert np.allclose(along, [0, 1, 2], atol=0.02)
    assert np.allclose(across, 0.5, atol=0.02)


def test_places_on_a_cap_sleeve_keep_their_order_beyond_the_armpit() -> None:
    outer = np.array([[0, 0], [60, 40]], np.float32)
    inner = np.array([[0, 90], [0, 90]], np.float32)  # it ends at the armpit
    inner = lengthened(outer, inner, 30)
    ahead, down = np.meshgrid(np.linspace(-10, 60, 15), np.linspace(0, 110, 23))
    points = np.column_stack([ahead.ravel(), down.ravel()]).astype(np.float32)
    along, across = (place.reshape(ahead.shape) for place in ladder(outer, inner, points))
    assert np.allclose(inner[1], [0, 90])
    assert np.diff(across, axis=0).min() > 0
    assert np.diff(along, axis=1).min() >= 0


def test_a_sleeve_with_cloth_under_the_arm_keeps_its_lines() -> None:
    outer = np.array([[0, 0], [100, 20]], np.float32)
    inner = np.array([[0, 60], [80, 70]], np.float32)
    assert np.array_equal(lengthened(outer, inner, 60), inner)
