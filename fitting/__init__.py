"""Pose tracking and garment compositing, usable without any server: frames in, frames out.

wardrobe = Wardrobe.load("demo/catalogue")
with FittingSession(wardrobe) as session:
    session.wear(["tee"])
    fitted = session.process(frame, timestamp_ms)
"""

from fitting.garment import Garment, Wardrobe
from fitting.pose import Pose
from fitting.session import Fitted, FittingSession

__all__ = ["Fitted", "FittingSession", "Garment", "Pose", "Wardrobe"]
