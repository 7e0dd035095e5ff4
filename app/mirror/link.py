"""One stream between web and a fitting worker: whole messages in, whole messages out."""

import asyncio
import contextlib
from pathlib import Path

from app.mirror.protocol import PREFIX_BYTES, Kind, ProtocolError, pack, unpack_prefix

# A composed frame or two: more in the buffer is only delay.
BUFFER_BYTES = 128 * 1024


class Link:
    """Either end of the stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        writer.transport.set_write_buffer_limits(high=BUFFER_BYTES)

    @classmethod
    async def connect(cls, path: Path) -> "Link":
        """The web's end. Raises OSError when no worker listens."""
        return cls(*await asyncio.open_unix_connection(str(path), limit=BUFFER_BYTES))

    async def send(self, kind: Kind, payload: bytes) -> None:
        """Send one message; waits while the other end does not keep up. Raises ConnectionError when it is gone."""
        self._writer.write(pack(kind, payload))
        await self._writer.drain()

    async def receive(self) -> tuple[Kind, bytes] | None:
        """The next message; None when the other end is gone, or talks nonsense."""
        try:
            kind, length = unpack_prefix(await self._reader.readexactly(PREFIX_BYTES))
            return kind, await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError, ProtocolError):
            return None

    def close(self) -> None:
        """Hang up; what was not sent is dropped."""
        with contextlib.suppress(RuntimeError):  # the event loop may be closed already
            self._writer.transport.abort()
