"""python -m app fitting: one fitting worker. It listens on `run/fitting-N.sock` in the data folder once it is warm."""

import asyncio
import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from app.catalogue.folder import catalogue_folder
from app.config import Config
from app.mirror.admission import lanes
from app.mirror.dressing import OpenSession
from app.mirror.fitter import Session
from app.mirror.ladder import Model
from app.mirror.link import BUFFER_BYTES, Link
from app.mirror.room import Room, RoomStuck
from app.processes import fitting_workers
from fitting.errors import FittingError

log = logging.getLogger(__name__)

# EX_SOFTWARE of sysexits.h: the supervisor starts the worker again.
STUCK_STATUS = 70


class NoMirror(FittingError):
    """This machine cannot track people."""


def socket_path(data: Path, index: int) -> Path:
    """Where worker `index` listens."""
    return data / "run" / f"fitting-{index}.sock"


def run(config: Config, index: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    os.umask(0o077)
    keep_native_code_quiet()
    # A lane is one thread; OpenCV's own pool would take the cores of the others.
    cv2.setNumThreads(1)
    opener = sessions(catalogue_folder(config))
    path = socket_path(config.data, index)
    status = asyncio.run(serve(path, opener, lanes(_cores(), fitting_workers())))
    path.unlink(missing_ok=True)
    if status:
        # A lane hangs in native code, so threads cannot be joined.
        os._exit(status)


def keep_native_code_quiet() -> None:
    """Let only our own log reach stderr.

    The pose network's and the JPEG decoder's libraries print what they think of single pictures there; nothing that is
    said about a shopper's picture is kept. What remains of a crash is Python's traceback.
    """
    ours = os.fdopen(os.dup(2), "w", buffering=1)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(ours)
    sys.stderr = ours
    faulthandler.enable(ours)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def sessions(wardrobe_folder: Path) -> OpenSession:
    """What opens a shopper's session. Compiles and loads what the first shopper would otherwise wait for.

    Where people cannot be tracked (no wheel for the platform, no models) it raises NoMirror to each shopper instead.
    """
    try:
        from fitting import FittingSession, Wardrobe

        wardrobe = Wardrobe.load(wardrobe_folder)

        def open_session(model: Model) -> Session:
            return FittingSession(wardrobe, model=model)

        _warm(open_session)
    except (ImportError, FittingError, OSError) as error:
        log.warning("the mirror is unavailable: %s", error)
        return _unavailable(str(error))
    return open_session


async def serve(path: Path, open_session: OpenSession, lane_count: int, limit: int | None = None) -> int:
    """Listen on `path` until the process is told to stop; the exit status."""
    room = Room(open_session, lane_count, limit)

    server = await asyncio.start_unix_server(
        lambda reader, writer: room.welcome(Link(reader, writer)), str(path), limit=BUFFER_BYTES
    )
    log.info("the fitting room is open at %s with %d lanes", path.name, lane_count)
    tending = asyncio.create_task(room.tend())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, tending.cancel)
    status = 0
    try:
        await tending
    except asyncio.CancelledError:
        pass  # told to stop
    except RoomStuck:
        log.critical("a frame has been worked on for too long; the worker starts anew")
        status = STUCK_STATUS
    server.close()
    await room.close(stuck=status != 0)
    return status


def _warm(open_session: Callable[[Model], Session]) -> None:
    session = open_session("full")
    try:
        for timestamp_ms in (1, 2):
            session.process(np.zeros((480, 640, 3), np.uint8), timestamp_ms)
    finally:
        session.close()


def _unavailable(reason: str) -> OpenSession:
    sentence = f"The mirror does not work on this server ({sys.platform}): {reason}"

    def refuse(model: Model) -> Session:
        raise NoMirror(sentence)

    return refuse


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
