"""A small SMTP server that keeps what it gets; recipients at `nowhere` are refused, those at `full` come too early."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.servers import stop_listening


class MailServer:
    """`taken`: every message as it came."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[tuple["MailServer", str]]:
        """Listen; the server and its SMTP_URL."""
        listening = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        try:
            yield self, f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        finally:
            await stop_listening(listening)
            await listening.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 ready\r\n")
            while line := await reader.readline():
                word = line[:4].upper()
                if word == b"RCPT" and b"nowhere" in line:
                    writer.write(b"550 no such user\r\n")
                elif word == b"RCPT" and b"full" in line:
                    writer.write(b"452 mailbox full\r\n")
                elif word == b"DATA":
                    writer.write(b"354 go on\r\n")
                    self.taken.append(await reader.readuntil(b"\r\n.\r\n"))
                    writer.write(b"250 taken\r\n")
                elif word == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    writer.write(b"250 fine\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the sender died
        finally:
            writer.close()
