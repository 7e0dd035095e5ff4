"""The express lane: the same answers as without it, for everything that it takes, and nothing that it should not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from app.edge import json_response, read_json
from app.errors import Conflict, problems
from app.express import ExpressRunner
from app.plain import HEAD_MAX, read_plain

ADDRESSES = ("/things/{id}/parts", "/slow")


def post(path: str, body: bytes = b"{}", *lines: str, version: str = "1.1", length: int | None = None) -> bytes:
    head = [f"POST {path} HTTP/{version}", "Host: shop.example", "Content-Type: application/json", *lines]
    return "\r\n".join([*head, f"Content-Length: {len(body) if length is None else length}", "", ""]).encode() + body


@dataclass
class Line:
    """A client's connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:-2])
        return int(lines[0].split()[1]), headers, await self.reader.readexactly(int(headers["Content-Length"]))

    async def ask(self, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(0.01)  # the server may see the pieces one by one, or not; both are right
            self.writer.write(piece)
        return await self.answer()


@dataclass
class Site:
    """A running application."""

    runner: ExpressRunner
    lines: list[Line]
    asked: asyncio.Event
    go_on: asyncio.Event

    async def line(self) -> Line:
        self.lines.append(Line(*await asyncio.open_connection("127.0.0.1", self.runner.addresses[0][1])))
        return self.lines[-1]


async def parts(request: web.Request) -> web.Response:
    body = await read_json(request, dict[str, Any])
    if "refuse" in body:
        raise Conflict("Not now.", headers={"Retry-After": "1"})
    if "header" in body:
        return web.Response(headers={"X-Told": body["header"]})
    way = "library" if hasattr(request, "transport") else "lane"
    told = {"id": request.match_info["id"], "host": request.host, "remote": request.remote, **body}
    return json_response(told, 201, {"X-Way": way})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        asked.set()
        await go_on.wait()
        return web.Response(body=b"slow")

    async def signed(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["X-Signed"] = request.path

    app = web.Application(middlewares=[problems])
    app.on_response_prepare.append(signed)
    app.add_routes([web.post("/things/{id}/parts", parts), web.post("/slow", slow), web.post("/other/{id}", parts)])
    runner = ExpressRunner(app, ADDRESSES, access_log=None, shutdown_timeout=5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made = Site(runner, [], asked, go_on)
    yield made
    for line in made.lines:
        line.writer.close()
        await line.writer.wait_closed()
    await runner.cleanup()


def halved(asked: bytes) -> tuple[bytes, bytes]:
    return asked[:40], asked[40:]


@pytest.mark.parametrize("body", [b'{"a":1}', b'{"refuse":1}', b'{"header":"x"}', b"[", b""])
async def test_an_answer_is_the_same_in_the_lane_and_in_the_library(site: Site, body: bytes) -> None:
    lane, library = await site.line(), await site.line()
    asked = post("/things/7/parts", body)
    # A method that is no plain request's leaves this connection to the library.
    await library.ask(b"OPTIONS /other/7 HTTP/1.1\r\nHost: x\r\n\r\n")
    quick, usual = await lane.ask(asked), await library.ask(asked)
    assert quick[0] == usual[0]
    assert quick[2] == usual[2]
    assert {**quick[1], "X-Way": "", "Date": ""} == {**usual[1], "X-Way": "", "Date": ""}


async def test_what_is_plain_goes_through_the_lane_again_and_again(site: Site) -> None:
    line = await site.line()
    for number in range(3):
        status, headers, body = await line.ask(post(f"/things/{number}/parts", b'{"a":1}'))
        assert (status, headers["X-Way"], headers["X-Signed"]) == (201, "lane", f"/things/{number}/parts")
        assert b'"host":"shop.example","remote":"127.0.0.1","a":1' in body
    # What is not the lane's is the library's; soon after its answer the lane is open again.
    assert (await line.ask(post("/other/1")))[1]["X-Way"] == "library"
    async with asyncio.timeout(10):
        while (await line.ask(post("/things/1/parts")))[1]["X-Way"] != "lane":
            pass


async def test_no_answer_has_a_line_break_in_a_header(site: Site) -> None:
    line = await site.line()
    line.writer.write(post("/things/7/parts", b'{"header":"x\\r\\nSet-Cookie: y"}'))
    assert await line.reader.read() == b""


LIBRARY: list[Callable[[], tuple[bytes, ...]]] = [
    lambda: halved(post("/things/7/parts")),
    lambda: (post("/things/7/parts", b"{}", "X-Same: 1", "X-Same: 2"),),
    lambda: (post("/things/7/parts", b"{}", "X-Named: Zoë"),),
    lambda: (post("/things/7/parts?a=1"),),
    lambda: (post("/things/%37/parts"),),
    lambda: (post("/things/7/parts", b"{}", "Connection: close"),),
    lambda: (post("/things/7/parts", b"{}", *(f"X-Long-{number}: " + "x" * 5000 for number in range(2))),),
    lambda: (
        b"POST /things/7/parts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ),
]


@pytest.mark.parametrize("pieces", LIBRARY)
async def test_what_is_unusual_is_the_librarys(site: Site, pieces: Callable[[], tuple[bytes, ...]]) -> None:
    line = await site.line()
    status, headers, _ = await line.ask(*pieces())
    assert (status, headers["X-Way"]) == (201, "library")


async def test_a_request_inside_another_ones_head_is_no_request(site: Site) -> None:
    """Bytes that would be plain alone belong to what the library has begun to read."""
    line = await site.line()
    line.writer.write(b"POST /other/1 HTTP/1.1\r\nContent-Type: application/json\r\nHost: x\r\nContent-Length: ")
    await line.writer.drain()
    inner = post("/things/7/parts")
    await asyncio.sleep(0.05)
    line.writer.write(str(len(inner) + 2).encode() + b"\r\n\r\n{}")
    await asyncio.sleep(0.05)
    line.writer.write(inner)
    status, _, body = await line.answer()
    assert status == 400, body  # the body as a whole is no JSON
    line.writer.write(post("/things/7/parts"))
    assert (await line.answer())[1]["X-Way"] == "library"


async def test_what_comes_during_an_answer_waits_its_turn(site: Site) -> None:
    line = await site.line()
    line.writer.write(post("/slow"))
    await site.asked.wait()
    line.writer.write(post("/things/1/parts") + post("/things/2/parts"))
    await asyncio.sleep(0.05)
    line.writer.write(post("/things/3/parts"))
    await asyncio.sleep(0.05)
    site.go_on.set()
    assert (await line.answer())[2] == b"slow"
    for number in (1, 2, 3):
        assert f'"id":"{number}"'.encode() in (await line.answer())[2]


async def test_who_leaves_leaves_nothing_behind(site: Site) -> None:
    line = await site.line()
    line.writer.write(post("/slow"))
    await site.asked.wait()
    line.writer.close()
    await line.writer.wait_closed()
    await asyncio.sleep(0.05)
    site.go_on.set()
    other = await site.line()
    assert (await other.ask(post("/things/1/parts")))[0] == 201


async def test_an_answer_that_is_given_up_before_it_begins_closes_its_connection(site: Site) -> None:
    line = await site.line()
    await line.ask(post("/things/1/parts"))
    server, before = site.runner.server, asyncio.all_tasks()
    assert server is not None
    (connection,) = server.connections
    connection.data_received(post("/things/2/parts"))
    (answering,) = asyncio.all_tasks() - before
    answering.cancel()
    async with asyncio.timeout(5):
        assert await line.reader.read() == b""


async def test_the_end_waits_for_an_answer_that_is_under_way(site: Site) -> None:
    line = await site.line()
    line.writer.write(post("/slow"))
    await site.asked.wait()
    ending = asyncio.create_task(site.runner.cleanup())
    await asyncio.sleep(0.05)
    assert not ending.done()
    site.go_on.set()
    assert (await line.answer())[2] == b"slow"
    await ending
    assert await line.reader.read() == b""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        post("/x", b"{}", length=3),
        post("/x", b"{}", length=1),
        post("/x", b"{}", version="1.0"),
        post("/x", b"{}").replace(b"\r\n", b"\n"),
        post("/x", b"{}").replace(b"Host:", b"Host :"),
        post("/x", b"{}").replace(b"Host: ", b"Host: a\r\n "),
        post("/x", b"{}").replace(b"Content-Length: 2", b"Content-Length: +2"),
        post("/x", b"{}").replace(b"Content-Length: 2", b"Content-Length: 0000002"),
        post("/x", b"{}", "content-length: 2"),
        post("/x", b"{}", "Upgrade: websocket"),
        post("/x", b"{}", "Expect: 100-continue"),
        post("/x", b"{}", "X: " + "x" * HEAD_MAX),
        b"POST http://x/ HTTP/1.1\r\n\r\n",
        b"CONNECT x HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ],
)
def test_only_one_whole_usual_request_is_plain(data: bytes) -> None:
    assert read_plain(data) is None


def test_a_head_that_nearly_fits_is_refused_quickly() -> None:
    lines = [f"X-{number}: {' ' * 100}" for number in range(60)]
    assert read_plain(post("/x", b"{}", *lines)[:-6]) is None


def test_a_plain_request_is_read() -> None:
    found = read_plain(post("/x", b"{}", "X-Told:  a b\t", "Connection: keep-alive"))
    assert found is not None
    assert (found.method, found.path, found.host, found.body) == ("POST", "/x", "shop.example", b"{}")
    assert (found.headers["x-told"], found.content_type, found.content_length) == ("a b", "application/json", 2)
