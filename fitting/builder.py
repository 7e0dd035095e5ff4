"""From a cut-out picture and its key points to a garment folder: texture, mesh, parts, handles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import msgspec
import numpy as np

from fitting.body import unit
from fitting.errors import PhotoUnusable
from fitting.garment import FILE, FORMAT, SLOPES, Cut, GarmentFile, PartFile
from fitting.mesh import CELL, grid, ladder, lengthened, outline, spline_weights
from fitting.pose import Bytes, Floats
from fitting.retouch import bleed, unlit
from fitting.sleeves import SHORTEST_SEAM
from fitting.torso import SHOULDERS_CM

# The garment's longer side in the texture: a garment that fills a 720p frame still has a texel a pixel.
TEXTURE_SIDE = 900
WEBP_QUALITY = 82
MARGIN = 8
# Neighbouring parts overlap by this many texels, so that no crack shows at a seam.
OVERLAP = 5
# A sleeve's cells are this share of its longer side, by its stations: a long one turns a corner at the elbow.
SLEEVE_CELL = {2: 1 / 6, 3: 1 / 24}
# Handles on the side seams, as shares of the way from the armpit (or waist) to the hem.
ROWS = {
    "top": (0.12, 0.35, 0.57, 0.79, 1.0),
    "outer": (0.12, 0.35, 0.57, 0.79, 1.0),
    "dress": (0.07, 0.2, 0.33, 0.46, 0.62, 0.8, 1.0),
    "skirt": (0.2, 0.45, 0.72, 1.0),
}
SLEEVED = ("top", "outer", "dress")
SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Design:
    """What an author says about a garment. Key points and the neckline are in the picture's pixels.

    The neckline runs along the front edge of the opening from the wearer's right to the left; what lies above it is
    the inside of the back and is worn behind the neck (or, at a waist, not drawn).
    """

    id: str
    kind: str
    px_per_cm: float
    keypoints: Mapping[str, tuple[float, float]]
    neckline: list[tuple[float, float]] = field(default_factory=list)
    cut: Cut = field(default_factory=Cut)
    sample_size: str = ""
    sizes_cm: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def build(design: Design, picture: Bytes, folder: Path, *, texture: bool = True) -> GarmentFile:
    """Writes garment.json and, unless it is there already, texture.webp into ``folder`` from a BGRA picture."""
    cut, places, scale = _cropped(picture, design) if texture else _whole(picture, design)
    neckline = places.pop("neckline") if "neckline" in places else np.zeros((0, 2), np.float32)
    points = {name: place[0] for name, place in places.items()}
    solid = (cut[..., 3] > 6).astype(np.uint8)
    if design.kind in SLEEVED:
        handles, parts, stations = _sleeved(design.kind, points, neckline, solid, design.px_per_cm * scale)
    elif design.kind == "skirt":
        handles, parts, stations = _skirt(points, neckline, solid)
    elif design.kind == "trousers":
        handles, parts, stations = _trousers(points, neckline, solid)
    else:
        handles, parts, stations = _worn_on_head(design.kind, points, solid)
    folder.mkdir(parents=True, exist_ok=True)
    if texture and not cv2.imwrite(str(folder / "texture.webp"), cut, [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY]):
        raise PhotoUnusable(f"{folder / 'texture.webp'} could not be written.")
    file = GarmentFile(
        FORMAT,
        design.id,
        design.kind,
        "texture.webp",
        [cut.shape[1], cut.shape[0]],
        round(design.px_per_cm * scale, 3),
        {name: _rounded(place) for name, place in points.items()},
        design.cut,
        handles,
        parts,
        stations,
        design.sample_size,
        {size: dict(chart) for size, chart in design.sizes_cm.items()},
        [_rounded(place) for place in neckline],
    )
    (folder / FILE).write_bytes(msgspec.json.encode(file))
    return file


def _rounded(place: Floats) -> list[float]:
    return [round(float(v), 1) for v in place]


def _cropped(picture: Bytes, design: Design) -> tuple[Bytes, dict[str, Floats], float]:
    """The texture cut to the garment, all points in its pixels, and the scale from picture to texture."""
    rows, columns = np.nonzero(picture[..., 3] > 6)
    if len(rows) < 1000:
        raise PhotoUnusable("There is no garment in this picture: it is transparent almost everywhere.")
    x0, y0 = max(0, columns.min() - MARGIN), max(0, rows.min() - MARGIN)
    cut = picture[y0 : rows.max() + MARGIN, x0 : columns.max() + MARGIN]
    scale = min(1.0, TEXTURE_SIDE / max(cut.shape[:2]))
    filled = bleed(cut)
    if scale < 1:
        filled = np.asarray(cv2.resize(filled, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    move = np.array([x0, y0], np.float32)
    places = {
        name: ((np.array([place], np.float32) - move) * scale).astype(np.float32)
        for name, place in design.keypoints.items()
    }
    if design.neckline:
        places["neckline"] = ((np.array(design.neckline, np.float32) - move) * scale).astype(np.float32)
    return unlit(filled), places, scale


def _whole(picture: Bytes, design: Design) -> tuple[Bytes, dict[str, Floats], float]:
    """The same for a picture that is a texture already."""
    places = {name: np.array([place], np.float32) for name, place in design.keypoints.items()}
    if design.neckline:
        places["neckline"] = np.array(design.neckline, np.float32)
    return picture, places, 1.0


def _part(name: str, region: Bytes, handles: Floats, cell: int, lines: tuple[Floats, Floats] | None = None) -> PartFile:
    vertices, triangles = grid(np.asarray(cv2.dilate(region, np.ones((3, 3), np.uint8))), cell)
    along, across = ladder(*lines, vertices) if lines else (np.zeros(0), np.zeros(0))
    weights = spline_weights(handles, vertices)
    return PartFile(
        name,
        outline(region),
        [[round(float(v), 1) for v in row] for row in vertices],
        triangles.tolist(),
        [[round(float(v), 4) for v in row] for row in weights],
        [round(float(v), 3) for v in along],
        [round(float(v), 3) for v in across],
    )


def _cell(solid: Bytes) -> int:
    return max(8, round(CELL * int(max(solid.shape))))


def _above(line: Floats, shape: tuple[int, ...]) -> Bytes:
    """Everything above a line that runs from left to right."""
    region = np.zeros(shape[:2], np.uint8)
    if len(line):
        lean = 0.4 * float(line[:, 1].max())  # across the shoulder's slope, so that no thin spike is left beside it
        ring = np.vstack([line, [[line[-1, 0] + lean, -1], [line[0, 0] - lean, -1]]])
        cv2.fillPoly(region, [np.round(ring).astype(np.int32)], 1)
    return region


def _severed(solid: Bytes, cut: list[Floats], inside: Floats) -> Bytes:
    """The piece that a cut line severs and that holds the point ``inside``."""
    walled = solid.copy()
    ends = [cut[0] + (cut[0] - cut[1]) * 0.6, *cut]
    cv2.polylines(walled, [np.round(np.array(ends)).astype(np.int32)], False, 0, 2)
    _, labels = cv2.connectedComponents(walled, connectivity=4)
    height, width = solid.shape
    near = labels[int(np.clip(inside[1], 0, height - 1)), int(np.clip(inside[0], 0, width - 1))]
    piece = (labels == near).astype(np.uint8) if near else np.zeros_like(solid)
    if not piece.any() or piece.sum() > 0.6 * solid.sum():
        raise PhotoUnusable("A sleeve cannot be told from the body: check the shoulder, armpit and cuff key points.")
    return piece


def _widened(piece: Bytes, solid: Bytes) -> Bytes:
    size = 2 * OVERLAP + 1
    return np.asarray(cv2.dilate(piece, np.ones((size, size), np.uint8)) * solid, np.uint8)


def _sides(points: dict[str, Floats], torso: Bytes, top: str, bottom: str, rows: tuple[float, ...]) -> None:
    """Adds the key points side_1..side_n on both outlines between two rows; the last one is at the hem."""
    middle = float(np.mean([points[f"{bottom}_{s}"][0] for s in SIDES]))
    start = float(np.mean([points[f"{top}_{s}"][1] for s in SIDES]))
    end = float(np.mean([points[f"{bottom}_{s}"][1] for s in SIDES]))
    for i, share in enumerate(rows, 1):
        y = start + (end - start) * share - (3 if share == 1 else 0)
        columns = np.nonzero(torso[int(np.clip(y, 0, torso.shape[0] - 1))])[0]
        for side, sign in (("left", 1), ("right", -1)):
            mine = columns[(columns - middle) * sign > 0]
            x = float((mine.max() if sign > 0 else mine.min()) if len(mine) else points[f"{bottom}_{side}"][0])
            points[f"side_{i}_{side}"] = np.array([x, y], np.float32)
    points["hem_front"] = np.array([middle, end], np.float32)


def _sleeved(
    kind: str, points: dict[str, Floats], neckline: Floats, solid: Bytes, px_per_cm: float
) -> tuple[list[str], list[PartFile], int]:
    long = "elbow_outer_left" in points
    stations = 3 if long else 2
    if len(neckline):
        points["neck_right"], points["neck_left"] = neckline[0], neckline[-1]
        points["neck_front"] = neckline[np.argmax(neckline[:, 1])]
        centre = round(float(points["neck_front"][0]))
        points["neck_back"] = np.array([centre, float(np.argmax(solid[:, centre] > 0))], np.float32)
        for side in SIDES:
            neck, tip = float(points[f"neck_{side}"][0]), float(points[f"shoulder_{side}"][0])
            for name, share in SLOPES.items():
                column = round(neck + share * (tip - neck))
                points[f"{name}_{side}"] = np.array([column, float(np.argmax(solid[:, column] > 0))], np.float32)
    pieces: dict[str, Bytes] = {}
    lines: dict[str, tuple[Floats, Floats]] = {}
    torso = solid.copy()
    sleeves = SIDES if "cuff_outer_left" in points else ()
    for side in sleeves:
        shoulder, armpit = points[f"shoulder_{side}"], points[f"armpit_{side}"]
        outer, inner = points[f"cuff_outer_{side}"], points[f"cuff_inner_{side}"]
        chain = ["shoulder", "elbow_outer", "cuff_outer"], ["armpit", "elbow_inner", "cuff_inner"]
        outside, inside = (
            np.array([points[f"{name}_{side}"] for name in names if long or "elbow" not in name]) for names in chain
        )
        lines[side] = outside, lengthened(outside, inside, SHORTEST_SEAM * SHOULDERS_CM * px_per_cm)
        # Below the armpit the cut runs on between the sleeve and the side, where they may still touch.
        low = points[f"elbow_inner_{side}"] if long else inner
        fork = unit(unit(low - armpit) + unit(points[f"hem_{side}"] - armpit)) * np.hypot(*(armpit - shoulder))
        pieces[side] = _severed(
            solid, [shoulder, armpit, armpit + fork * 0.6], (outer + inner + shoulder * 0.4 + armpit * 0.4) / 2.8
        )
        torso[pieces[side] > 0] = 0
    _sides(points, torso, "armpit", "hem", ROWS[kind])
    names = ["shoulder", "armpit", *(f"side_{i}" for i in range(1, len(ROWS[kind]) + 1))]
    handles = [f"{name}_{side}" for name in names for side in SIDES] + ["neck_front", "hem_front"]
    if len(neckline) and np.hypot(*(points["neck_left"] - points["shoulder_left"])) > 0.05 * solid.shape[1]:
        handles += [f"{name}_{side}" for name in ("neck", *SLOPES) for side in ("left", "right")]
    handles += ["neck_back"] if len(neckline) else []
    places = np.array([points[name] for name in handles], np.float32)
    opening = _above(neckline, solid.shape) * solid
    front = _widened(torso, solid)
    parts = [_part("torso", np.where(opening > 0, 0, front).astype(np.uint8), places, _cell(solid))]
    # The mesh of the whole torso serves the back as well.
    whole = _part("torso", front, places, _cell(solid))
    parts[0].vertices, parts[0].triangles, parts[0].weights = whole.vertices, whole.triangles, whole.weights
    if opening.any():
        parts.append(PartFile("back", outline(_widened(opening, front)), mesh="torso"))
    for side in sleeves:
        piece = _widened(pieces[side], solid)
        cell = min(_cell(solid), max(8, round(SLEEVE_CELL[stations] * max(cv2.boundingRect(piece)[2:]))))
        parts.append(_part(f"sleeve_{side}", piece, places, cell, lines[side]))
    return handles, parts, stations


def _skirt(points: dict[str, Floats], waistline: Floats, solid: Bytes) -> tuple[list[str], list[PartFile], int]:
    region = np.where(_above(waistline, solid.shape) > 0, 0, solid).astype(np.uint8)
    _sides(points, region, "waist", "hem", ROWS["skirt"])
    points["waist_front"] = waistline[len(waistline) // 2] if len(waistline) else _middle(points, "waist")
    names = ["waist", *(f"side_{i}" for i in range(1, len(ROWS["skirt"]) + 1))]
    handles = [f"{name}_{side}" for name in names for side in SIDES] + ["waist_front", "hem_front"]
    places = np.array([points[name] for name in handles], np.float32)
    return handles, [_part("torso", region, places, _cell(solid))], 0


def _middle(points: dict[str, Floats], name: str) -> Floats:
    return np.asarray((points[f"{name}_left"] + points[f"{name}_right"]) / 2, np.float32)


def _trousers(points: dict[str, Floats], waistline: Floats, solid: Bytes) -> tuple[list[str], list[PartFile], int]:
    region = np.where(_above(waistline, solid.shape) > 0, 0, solid).astype(np.uint8)
    points["waist_front"] = waistline[len(waistline) // 2] if len(waistline) else _middle(points, "waist")
    crotch = points["crotch"]
    row = np.nonzero(region[int(crotch[1]) - 2])[0]
    points["hip_right"] = np.array([row.min(), crotch[1]], np.float32)
    points["hip_left"] = np.array([row.max(), crotch[1]], np.float32)
    handles = ["waist_left", "waist_right", "waist_front", "hip_left", "hip_right", "crotch"]
    places = np.array([points[name] for name in handles], np.float32)
    parts = []
    for side in SIDES:
        outer = np.array([points[f"{n}_{side}"] for n in ("waist", "hip", "knee_outer", "hem_outer")])
        inner = np.array(
            [points["waist_front"], crotch, points[f"knee_inner_{side}"], points[f"hem_inner_{side}"]], np.float32
        )
        gap = np.mean([points[f"hem_inner_{s}"] for s in SIDES], axis=0).astype(np.float32)
        knee = (points[f"knee_outer_{side}"] + points[f"knee_inner_{side}"]) / 2
        leg = _severed(region, [points["waist_front"], crotch, gap], knee)
        parts.append(_part(f"leg_{side}", _widened(leg, region), places, _cell(solid), (outer, inner)))
    return handles, parts, 4


def _worn_on_head(kind: str, points: dict[str, Floats], solid: Bytes) -> tuple[list[str], list[PartFile], int]:
    handles = ["band_left", "band_right", "crown_top"] if kind == "hat" else ["lens_left", "lens_right", "temple"]
    if kind == "glasses":
        middle = _middle(points, "lens")
        points["temple"] = middle + np.array([0, np.ptp([points["lens_left"][0], points["lens_right"][0]])], np.float32)
    places = np.array([points[name] for name in handles], np.float32)
    return handles, [_part(kind, solid, places, 4 * _cell(solid))], 0
