"""What a merchant does: a photograph becomes a garment with a preview, and moved key points a new mesh."""

from __future__ import annotations

import math
import re
from pathlib import Path

import cv2
import numpy as np
from msgspec.structs import replace

from fitting.body import body_of
from fitting.builder import Design, build
from fitting.compositing import Compositor
from fitting.errors import GarmentInvalid, ModelsMissing, PhotoUnusable
from fitting.garment import FILE, Cut, Garment, load_garment, read_file
from fitting.geometry import place
from fitting.keypoints import propose
from fitting.photo import read_photo
from fitting.pose import Bytes
from fitting.silhouette import Silhouette
from fitting.tracker import PoseTracker

PEOPLE = Path(__file__).parent / "people"
PREVIEW = "preview.webp"
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# Across, laid flat, of a medium size: chest, waist, band, or the distance of the lenses.
WIDTH_CM = {"top": 50.0, "outer": 55.0, "dress": 45.0, "skirt": 36.0, "trousers": 40.0, "hat": 17.0, "glasses": 6.6}
ACROSS = {"skirt": "waist", "trousers": "waist", "hat": "band", "glasses": "lens"}
CUTS = {
    "top": Cut(ease=0.03),
    "outer": Cut(ease=0.05, drape=0.06),
    "dress": Cut(ease=0.02, drape=None),
    "trousers": Cut(drape=0.05),
}
# Laid flat, a garment shows half of its girth; worn, the body is about this much less wide.
WORN_WIDTH = 0.76
UPPER_ARM_CM = 28.0
# Half of a worn neck opening is about this share of the flat one's, both in shoulder widths, and within these limits.
WORN_NECK, NECK = 0.7, (0.18, 0.36)


def add(photo: Path, name: str, kind: str, folder: Path, width_cm: float | None = None) -> list[str]:
    """Writes garment.json, texture and preview; returns lines for the merchant. Raises PhotoUnusable."""
    if not ID.fullmatch(name):
        raise PhotoUnusable(f"The id {name!r} may hold small letters, digits and hyphens only; name one with --id.")
    picture = read_photo(photo)
    points, neckline = propose(kind, picture)
    across = ACROSS.get(kind, "armpit")
    span = math.dist(points[f"{across}_left"], points[f"{across}_right"])
    flat = width_cm or WIDTH_CM[kind]
    per_cm = span / (flat * (1.0 if kind in ("hat", "glasses") else WORN_WIDTH))
    cut = CUTS.get(kind, Cut(drape=None))
    if "cuff_outer_left" in points and "elbow_outer_left" not in points:
        end = np.mean([points["cuff_outer_left"], points["cuff_inner_left"]], axis=0)
        length = float(np.hypot(*(end - points["shoulder_left"]))) / per_cm
        cut = replace(cut, sleeve=min(0.95, max(0.2, length / UPPER_ARM_CM - 0.1)))
    if neckline and "shoulder_left" in points:
        opening = (neckline[-1][0] - neckline[0][0]) / (points["shoulder_left"][0] - points["shoulder_right"][0])
        cut = replace(cut, neck=min(NECK[1], max(NECK[0], WORN_NECK * opening / 2)))
    build(Design(name, kind, per_cm, points, neckline, cut), picture, folder)
    return [
        f"{folder / FILE}: {len(points)} key points proposed; move them there and run: "
        f"python -m fitting rebuild {folder}",
        *_preview(folder),
    ]


def rebuild(folder: Path) -> list[str]:
    """Builds the mesh again from the key points in garment.json. Raises GarmentInvalid or PhotoUnusable."""
    file = read_file(folder / FILE)
    picture = cv2.imread(str(folder / file.texture), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.ndim != 3 or picture.shape[2] != 4:
        raise GarmentInvalid(f"{folder / file.texture}: this is not a picture with an alpha channel.")
    points = {name: (place[0], place[1]) for name, place in file.keypoints.items()}
    neckline = [(place[0], place[1]) for place in file.neckline]
    design = Design(file.id, file.kind, file.px_per_cm, points, neckline, file.cut, file.sample_size, file.sizes_cm)
    build(design, np.asarray(picture, np.uint8), folder, texture=False)
    return [f"{folder / FILE}: built again", *_preview(folder)]


def _preview(folder: Path) -> list[str]:
    """Dresses the demo people; says so when the pose models are not there."""
    try:
        tracker = PoseTracker("full")
    except ModelsMissing as error:
        return [f"No preview: {error}"]
    tracker.close()
    garment = load_garment(folder / FILE)
    shown = [worn_by(garment, path) for path in sorted(PEOPLE.glob("*.jpg"))]
    cv2.imwrite(str(folder / PREVIEW), np.hstack([picture for picture in shown if picture is not None]))
    return [f"{folder / PREVIEW}: how it looks on the demo people"]


def worn_by(garment: Garment, person: Path) -> Bytes | None:
    """A picture of a person in a garment; None when nobody is found in it."""
    frame = np.asarray(cv2.imread(str(person)), np.uint8)
    tracker = PoseTracker("full")
    pose = None
    for step in range(3):  # the tracker settles within a few frames
        pose = tracker.track(frame, 33 * step)
    tracker.close()
    if pose is None:
        return None
    body = body_of(pose)
    placement = place(garment, body, Silhouette(body), lambda points: points)
    return Compositor().compose(frame, body, [placement], 1.0)[0]
