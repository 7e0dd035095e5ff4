"""`python -m app verify-draw FILE`: recompute a draw from the answer of GET /api/drops/{id}/draw; needs no shop."""

import sys
from pathlib import Path

import msgspec

from app.config import ConfigError
from app.drops.draw.fairness import deviations
from app.drops.views import Draw


class DrawOff(ConfigError):
    """The draw cannot be read, or was not as it is told; the lines above say how."""


def run(file: str) -> None:
    """Print what deviates and raise DrawOff, or print that the draw was right."""
    try:
        told = msgspec.json.decode(Path(file).read_bytes(), type=Draw)
        found = deviations(told)
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        raise DrawOff(f"{file} is no answer of /api/drops/.../draw: {error}.") from None
    sys.stdout.writelines(f"{line}\n" for line in found)
    if found:
        raise DrawOff(f"The draw of {told.drop} was not as it is told.")
    served = sum(entry.won for entry in told.entries)
    sys.stdout.write(f"The draw of {told.drop} is right: {served} of {len(told.entries)} customers were served.\n")
