"""Shoppers without a browser: a keep-alive client that speaks just enough HTTP to cost little beside the server."""

import asyncio
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from app.customers.cookie import NAME, Cookies, Session
from app.ledger.clock import now_ms
from app.ledger.ids import new_id

ADDRESS = {"name": "Ada Byron", "line1": "Ring 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
HOLD = b'{"quantity":1}'


class Refused(Exception):
    """An answer that is none of the expected ones."""


@dataclass
class Line:
    """One connection of a buyer."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def post(self, path: str, body: bytes, cookie: str, key: str | None = None) -> tuple[int, bytes]:
        """Status and body of the answer; without a `key` it is asked under a new one."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Cookie: {NAME}={cookie}\r\nIdempotency-Key: {key or secrets.token_hex(8)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        lines = answer.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
        return int(answer[9:12]), await self.reader.readexactly(length)


# What a buyer does over a line, under a cookie of their own; the status that counts.
Visit = Callable[[Line, str], Awaitable[int]]


def holding(path: str) -> Visit:
    """Ask for one unit."""

    async def visit(line: Line, cookie: str) -> int:
        return (await line.post(path, HOLD, cookie))[0]

    return visit


def order_of(hold: str, email: str, behaviour: str = "approve") -> bytes:
    """The checkout's body for a hold."""
    payment = {"method": "sandbox", "behaviour": behaviour}
    return json.dumps({"holds": [hold], "payment": payment, "email": email, "address": ADDRESS}).encode()


def purchasing(path: str) -> Visit:
    """Ask for one unit and pay it."""

    async def visit(line: Line, cookie: str) -> int:
        status, body = await line.post(path, HOLD, cookie)
        if status != 201:
            raise Refused(body)
        order = order_of(json.loads(body)["hold"], f"{secrets.token_hex(6)}@example.org")
        status, body = await line.post("/api/checkout", order, cookie)
        if status != 201:
            raise Refused(body)
        return status

    return visit


@dataclass
class Crowd:
    """Everybody who visits; each visit is another shopper's."""

    port: int
    secret: str
    connections: int
    statuses: Counter[int] = field(default_factory=Counter)
    delays_ms: list[float] = field(default_factory=list)

    async def rush(self, visit: Visit, visits: int) -> float:
        """As many visits as the server lets through, over all connections at once; the seconds that took."""
        waiting, began = iter(range(visits)), time.perf_counter()

        async def come(line: Line) -> None:
            for _ in waiting:
                await self._timed(visit, line, time.perf_counter())

        await self._with_lines(come)
        return time.perf_counter() - began

    async def stream(self, visit: Visit, visits: int, a_second: float, source: random.Random) -> None:
        """Visits at random instants, `a_second` on average, whether or not the earlier ones are answered; a delay
        counts from the instant, so waiting for a free connection counts as well."""
        due: asyncio.Queue[float | None] = asyncio.Queue()

        async def come(line: Line) -> None:
            while (instant := await due.get()) is not None:
                await self._timed(visit, line, instant)

        async def send() -> None:
            for instant in _instants(visits, a_second, source):
                if (early := instant - time.perf_counter()) > 0:
                    await asyncio.sleep(early)
                due.put_nowait(instant)
            for _ in range(self.connections):
                due.put_nowait(None)

        await asyncio.gather(send(), self._with_lines(come))

    async def _timed(self, visit: Visit, line: Line, began: float) -> None:
        cookie = self._cookies.write(Session(new_id("shp"), now_ms()))
        status = await visit(line, cookie)
        self.delays_ms.append((time.perf_counter() - began) * 1000)
        self.statuses[status] += 1

    @cached_property
    def _cookies(self) -> Cookies:
        return Cookies(self.secret)

    async def _with_lines(self, come: Callable[[Line], Awaitable[None]]) -> None:
        opened = await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", self.port) for _ in range(self.connections))
        )
        await asyncio.gather(*(come(Line(*pair)) for pair in opened))
        for _, writer in opened:
            writer.close()


def _instants(visits: int, a_second: float, source: random.Random) -> Iterator[float]:
    at = time.perf_counter() + 0.1
    for _ in range(visits):
        at += source.expovariate(a_second)
        yield at
