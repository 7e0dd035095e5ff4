"""The HTTP edge: malformed, mistyped, oversized and foreign requests meet a clear problem document."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from app import keys
from app.conduct import conduct
from app.config import Config
from app.edge import BODY_LIMIT, json_response, read_json
from app.errors import Conflict
from app.metrics import METRICS, Metrics
from app.origin import own_origin

Client = TestClient[web.Request, web.Application]


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    size: str
    quantity: int


async def wish(request: web.Request) -> web.Response:
    body = await read_json(request, Wish)
    if body.quantity == 13:
        raise Conflict("Thirteen is taken; choose another number.", left=12)
    if body.quantity == 500:
        raise RuntimeError("secret detail")
    return json_response(body, status=201)


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    app = web.Application(middlewares=[conduct])
    app[METRICS] = Metrics()
    app[keys.CONFIG] = Config(secret="s" * 32, public_url="https://gala.example")
    app.router.add_post("/wish", wish)
    return await aiohttp_client(app)


async def test_a_good_body_becomes_its_type(client: Client) -> None:
    answer = await client.post("/wish", json={"size": "M", "quantity": 1})
    assert answer.status == 201 and await answer.json() == {"size": "M", "quantity": 1}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 400, "not valid JSON"),
        (b"\xff\xfe", 400, "not valid JSON"),
        (b"[" * 60000, 422, "object"),
        (b"[]", 422, "object"),
        (b'{"size": "M", "quantity": "one"}', 422, "$.quantity"),
        (b'{"size": "M", "quantity": 1, "price": 1}', 422, "price"),
        (b'{"size": "M"}', 422, "quantity"),
        (b'{"size": "M\\u0000", "quantity": 1}', 422, "U+0000"),
        (b'{"size": "%s", "quantity": 1}' % (b"M" * BODY_LIMIT), 413, str(BODY_LIMIT)),
    ],
)
async def test_a_bad_body_is_named(client: Client, body: bytes, status: int, says: str) -> None:
    answer = await client.post("/wish", data=body, headers={"Content-Type": "application/json"})
    problem = await answer.json()
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert says in problem["detail"] and problem["status"] == status and problem["type"]


async def test_a_chunked_body_meets_the_same_limit(client: Client) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * BODY_LIMIT

    answer = await client.post("/wish", data=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status == 413


async def test_a_form_is_refused(client: Client) -> None:
    answer = await client.post("/wish", data={"size": "M", "quantity": "1"})
    assert answer.status == 415


async def test_a_refusal_keeps_its_slug_and_its_members(client: Client) -> None:
    answer = await client.post("/wish", json={"size": "M", "quantity": 13})
    assert answer.status == 409
    assert (await answer.json()) == {
        "type": "conflict", "title": "Not possible right now", "status": 409,
        "detail": "Thirteen is taken; choose another number.", "left": 12,
    }  # fmt: skip


async def test_a_surprise_is_logged_and_not_shown(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = await client.post("/wish", json={"size": "M", "quantity": 500})
    assert answer.status == 500 and "secret detail" not in await answer.text()
    assert "unexpected error in POST /wish" in caplog.text


async def test_unknown_addresses_and_methods_answer_as_problems(client: Client) -> None:
    missing, method = await client.get("/nowhere"), await client.get("/wish")
    assert (missing.status, (await missing.json())["type"]) == (404, "not-found")
    assert (method.status, method.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Origin": "https://gala.example"}, 201),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://gala.example:bad"}, 403),
        ({"Origin": "https://evil.example", "Authorization": "Bearer token"}, 201),
        ({"Origin": "https://evil.example", "Authorization": "Basic token"}, 403),
    ],
)
async def test_a_write_from_another_site_is_refused(client: Client, headers: dict[str, str], status: int) -> None:
    answer = await client.post("/wish", json={"size": "M", "quantity": 1}, headers=headers)
    assert answer.status == status


async def test_a_websocket_from_another_site_is_refused_whatever_it_bears(client: Client) -> None:
    headers = {"Origin": "https://evil.example", "Upgrade": "websocket", "Authorization": "Bearer token"}
    assert (await client.get("/wish", headers=headers)).status == 403


@pytest.mark.parametrize(
    ("origin", "host", "public", "own"),
    [
        ("http://localhost:8080", "localhost:8080", "http://localhost:8080", True),
        ("http://192.0.2.5:8080", "192.0.2.5:8080", "http://localhost:8080", True),
        ("http://gala.example", "gala.example", "https://gala.example", False),
        ("https://gala.example", "10.0.0.7:8080", "https://gala.example", True),
        ("https://gala.example.evil.example", "gala.example", "https://gala.example", False),
    ],
)
def test_an_origin_is_own_when_it_was_asked_or_is_public(origin: str, host: str, public: str, own: bool) -> None:
    assert own_origin(origin, host=host, public_url=public) is own


async def test_an_address_with_nothing_in_it_is_refused_before_anybody_looks_it_up(client: Client) -> None:
    for path, status in (("/wish%00", 404), ("/wish?size=%00", 400)):
        answer = await client.post(path, json={"size": "M", "quantity": 1})
        assert (answer.status, "U+0000" in await answer.text()) == (status, True)
