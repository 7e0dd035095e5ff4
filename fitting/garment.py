"""Garments and the wardrobe that holds them, read from ``garment.json`` files (format in docs/garments.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from fitting.errors import GarmentInvalid, GarmentUnknown
from fitting.pose import Bytes, Floats
from fitting.texels import Texels, texels

FORMAT = "laufsteg-garment/1"
FILE = "garment.json"
# A texture beyond this is a mistake of the author: no screen shows it, and every session would carry it.
MAX_TEXTURE = 2048
MAX_VERTICES = 4000
DEMO = Path(__file__).resolve().parents[1] / "demo" / "catalogue"
KINDS = ("top", "outer", "dress", "skirt", "trousers", "hat", "glasses")
# Handles on the shoulder line, and how far from the neck to the shoulder's tip they sit: a collar stands up before it.
SLOPES = {"slope": 0.5, "yoke": 0.78}
# Texture copies at these scales; a small one is drawn where the garment appears small, so that it does not glitter.
PYRAMID = (1.0, 0.5, 0.25)


class Cut(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How a garment is meant to sit, in body lengths; the builder measures it, an author may change it.

    ``neck``: half of the neck opening in shoulder widths. ``hem``: the hem's place below the shoulders in torso
    lengths (None: where the picture's scale puts it). ``sleeve``: a short sleeve's end in upper-arm lengths.
    ``ease``: distance of the side seams from the body in shoulder widths. ``drape``: how far cloth may stand off
    the silhouette in shoulder widths, None for free-hanging cloth. ``longer``: added to the hem's place.
    """

    neck: float = 0.26
    hem: float | None = None
    sleeve: float = 0.7
    ease: float = 0.02
    drape: float | None = 0.03
    longer: float = 0.0


class PartFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One part of the mesh as written: see docs/garments.md."""

    name: str
    outline: list[list[float]]
    vertices: list[list[float]] = []
    triangles: list[list[int]] = []
    weights: list[list[float]] = []
    along: list[float] = []
    across: list[float] = []
    mesh: str | None = None


class GarmentFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A garment.json as written."""

    format: str
    id: str
    kind: str
    texture: str
    size: list[int]
    px_per_cm: float
    keypoints: dict[str, list[float]]
    cut: Cut
    handles: list[str]
    parts: list[PartFile]
    stations: int = 0
    sample_size: str = ""
    sizes_cm: dict[str, dict[str, float]] = {}
    neckline: list[list[float]] = []


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """A part's picture at one scale: ``texels`` as they are drawn, ``uv`` (n, 2) the vertices in it."""

    texels: Texels
    uv: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A piece of the mesh. Vertices are float32 (n, 2) in the texture's pixels, triangles int32 (m, 3).

    ``weights`` (n, handles) places every vertex as a weighted mean of the handles' places. A limb's vertices also
    have ``along`` (0 at the body, stations - 1 at the cuff) and ``across`` (0 on the outer, 1 on the inner line).
    ``textures`` are the part's picture at the scales of PYRAMID; ``drawn`` are the triangles that show any of it.
    """

    name: str
    vertices: Floats
    triangles: npt.NDArray[np.int32]
    weights: Floats
    along: Floats
    across: Floats
    textures: tuple[Texture, ...]
    drawn: npt.NDArray[np.int32]

    @property
    def limb(self) -> bool:
        """Whether this is a sleeve or a leg."""
        return len(self.along) > 0


@dataclass(frozen=True, slots=True, eq=False)
class Garment:
    """One garment, ready to be drawn."""

    id: str
    kind: str
    size: tuple[int, int]
    px_per_cm: float
    keypoints: Mapping[str, Floats]
    cut: Cut
    handles: tuple[str, ...]
    stations: int
    parts: Mapping[str, Part]
    sample_size: str
    sizes_cm: Mapping[str, Mapping[str, float]]

    @property
    def long_sleeved(self) -> bool:
        """Whether sleeves reach below the elbow."""
        return self.stations == 3 and "sleeve_left" in self.parts


class Wardrobe(Mapping[str, Garment]):
    """Garments by id. Textures are read when a garment is first worn."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = dict(files)
        self._garments: dict[str, Garment] = {}

    @classmethod
    def load(cls, folder: str | Path) -> Wardrobe:
        """Finds ``*/garment/garment.json`` and ``*/garment.json`` under a folder; raises GarmentInvalid."""
        root = Path(folder)
        files: dict[str, Path] = {}
        for path in sorted([*root.glob(f"*/garment/{FILE}"), *root.glob(f"*/{FILE}")]):
            name = read_file(path).id
            if name in files:
                raise GarmentInvalid(f"{path}: the garment id {name!r} is used by {files[name]} already.")
            files[name] = path
        return cls(files)

    @classmethod
    def demo(cls) -> Wardrobe:
        """The demo catalogue's garments."""
        return cls.load(DEMO)

    def __getitem__(self, garment: str) -> Garment:
        if garment not in self._garments:
            if garment not in self._files:
                raise GarmentUnknown(f"There is no garment {garment!r} in the wardrobe.")
            self._garments[garment] = load_garment(self._files[garment])
        return self._garments[garment]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def path(self, garment: str) -> Path:
        """The garment.json of a garment."""
        if garment not in self._files:
            raise GarmentUnknown(f"There is no garment {garment!r} in the wardrobe.")
        return self._files[garment]


def read_file(path: Path) -> GarmentFile:
    """A garment.json as written; raises GarmentInvalid with the file and what is wrong."""
    try:
        file = msgspec.json.decode(path.read_bytes(), type=GarmentFile)
    except (OSError, msgspec.DecodeError) as error:
        raise GarmentInvalid(f"{path}: {error}") from error
    if file.format != FORMAT:
        raise GarmentInvalid(f"{path}: format is {file.format!r}; this version reads {FORMAT!r}.")
    if file.kind not in KINDS:
        raise GarmentInvalid(f"{path}: kind is {file.kind!r}; choose one of {', '.join(KINDS)}.")
    return file


def load_garment(path: Path) -> Garment:
    """Reads one garment.json and its texture; raises GarmentInvalid with the file and the mend."""
    file = read_file(path)
    picture_path = path.parent / file.texture
    if picture_path.parent != path.parent:
        raise GarmentInvalid(f"{path}: the texture must lie beside it, not at {file.texture!r}.")
    picture: Any = cv2.imread(str(picture_path), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.ndim != 3 or picture.shape[2] != 4:
        raise GarmentInvalid(f"{picture_path}: this is not a picture with an alpha channel.")
    if max(picture.shape[:2]) > MAX_TEXTURE or [picture.shape[1], picture.shape[0]] != file.size:
        raise GarmentInvalid(
            f"{picture_path}: is not of the size {file.size} that {FILE} names, or above {MAX_TEXTURE}."
        )
    parts: dict[str, Part] = {}
    for part in file.parts:
        try:
            parts[part.name] = _part(path, file, part, parts, np.asarray(picture, np.uint8))
        except ValueError as error:  # rows of unequal lengths
            sentence = f"{path}: part {part.name!r} has vertices and weights that do not match: {error}"
            raise GarmentInvalid(sentence) from error
    return Garment(
        file.id,
        file.kind,
        (file.size[0], file.size[1]),
        file.px_per_cm,
        {name: np.array(place, np.float32) for name, place in file.keypoints.items()},
        file.cut,
        tuple(file.handles),
        file.stations,
        parts,
        file.sample_size,
        file.sizes_cm,
    )


def _part(path: Path, file: GarmentFile, part: PartFile, known: Mapping[str, Part], picture: Bytes) -> Part:
    mesh = known.get(part.mesh) if part.mesh else None
    if mesh is None:
        vertices = np.array(part.vertices, np.float32).reshape(-1, 2)
        triangles = np.array(part.triangles, np.int32).reshape(-1, 3)
        weights = np.array(part.weights, np.float32).reshape(len(vertices), -1)
        along, across = np.array(part.along, np.float32), np.array(part.across, np.float32)
    else:
        vertices, triangles, weights, along, across = (
            mesh.vertices,
            mesh.triangles,
            mesh.weights,
            mesh.along,
            mesh.across,
        )
    if not 3 <= len(vertices) <= MAX_VERTICES or not np.isfinite(vertices).all():
        raise GarmentInvalid(f"{path}: part {part.name!r} has {len(vertices)} vertices; 3 to {MAX_VERTICES} are drawn.")
    if len(triangles) == 0 or triangles.min() < 0 or triangles.max() >= len(vertices):
        raise GarmentInvalid(f"{path}: part {part.name!r} has a triangle that names a missing vertex.")
    if weights.shape[1] != len(file.handles) or len(along) not in (0, len(vertices)) or len(along) != len(across):
        raise GarmentInvalid(f"{path}: part {part.name!r} needs one weight a handle and one place a vertex.")
    outline = np.array(part.outline, np.float32).reshape(-1, 2)
    full, low = _cut(picture, outline)
    drawn = triangles[_showing(vertices[triangles] - low, full[..., 3])]
    return Part(part.name, vertices, triangles, weights, along, across, _textures(full, vertices - low), drawn)


def _cut(picture: Bytes, outline: Floats) -> tuple[Bytes, Floats]:
    """The picture inside an outline, premultiplied, and its corner in the whole picture."""
    height, width = picture.shape[:2]
    low = np.clip(np.floor(outline.min(0)) - 4, 0, [width - 1, height - 1]).astype(int)
    high = np.clip(np.ceil(outline.max(0)) + 5, low + 1, [width, height]).astype(int)
    region = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillPoly(region, [np.round(outline - low).astype(np.int32)], 255)
    region = np.asarray(cv2.GaussianBlur(region, (0, 0), 1.0), np.uint8)
    cut = picture[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    cut[..., 3] *= region / 255.0
    cut[..., :3] *= cut[..., 3:] / 255.0
    return np.clip(cut + 0.5, 0, 255).astype(np.uint8), low.astype(np.float32)


def _textures(full: Bytes, vertices: Floats) -> tuple[Texture, ...]:
    copies = []
    for scale in PYRAMID:
        small = full if scale == 1 else cv2.resize(full, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        uv = np.ascontiguousarray(vertices * np.float32(scale), np.float32)
        copies.append(Texture(texels(np.asarray(small, np.uint8)), uv))
    return tuple(copies)


def _showing(corners: Floats, alpha: Bytes) -> npt.NDArray[np.bool_]:
    """Which triangles (m, 3, 2) may show a pixel of a picture that is not empty."""
    size = np.array(alpha.shape[::-1])
    low = np.clip(np.floor(corners.min(1)).astype(int) - 2, 0, size)
    high = np.clip(np.ceil(corners.max(1)).astype(int) + 3, 0, size)
    sums = cv2.integral((alpha > 0).astype(np.uint8))
    count = (
        sums[high[:, 1], high[:, 0]]
        - sums[low[:, 1], high[:, 0]]
        - sums[high[:, 1], low[:, 0]]
        + sums[low[:, 1], low[:, 0]]
    )
    return np.asarray(count > 0)
