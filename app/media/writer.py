"""The writer: carries what the packager makes to the shelf, in order, in a thread, and sits out a full disk."""

import asyncio
import logging
from collections import deque
from typing import Any

from app.media.packager import File
from app.media.reel import Reel
from app.media.shelf import Shelf

log = logging.getLogger(__name__)

# What may wait in memory while nothing can be written: about a minute of a 4 Mbit/s show.
BACKLOG_BYTES = 32 * 1024 * 1024
# How long to wait before a write is tried again, in seconds.
RETRY_S = 0.5


class Writer:
    """Writes one show's files. `put` never blocks and never fails; `stuck` tells why nothing is being written."""

    def __init__(self, shelf: Shelf) -> None:
        self.stuck: str | None = None
        self.overflowed = False
        self._shelf = shelf
        self._waiting: deque[File | Reel | dict[str, Any]] = deque()
        self._bytes = 0
        self._stopping = False
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def put(self, files: list[File], reel: Reel) -> None:
        """Store files, then let readers see the reel that names them."""
        self.put_files(files)
        self._waiting.append(reel)
        self._more.set()

    def put_files(self, files: list[File]) -> None:
        """Store files that a later reel will name."""
        for file in files:
            self._waiting.append(file)
            self._bytes += len(file.data)
        self._more.set()
        if self._bytes > BACKLOG_BYTES:
            self._waiting.clear()
            self._bytes = 0
            self.overflowed = True

    def put_state(self, state: dict[str, Any]) -> None:
        """Write the state, unless the disk does not even take the media."""
        if self.stuck is None or not any(isinstance(item, dict) for item in self._waiting):
            self._waiting.append(state)
            self._more.set()

    async def stop(self) -> None:
        """Write what can still be written at once, then end."""
        self._stopping = True
        self._more.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._waiting or not self._stopping:
            if not self._waiting:
                self._more.clear()
                await self._more.wait()
                continue
            item = self._waiting[0]
            try:
                await asyncio.to_thread(self._write, item)
            except OSError as error:
                if self.stuck is None:
                    log.error("media cannot be written, trying again until it can: %s", error)
                self.stuck = error.strerror or str(error)
                if self._stopping:
                    return
                await asyncio.sleep(RETRY_S)
                continue
            if self.stuck is not None:
                log.warning("media can be written again")
                self.stuck = None
            if self._waiting and self._waiting[0] is item:
                self._waiting.popleft()
                self._bytes -= len(item.data) if isinstance(item, File) else 0

    def _write(self, item: File | Reel | dict[str, Any]) -> None:
        if isinstance(item, File):
            self._shelf.write(item)
        elif isinstance(item, Reel):
            self._shelf.publish(item)
            if not item.open or not item.segments[-1].parts:
                self._shelf.prune(item)
        else:
            self._shelf.state(item)
