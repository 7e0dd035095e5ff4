"""Whatever strangers send, they get a clear problem, see nothing that is not theirs, and the shop goes on."""

import asyncio
import json
import secrets
from typing import Any

import aiohttp
import pytest

from tests.running_shop import Shop

ADDRESS = {"name": "A. Muster", "line1": "Weg 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
EVIL = {"Origin": "https://evil.example"}


def order(**members: Any) -> dict[str, Any]:
    return {
        "holds": [], "lines": [{"variant": "glasses-one", "quantity": 1}], "email": "a@example.org",
        "payment": {"method": "sandbox", "behaviour": "approve"}, "address": ADDRESS, **members,
    }  # fmt: skip


def key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(16)}


async def problem(answer: aiohttp.ClientResponse) -> tuple[int, str]:
    """Status and slug of an answer that has to be a problem document."""
    assert answer.content_type == "application/problem+json", await answer.text()
    said = await answer.json()
    assert said["status"] == answer.status and len(said["detail"]) > 10
    return answer.status, said["type"]


async def raw(shop: Shop, path: str) -> tuple[int, bytes]:
    """GET with a path exactly as written: clients tidy dots away, attackers do not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{shop.port}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read(1 << 20)
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.parametrize(
    "path",
    [
        "/hls/gala/../../ledger.db",
        "/hls/gala/..%2f..%2fledger.db",
        "/hls/gala/%2e%2e/%2e%2e/secret",
        "/hls/..%2f..%2frun/state.json",
        "/hls/gala/..%5c..%5csecret",
        "/hls/gala/index.m3u8%00.mp4",
        "/hls/gala/state.json",
        "/media/products/tee/../product.toml",
        "/media/products/tee/..%2fproduct.toml",
        "/media/products/tee/product.toml",
        "/media/products/..%2f..%2f/secret",
        "/web/../pyproject.toml",
        "/web/..%2f..%2fpyproject.toml",
        "/web/%2e%2e/app/config.py",
        "/npm/lit/../../../pyproject.toml",
        "/npm/typescript/package.json",
        "/legal/..%2fimprint.en",
    ],
)
async def test_no_path_leads_out_of_its_folder(shop: Shop, path: str) -> None:
    status, answer = await raw(shop, path)
    assert status in (400, 404), answer[:200]
    for secret in (b"[project]", b"SQLite format", b"sku =", b"class Config", shop.token.encode()):
        assert secret not in answer


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/events/nowhere", None),
        ("GET", "/api/products/nothing", None),
        ("GET", "/api/drops/drp_nothing", None),
        ("GET", "/api/orders/ord_nothing", None),
        ("POST", "/api/drops/drp_nothing/holds", {"quantity": 1}),
        ("GET", "/hls/nowhere/index.m3u8", None),
        ("GET", "/media/products/nothing/front.webp", None),
        ("GET", "/api/nothing", None),
    ],
)
async def test_unknown_ids_read_not_found(shopper: aiohttp.ClientSession, method: str, path: str, body: Any) -> None:
    async with shopper.request(method, path, json=body, headers=key()) as answer:
        assert (await problem(answer))[0] == 404


@pytest.mark.parametrize("path", ["/api/checkout", "/api/checkout/quote", "/api/drops/drp_x/holds"])
@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"\x00\xff", 400), (b"[1]", 422), (b'{"lines": 7}', 422), (b'{"a": "' + b"x" * 70_000 + b'"}', 413)],
)
async def test_malformed_mistyped_and_oversized_bodies_are_named(
    shopper: aiohttp.ClientSession, path: str, body: bytes, status: int
) -> None:
    async with shopper.post(path, data=body, headers={**key(), "Content-Type": "application/json"}) as answer:
        assert (await problem(answer))[0] == status


async def test_every_call_of_the_host_refuses_strangers(shop: Shop, shopper: aiohttp.ClientSession) -> None:
    calls = [
        ("POST", "/api/events/gala/cues"), ("DELETE", "/api/events/gala/cues/x"), ("POST", "/api/events/gala/state"),
        ("PUT", "/api/events/gala/autopilot"), ("GET", "/api/events/gala/stream-key"), ("POST", "/api/drops"),
        ("POST", "/api/events/gala/stream-key"), ("DELETE", "/api/drops/x"), ("GET", "/api/orders"),
        ("GET", "/api/orders.csv"), ("POST", "/api/orders/x/refund"), ("POST", "/api/orders/x/state"),
        ("GET", "/api/outbox"), ("POST", "/api/variants/tee-m/stock"), ("GET", "/api/host/events/gala/numbers"),
        ("POST", "/api/host/events/gala/undo"), ("GET", "/api/host/accounts"), ("POST", "/api/host/accounts"),
        ("POST", "/api/events/gala/said/x/hide"), ("GET", "/api/host/session"),
    ]  # fmt: skip
    for method, path in calls:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {shop.token}x"}):
            async with shopper.request(method, path, json={}, headers={**key(), **headers}) as answer:
                assert (await problem(answer))[0] == 401, (method, path, headers)


async def test_an_order_is_its_shoppers_only(shop: Shop, shopper: aiohttp.ClientSession) -> None:
    async with shopper.post("/api/checkout", json=order(), headers=key()) as answer:
        assert answer.status == 201, await answer.text()
        placed = (await answer.json())["order"]
    async with shopper.get(f"/api/orders/{placed}") as answer:
        assert answer.status == 200
    async with aiohttp.ClientSession(f"http://127.0.0.1:{shop.port}") as stranger:
        async with stranger.get(f"/api/orders/{placed}") as answer:
            assert await problem(answer) == (404, "not-found")
        async with stranger.get(f"/api/orders/{placed}", cookies={"laufsteg": "forged.cookie.value"}) as answer:
            assert await problem(answer) == (404, "not-found")
        withdrawal = {"name": "A. Muster", "email": "a@example.org"}
        async with stranger.post(f"/api/orders/{placed}/withdrawal", json=withdrawal) as answer:
            assert (await problem(answer))[0] == 404


async def test_a_card_number_is_refused_and_written_nowhere(shop: Shop, shopper: aiohttp.ClientSession) -> None:
    number = "4242 4242 4242 4242"
    body = order(address={**ADDRESS, "line2": number})
    async with shopper.post("/api/checkout", json=body, headers=key()) as answer:
        assert await problem(answer) == (422, "card-number")
        assert number not in await answer.text()
    assert "4242" not in shop.log


async def test_another_site_cannot_act_for_a_shopper(shopper: aiohttp.ClientSession) -> None:
    async with shopper.post("/api/checkout", json=order(), headers={**key(), **EVIL}) as answer:
        assert await problem(answer) == (403, "foreign-origin")
    async with shopper.post("/api/host/session", json={"password": "x"}, headers=EVIL) as answer:
        assert await problem(answer) == (403, "foreign-origin")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with shopper.post("/api/checkout", data="holds=", headers={**key(), **form}) as answer:
        assert (await problem(answer))[0] == 415


@pytest.mark.parametrize("path", ["/fitting/socket", "/socket.io/?EIO=4&transport=websocket"])
async def test_no_websocket_opens_for_another_site(shopper: aiohttp.ClientSession, path: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await shopper.ws_connect(path, headers=EVIL)
    assert refused.value.status == 403


async def test_polling_is_refused_with_the_mend(shopper: aiohttp.ClientSession) -> None:
    async with shopper.get("/socket.io/?EIO=4&transport=polling") as answer:
        status, slug = await problem(answer)
        assert status == 400 and slug == "websocket-only"


@pytest.mark.parametrize(
    ("offer", "content_type", "authorization", "expected"),
    [
        (b"v=0", "application/sdp", None, 401),
        (b"v=0", "application/sdp", "Bearer wrong-key", 401),
        (b"garbage", "application/sdp", "key", 400),
        (b"\xff\xfe\x00", "application/sdp", "key", 400),
        (b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", "application/sdp", "key", 400),
        (b"v=0" * 100_000, "application/sdp", "key", 413),
        (b"{}", "application/json", "key", 415),
    ],
)
async def test_a_broken_or_foreign_publisher_is_refused(
    shop: Shop,
    shopper: aiohttp.ClientSession,
    offer: bytes,
    content_type: str,
    authorization: str | None,
    expected: int,
) -> None:
    headers = {"Content-Type": content_type}
    if authorization:
        headers["Authorization"] = f"Bearer {shop.stream_key}" if authorization == "key" else authorization
    async with shopper.post("/whip/gala", data=offer, headers=headers) as answer:
        assert (await problem(answer))[0] == expected


async def test_events_before_join_and_unknown_ones_are_answered(shopper: aiohttp.ClientSession) -> None:
    async with shopper.ws_connect("/socket.io/?EIO=4&transport=websocket") as socket:
        await socket.receive()
        await socket.send_str("40/live,")
        assert (await socket.receive()).data.startswith("40/live")
        for number, event in enumerate(
            (["say", {"text": "hello"}], ["react", {"kind": "heart"}], ["dance", {}], ["join", 7])
        ):
            await socket.send_str(f"42/live,{number}{json.dumps(event)}")
            while not (said := (await socket.receive(timeout=5)).data).startswith("43/live"):
                pass
            assert "error" in said, said


async def test_the_shop_still_serves_after_all_this(shop: Shop) -> None:
    assert shop.get("/readyz")["ready"]
    assert "Traceback" not in shop.log, shop.log[-3000:]
