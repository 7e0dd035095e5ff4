"""What can go wrong in the fitting room, each as a class with a sentence that a person can act on."""

from __future__ import annotations


class FittingError(Exception):
    """The base of everything that this package raises on purpose."""


class ModelsMissing(FittingError):
    """The pose models are not there or are not the ones that were asked for."""


class GarmentInvalid(FittingError):
    """A garment's file cannot be used; the message names the file and the mend."""


class GarmentUnknown(FittingError, KeyError):
    """A garment was asked for that the wardrobe does not hold."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else "This garment is not in the wardrobe."


class PhotoUnusable(FittingError):
    """A merchant's photograph cannot become a garment; the message says why and what to photograph instead."""


class FrameInvalid(FittingError, ValueError):
    """A frame is not uint8 (H, W, 3), is too small, or its timestamp does not increase."""
