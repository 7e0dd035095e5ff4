"""Pose tracking and garment compositing, usable without any server: frames in, frames out.

wardrobe = Wardrobe.load("demo/catalogue")
with FittingSession(wardrobe) as session:
    session.wear(["tee"])
    fitted = session.process(frame, timestamp_ms)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fitting.garment import Garment, Wardrobe
    from fitting.pose import Pose
    from fitting.session import Fitted, FittingSession

__all__ = ["Fitted", "FittingSession", "Garment", "Pose", "Wardrobe"]

_HOMES = {
    "Fitted": "fitting.session",
    "FittingSession": "fitting.session",
    "Garment": "fitting.garment",
    "Pose": "fitting.pose",
    "Wardrobe": "fitting.garment",
}


def __getattr__(name: str) -> object:
    """Imports a public name's module when it is first used: a process that reads a wardrobe needs no compiler."""
    if name not in _HOMES:
        raise AttributeError(f"module 'fitting' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
