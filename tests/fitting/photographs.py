"""A merchant's photographs, made by chance from the demo garments, each with the truth of what is garment.

Plain grounds with a gradient, wrinkles and a colour cast, a soft shadow, a light that falls off, noise and JPEG; the
garment turned a little, with and without the inside of its back, with an arm brought to its side so that a hole opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fitting.garment import DEMO, FILE, read_file
from fitting.pose import Bytes, Floats

HEIGHT, WIDTH = 1040, 880
# Grounds that people photograph on, BGR: whites, greys, paper, wood's beige, a green and a blue cloth.
GROUNDS = (
    (245, 246, 246),
    (225, 228, 230),
    (190, 190, 190),
    (205, 218, 226),
    (150, 175, 200),
    (110, 150, 120),
    (190, 160, 120),
)
FAR, NEAR = (22.0, 60.0), (9.0, 14.0)


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A BGR picture, its garment's true alpha, 0 to 1, and the demo garment's points in the picture."""

    picture: Bytes
    truth: Floats
    keypoints: dict[str, Floats]
    neckline: Floats


def photograph(garment: str, seed: int, *, near: bool = False, hole: bool = False, flat: bool = False) -> Photograph:
    """One photograph. ``near``: on a ground nearly of its own colour; ``flat``: without the inside of its back."""
    chance = np.random.default_rng(seed)
    folder = DEMO / garment / "garment"
    file = read_file(folder / FILE)
    texture = np.asarray(cv2.imread(str(folder / file.texture), cv2.IMREAD_UNCHANGED), np.uint8)
    line = np.array(file.neckline, np.float32).reshape(-1, 2)
    if flat and len(line):
        texture = _without_inside(texture, line)
    places = {name: np.array(place, np.float32) for name, place in file.keypoints.items()}
    if hole:
        texture, places = _arm_at_side(texture, places)
    move = _turn(texture.shape, chance)
    size = (WIDTH, HEIGHT)
    premultiplied = texture.astype(np.float32) / 255
    premultiplied[..., :3] *= premultiplied[..., 3:]
    laid = np.asarray(cv2.warpAffine(premultiplied, move, size, flags=cv2.INTER_AREA), np.float32)
    alpha = np.asarray(np.clip(laid[..., 3], 0, 1), np.float32)
    ground = _ground(laid, alpha, chance, near)
    light = _slope(chance, 0.10)
    shade = _shadow(alpha, chance)
    picture = (
        laid[..., :3] * (light * 0.5 + 0.5)[..., None] + (ground * (light * shade)[..., None]) * (1 - alpha)[..., None]
    )
    picture *= 1 + chance.uniform(-0.06, 0.06, 3)
    picture += chance.normal(0, chance.uniform(0.003, 0.014), picture.shape)
    eight = np.clip(picture * 255, 0, 255).astype(np.uint8)
    _, coded = cv2.imencode(".jpg", eight, [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(60, 96))])
    shown = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)

    def moved(points: Floats) -> Floats:
        return np.asarray(points @ move[:, :2].T + move[:, 2], np.float32)

    # Lenses let the ground through and are garment nevertheless.
    covered = np.where(cv2.erode(alpha, np.ones((5, 5), np.uint8)) > 0.2, 1, alpha).astype(np.float32)
    return Photograph(shown, covered, {name: moved(place) for name, place in places.items()}, moved(line))


def overlap(found: Bytes, truth: Floats) -> float:
    """Intersection over union of two alphas."""
    alpha = found[..., 3].astype(np.float32) / 255
    return float(np.minimum(alpha, truth).sum() / np.maximum(alpha, truth).sum())


def saved(shot: Photograph, path: Path) -> Path:
    """The picture as a file."""
    cv2.imwrite(str(path), shot.picture)
    return path


def _turn(shape: tuple[int, ...], chance: np.random.Generator) -> Floats:
    """From the texture to the picture: scaled to leave a margin, turned and moved."""
    height, width = shape[:2]
    scale = min(HEIGHT / height, WIDTH / width) * chance.uniform(0.72, 0.86)
    move = cv2.getRotationMatrix2D((width / 2, height / 2), chance.uniform(-4, 4), scale)
    move[:, 2] += np.array(
        [WIDTH / 2 - width / 2 + chance.uniform(-20, 20), HEIGHT / 2 - height / 2 + chance.uniform(-30, 30)]
    )
    return np.asarray(move, np.float32)


def _slope(chance: np.random.Generator, most: float) -> Floats:
    """A light that falls off across the picture and towards its corners, about 1."""
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j].astype(np.float32)
    a, b = chance.uniform(-most, most, 2)
    return np.asarray(1 + a * x + b * y - chance.uniform(0, most) * (x * x + y * y) / 2, np.float32)


def _ground(laid: Floats, alpha: Floats, chance: np.random.Generator, near: bool) -> Floats:
    """The plain ground (H, W, 3) from 0 to 1, with soft wrinkles."""
    mean = laid[..., :3].sum((0, 1)) / alpha.sum()
    mean_lab = cv2.cvtColor(mean.reshape(1, 1, 3), cv2.COLOR_BGR2LAB).ravel()
    least, most = NEAR if near else FAR
    while True:
        if near:
            way = chance.normal(size=3) * [1, 0.5, 0.5]
            lab = mean_lab + way / np.linalg.norm(way) * chance.uniform(least, most)
            colour = cv2.cvtColor(np.asarray(lab, np.float32).reshape(1, 1, 3), cv2.COLOR_LAB2BGR).ravel()
        else:
            colour = (
                np.array(GROUNDS[chance.integers(len(GROUNDS))], np.float32)
                / 255
                * np.float32(chance.uniform(0.9, 1.02))
            )
            lab = cv2.cvtColor(colour.reshape(1, 1, 3), cv2.COLOR_BGR2LAB).ravel().astype(np.float64)
        if colour.max() <= 1.01 and np.linalg.norm(lab - mean_lab) >= least:
            break
    wrinkle = cv2.GaussianBlur(chance.normal(size=(HEIGHT // 8, WIDTH // 8)).astype(np.float32), (0, 0), 7)
    wrinkle = cv2.resize(wrinkle / wrinkle.std(), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(colour * (1 + chance.uniform(0, 0.012) * wrinkle)[..., None], np.float32)


def _shadow(alpha: Floats, chance: np.random.Generator) -> Floats:
    """What is left of the light beside and below the garment."""
    shade: Floats = np.ones_like(alpha)
    for sigma, depth, reach in ((chance.uniform(4, 9), 0.3, 8), (chance.uniform(12, 30), 0.35, 30)):
        by = np.array([[1, 0, chance.uniform(-reach, reach)], [0, 1, chance.uniform(0.2, 1) * reach]], np.float32)
        cast = cv2.warpAffine(alpha, by, (WIDTH, HEIGHT))
        shade = shade * (1 - chance.uniform(0.1, 1) * depth * cv2.GaussianBlur(cast, (0, 0), sigma))
    return np.asarray(shade, np.float32)


def _without_inside(texture: Bytes, line: Floats) -> Bytes:
    """The front only, as a shirt that lies with its neck closed."""
    region = np.zeros(texture.shape[:2], np.uint8)
    ring = np.vstack([line, [[line[-1, 0], -9], [line[0, 0], -9]]])
    cv2.fillPoly(region, [np.round(ring).astype(np.int32)], 255)
    bare = texture.copy()
    bare[..., 3] = np.minimum(bare[..., 3], 255 - cv2.GaussianBlur(region, (0, 0), 1.0))
    return bare


def _arm_at_side(texture: Bytes, places: dict[str, Floats]) -> tuple[Bytes, dict[str, Floats]]:
    """The wearer's left forearm turned in at the elbow until its cuff lies on the side: a hole opens."""
    elbow = (places["elbow_outer_left"] + places["elbow_inner_left"]) / 2
    cuff = (places["cuff_outer_left"] + places["cuff_inner_left"]) / 2
    along = (cuff - elbow) / np.hypot(*(cuff - elbow))
    reach = float(np.hypot(*(cuff - elbow)))
    inward = min(elbow[0] - (places["hem_left"][0] + places["armpit_left"][0]) / 2, reach)
    goal = np.array([-inward, np.sqrt(reach**2 - inward**2)], np.float32)
    angle = float(np.arctan2(goal[1], goal[0]) - np.arctan2(along[1], along[0]))
    below = max(0, int(elbow[1] + 1.2 * reach) - texture.shape[0])
    big = cv2.copyMakeBorder(texture, 0, below, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)).astype(np.float32)
    y, x = np.mgrid[0 : big.shape[0], 0 : big.shape[1]].astype(np.float32)
    outer = ((x - elbow[0]) * along[0] + (y - elbow[1]) * along[1] > 0) & (x > places["armpit_left"][0])
    turn = cv2.getRotationMatrix2D((float(elbow[0]), float(elbow[1])), -float(np.degrees(angle)), 1)
    rest, arm = (np.where(part[..., None], big, 0) for part in (~outer, outer))
    arm = cv2.warpAffine(arm, turn, big.shape[1::-1])
    over = arm[..., 3:] / 255
    both = np.dstack([arm[..., :3] * over + rest[..., :3] * (1 - over), np.maximum(arm[..., 3:], rest[..., 3:])])
    moved = {
        name: turn[:, :2] @ place + turn[:, 2] if name in ("cuff_inner_left", "cuff_outer_left") else place
        for name, place in places.items()
    }
    return np.clip(both, 0, 255).astype(np.uint8), moved
