"""Where live video lies below the data folder."""

import re
from pathlib import Path

from app.errors import NotFound

EVENT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def socket_path(data: Path) -> Path:
    """Where the media process listens."""
    return data / "run" / "media.sock"


def folder_of(data: Path, event: str) -> Path:
    """An event's folder of playlists and media. Raises NotFound for anything that is no event id."""
    if not EVENT_ID.fullmatch(event):
        raise NotFound("There is no such event.")
    return data / "hls" / event
