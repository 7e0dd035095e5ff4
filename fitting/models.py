"""The pose models, assembled from the npm package ``@mediapipe/pose`` and checked by SHA-256.

A ``.task`` file is a stored zip of a person detector and a landmark network. Both networks come without the TFLite
metadata that the task runner demands (how pixels are normalised), so it is added here.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

from fitting.errors import ModelsMissing

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "models"
PACKAGE = ROOT / "node_modules" / "@mediapipe" / "pose"
NAMES = ("lite", "full")

DETECTOR_SHA256 = "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85"
LANDMARKS_SHA256 = {
    "lite": "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
    "full": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
}
_DETECTOR_ENTRY = re.compile(r'"?filename"?:\s*"[^"]*pose_detection\.tflite",\s*"?start"?:\s*(\d+),\s*"?end"?:\s*(\d+)')


@dataclass(frozen=True, slots=True)
class Normalization:
    """How a network wants its pixels: ``(value - mean) / std`` for values 0-255, and how many tensors it returns."""

    mean: float
    std: float
    outputs: int


_DETECTOR = Normalization(127.5, 127.5, 2)
_LANDMARKS = Normalization(0.0, 255.0, 5)


def model_path(name: str, folder: Path = FOLDER) -> Path:
    """The built model's path; raises ModelsMissing with the mend when it is not there."""
    if name not in NAMES:
        raise ModelsMissing(f"There is no pose model {name!r}; choose one of {', '.join(NAMES)}.")
    path = folder / f"pose_{name}.task"
    if not path.is_file():
        raise ModelsMissing(f"The pose model {path} is missing; build it with: python -m fitting models")
    return path


def build(package: Path = PACKAGE, folder: Path = FOLDER) -> list[Path]:
    """Writes ``pose_lite.task`` and ``pose_full.task`` into ``folder``; what is already right stays untouched."""
    paths = []
    detector = b""
    for name in NAMES:
        path = folder / f"pose_{name}.task"
        paths.append(path)
        if path.is_file() and _is_ours(path, name):
            continue
        detector = detector or with_metadata(_detector(package), _DETECTOR)
        landmarks = with_metadata(
            _checked(package / f"pose_landmark_{name}.tflite", LANDMARKS_SHA256[name]), _LANDMARKS
        )
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
            archive.comment = LANDMARKS_SHA256[name].encode()
            for member, blob in (("pose_detector.tflite", detector), ("pose_landmarks_detector.tflite", landmarks)):
                archive.writestr(zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0)), blob)
        draft.replace(path)
    return paths


def _is_ours(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment == LANDMARKS_SHA256[name].encode() and archive.testzip() is None
    except (OSError, zipfile.BadZipFile):
        return False


def _checked(path: Path, sha256: str) -> bytes:
    try:
        blob = path.read_bytes()
    except OSError as error:
        raise ModelsMissing(f"{path} cannot be read ({error.strerror}); install it with: npm ci") from error
    if hashlib.sha256(blob).hexdigest() != sha256:
        raise ModelsMissing(f"{path} is not the expected file; install @mediapipe/pose 0.5.1675469404 again.")
    return blob


def _detector(package: Path) -> bytes:
    loader = package / "pose_solution_packed_assets_loader.js"
    try:
        entry = _DETECTOR_ENTRY.search(loader.read_text())
        data = (package / "pose_solution_packed_assets.data").read_bytes()
    except OSError as error:
        raise ModelsMissing(f"{error.filename} cannot be read; install it with: npm ci") from error
    if entry is None:
        raise ModelsMissing(f"{loader} names no person detector; install @mediapipe/pose 0.5.1675469404 again.")
    blob = data[int(entry[1]) : int(entry[2])]
    if hashlib.sha256(blob).hexdigest() != DETECTOR_SHA256:
        raise ModelsMissing(f"The person detector in {package} is not the expected one; install the package again.")
    return blob


def metadata(normalization: Normalization) -> bytes:
    """The TFLite metadata buffer (identifier M001). Field numbers follow TensorFlow's metadata_schema.fbs."""
    b = flatbuffers.Builder(512)
    name, version = b.CreateString("image"), b.CreateString("1.0.0")
    mean = b.CreateNumpyVector(_floats(normalization.mean))
    std = b.CreateNumpyVector(_floats(normalization.std))
    top = b.CreateNumpyVector(_floats((255 - normalization.mean) / normalization.std))
    low = b.CreateNumpyVector(_floats(-normalization.mean / normalization.std))
    options = _table(b, 2, {0: mean, 1: std})
    unit = _table(b, 2, {1: options}, {0: 1})  # 1: NormalizationOptions
    units = _vector(b, [unit])
    image = _table(b, 2, {}, {0: 1})  # colour space 1: RGB
    content = _table(b, 3, {1: image}, {0: 2})  # 2: ImageProperties
    stats = _table(b, 2, {0: top, 1: low})
    inputs = _vector(b, [_table(b, 7, {0: name, 3: content, 4: units, 5: stats})])
    feature = _table(b, 0, {})
    outputs = _vector(b, [_table(b, 7, {3: _table(b, 3, {1: feature}, {0: 1})}) for _ in range(normalization.outputs)])
    graphs = _vector(b, [_table(b, 5, {2: inputs, 3: outputs})])
    b.Finish(_table(b, 8, {3: graphs, 7: version}), b"M001")
    return bytes(b.Output())


def with_metadata(model: bytes, normalization: Normalization) -> bytes:
    """A copy of a TFLite model that carries the metadata.

    FlatBuffers offsets point forward only, so a new root table is put in front of the untouched old file and refers
    to the old tables. The front's length is a multiple of 64, which keeps the weights' alignment.
    """
    root = struct.unpack_from("<I", model)[0]
    buffers = _target(model, root, 4)
    count = struct.unpack_from("<I", model, buffers)[0]
    blob = metadata(normalization)
    # Places in the new front, each a multiple of four; the vtable has 7 slots, the root table 7 words.
    table, vector = 28, 56
    entries = vector + 4 * (count + 2)
    buffer_vtable, buffer = entries + 8, entries + 16
    entry_vtable, entry = buffer + 8, buffer + 16
    names = entry + 12
    data = -(-(names + 20) // 16) * 16 + 12  # so that the bytes after the length word are 16-aligned
    start = -(-(data + 4 + len(blob)) // 64) * 64
    front = bytearray(start)
    put = struct.pack_into

    def refer(at: int, to: int) -> None:
        put("<I", front, at, to - at)

    put("<I4s", front, 0, table, b"TFL3")
    put("<9H", front, 8, 18, 28, 4, 8, 12, 16, 20, 0, 24)
    put("<iI", front, table, table - 8, struct.unpack_from("<I", model, _field(model, root, 0))[0])
    for slot, at in ((1, table + 8), (2, table + 12), (3, table + 16)):
        refer(at, start + _target(model, root, slot))
    refer(table + 20, vector)
    refer(table + 24, entries)
    put("<I", front, vector, count + 1)
    for i in range(count):
        at = buffers + 4 + 4 * i
        refer(vector + 4 + 4 * i, start + at + struct.unpack_from("<I", model, at)[0])
    refer(vector + 4 + 4 * count, buffer)
    put("<I", front, entries, 1)
    refer(entries + 4, entry)
    put("<I16s", front, names, 15, b"TFLITE_METADATA")
    put("<3H", front, buffer_vtable, 6, 8, 4)
    put("<i", front, buffer, buffer - buffer_vtable)
    refer(buffer + 4, data)
    put("<4H", front, entry_vtable, 8, 12, 4, 8)
    put("<i", front, entry, entry - entry_vtable)
    refer(entry + 4, names)
    put("<I", front, entry + 8, count)
    put("<I", front, data, len(blob))
    front[data + 4 : data + 4 + len(blob)] = blob
    return bytes(front) + model


def _field(model: bytes, table: int, slot: int) -> int:
    """Where a table's field lies in the file."""
    vtable = table - struct.unpack_from("<i", model, table)[0]
    offset: int = struct.unpack_from("<H", model, vtable + 4 + 2 * slot)[0]
    if not offset:
        raise ModelsMissing("The model's file has an unexpected layout; install @mediapipe/pose 0.5.1675469404 again.")
    return table + offset


def _target(model: bytes, table: int, slot: int) -> int:
    at = _field(model, table, slot)
    return at + int(struct.unpack_from("<I", model, at)[0])


def _floats(value: float) -> npt.NDArray[np.float32]:
    return np.array([value], np.float32)


def _vector(builder: Any, tables: list[int]) -> int:
    builder.StartVector(4, len(tables), 4)
    for table in reversed(tables):
        builder.PrependUOffsetTRelative(table)
    return int(builder.EndVector())


def _table(builder: Any, slots: int, offsets: dict[int, int], enums: dict[int, int] | None = None) -> int:
    builder.StartObject(slots)
    for slot, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
    for slot, value in (enums or {}).items():
        builder.PrependUint8Slot(slot, value, 0)
    return int(builder.EndObject())
