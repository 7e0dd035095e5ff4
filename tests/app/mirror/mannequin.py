"""Fitting rooms on real sockets whose sessions do what a test wants."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.mirror.ladder import Model
from app.mirror.link import Link
from app.mirror.room import Room
from fitting import Fitted
from fitting.errors import GarmentUnknown
from fitting.pose import Bytes
from fitting.sizing import Advice
from tests.app.mirror.conftest import jpeg
from tests.servers import stop_listening

PICTURE = jpeg()


@dataclass
class Mannequin:
    """A session that gives the frame back; `work` happens on the way."""

    model: Model
    work: Callable[[Bytes], None] = lambda frame: None
    worn: list[str] = field(default_factory=list)
    closed: bool = False
    fitted: tuple[dict[str, str], dict[str, str]] = field(default_factory=lambda: ({}, {}))

    def wear(
        self, garments: Sequence[str], sizes: Mapping[str, str] | None = None, fits: Mapping[str, str] | None = None
    ) -> None:
        if "unknown" in garments:
            raise GarmentUnknown("There is no garment called unknown.")
        self.worn = list(garments)
        self.fitted = dict(sizes or {}), dict(fits or {})

    def advice(self, garment: str, height_cm: float | None) -> Advice:
        return Advice(("M", "L"), "whole-body") if (height_cm or 0) > 170 else Advice(("S",), "upper-body")

    def process(self, frame: Bytes, timestamp_ms: int) -> Fitted:
        self.work(frame)
        return Fitted(frame, frame[:, :, 0], None, "no-person")

    def close(self) -> None:
        self.closed = True


@dataclass
class Shop:
    """What one test's room did."""

    room: Room
    sessions: list[Mannequin]
    seconds: float = 0.0


@asynccontextmanager
async def open_room(
    data: Path,
    lanes: int = 1,
    limit: int | None = None,
    work: Callable[[Bytes], None] = lambda frame: None,
    index: int = 0,
) -> AsyncIterator[Shop]:
    made: list[Mannequin] = []

    def open_session(model: Model) -> Mannequin:
        made.append(Mannequin(model, work))
        return made[-1]

    shop = Shop(Room(open_session, lanes, limit, now=lambda: shop.seconds or time.monotonic()), made)
    async with listening(shop.room, data, index):
        yield shop


@asynccontextmanager
async def listening(room: Room, data: Path, index: int = 0, *, stuck: bool = False) -> AsyncIterator[None]:
    path = data / "run" / f"fitting-{index}.sock"
    server = await asyncio.start_unix_server(lambda reader, writer: room.welcome(Link(reader, writer)), str(path))
    tending = asyncio.create_task(room.tend())
    try:
        yield
    finally:
        await stop_listening(server)
        tending.cancel()
        await room.close(stuck=stuck)
        path.unlink(missing_ok=True)
