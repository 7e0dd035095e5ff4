"""The garments of the fitting room that lie beside the products: their ids, and nothing else of them."""

from pathlib import Path

import msgspec

PLACES = ("*/garment/garment.json", "*/garment.json")


class _Named(msgspec.Struct):
    id: str


def garment_ids(folder: Path) -> frozenset[str]:
    """The ids of the garment.json files below `folder`; one that cannot be read has none (the room says why)."""
    found = set()
    for pattern in PLACES:
        for path in folder.glob(pattern):
            try:
                found.add(msgspec.json.decode(path.read_bytes(), type=_Named).id)
            except (OSError, msgspec.MsgspecError):
                continue
    return frozenset(found)
