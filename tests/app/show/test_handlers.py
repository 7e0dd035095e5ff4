"""The show over HTTP."""

import asyncio
import time
from typing import Any

import pytest

from app.show.cues import AHEAD_MS, REWIND_MS
from app.show.log import announce
from tests.app.show.conftest import HOST, House
from tests.viewers import eventually

CUES = "/api/events/gala/cues"


async def test_an_event_says_what_is_on_right_now(house: House) -> None:
    await house.cue(products=["dress"], at_ms=house.camera.now_ms + 60_000)
    shown = await house.cue(products=["tee", "hat"], kind="look", anchor={"x": 0.5, "y": 0.4})
    _, found = await house.call("GET", "/api/events/gala?lang=de", Authorization="")
    assert found["id"] == "gala"
    assert found["title"] == "Die Laufsteg-Gala"
    assert found["state"] == "live"
    assert found["playlist"] == "/hls/gala/index.m3u8"
    assert found["seq"] == 2
    assert [cue["id"] for cue in found["cues"]] == [shown["id"]]
    assert found["cues"][0]["anchor"] == {"x": 0.5, "y": 0.4}
    assert [product["sku"] for product in found["products"]][:2] == ["qipao", "jacket"]
    status, listed = await house.call("GET", "/api/events", Authorization="")
    assert status == 200
    assert [(entry["id"], entry["state"]) for entry in listed["events"]] == [("gala", "live")]


async def test_a_cdn_in_front_of_the_picture_is_named(closed_house: House) -> None:
    import dataclasses

    closed_house.config = dataclasses.replace(closed_house.config, media_url="https://cdn.example")
    await closed_house.open()
    _, found = await closed_house.call("GET", "/api/events/gala")
    assert found["playlist"] == "https://cdn.example/hls/gala/index.m3u8"


async def test_a_cue_without_a_time_begins_on_the_newest_frame(house: House) -> None:
    house.camera.advance(12_345)
    made = await house.cue()
    assert made["at_ms"] == house.camera.now_ms
    assert made["seq"] == 1


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"products": ["sunhat"]}, 422, "unknown-product"),
        ({"products": []}, 422, "bad-cue"),
        ({"products": ["tee"] * 2}, 422, "bad-cue"),
        ({"products": [f"p{n}" for n in range(9)]}, 422, "bad-cue"),
        ({"products": ["tee"], "kind": "advert"}, 422, "bad-cue"),
        ({"products": ["tee"], "duration_ms": 0}, 422, "bad-cue"),
        ({"products": ["tee"], "at_ms": 5}, 422, "bad-cue"),
        ({"products": ["tee"], "at_ms": "now"}, 422, "unprocessable"),
        ({"products": ["tee"], "anchor": {"x": 2, "y": 0}}, 422, "bad-cue"),
        ({"products": ["tee"], "anchor": {"x": 1}}, 422, "unprocessable"),
        ({"products": "tee"}, 422, "unprocessable"),
        ({"products": ["tee"], "colour": 1}, 422, "unprocessable"),
        ({}, 422, "unprocessable"),
        ([], 422, "unprocessable"),
    ],
)
async def test_a_cue_that_makes_no_sense_is_refused(house: House, body: Any, status: int, slug: str) -> None:
    answered, document = await house.call("POST", CUES, body)
    assert (answered, document["type"]) == (status, slug)
    assert document["detail"]


async def test_a_cue_beyond_what_viewers_can_reach_is_refused(house: House) -> None:
    now = house.camera.now_ms
    for at_ms, expected in (
        (now - REWIND_MS - 1, 422), (now - REWIND_MS + 9000, 201), (now + AHEAD_MS, 201), (now + AHEAD_MS + 9000, 422),
    ):  # fmt: skip
        status, _ = await house.call("POST", CUES, {"products": ["tee"], "at_ms": at_ms})
        assert status == expected


async def test_only_the_host_moves_the_show(house: House) -> None:
    made = await house.cue()
    calls: list[tuple[str, str, Any]] = [
        ("POST", CUES, {"products": ["tee"]}),
        ("DELETE", f"{CUES}/{made['id']}", None),
        ("POST", "/api/events/gala/state", {"state": "after"}),
        ("GET", "/api/events/gala/rundown", None),
        ("PUT", "/api/events/gala/autopilot", {"on": True}),
        ("GET", "/api/events/gala/stream-key", None),
        ("POST", "/api/events/gala/stream-key", None),
        ("POST", "/api/events/gala/said/say_1/hide", None),
    ]
    for method, path, body in calls:
        assert (await house.call(method, path, body, Authorization=""))[0] == 401
        assert (await house.call(method, path, body, Authorization="Bearer wrong"))[0] == 401


async def test_an_unknown_event_or_cue_is_not_found(house: House) -> None:
    assert (await house.call("GET", "/api/events/matinee"))[0] == 404
    assert (await house.call("POST", "/api/events/matinee/cues", {"products": ["tee"]}))[0] == 404
    assert (await house.call("DELETE", f"{CUES}/cue_none"))[1]["type"] == "no-such-cue"
    assert (await house.call("POST", "/api/events/matinee/state", {"state": "live"}))[0] == 404
    assert (await house.call("DELETE", "/api/events/matinee/cues/cue_none?at_ms=1790000000000"))[0] == 404
    async with house.ledger.write() as conn:
        await announce(conn, "gala", "drop", {"id": "drp_1", "state": "announced"})
    assert (await house.call("DELETE", f"{CUES}/drp_1"))[1]["type"] == "no-such-cue"
    made = await house.cue()
    assert (await house.call("DELETE", f"{CUES}/{made['id']}"))[0] == 200
    assert (await house.call("DELETE", f"{CUES}/{made['id']}"))[1]["type"] == "no-such-cue"
    assert (await house.call("DELETE", f"{CUES}/{made['id']}?at_ms=soon"))[0] == 400


async def test_the_media_process_is_away_and_a_cue_with_a_time_still_passes(house: House) -> None:
    await house.camera.stop()
    assert (await house.call("POST", CUES, {"products": ["tee"]}))[0] == 503
    assert (await house.call("POST", CUES, {"products": ["tee"], "at_ms": house.camera.now_ms}))[0] == 201
    assert (await house.call("POST", "/api/events/gala/state", {"state": "after"}))[0] == 200
    await house.camera.runner.setup()  # type: ignore[union-attr]


async def test_fifty_cues_a_second_arrive_without_gaps(house: House) -> None:
    client, _ = await house.watch()
    began = time.process_time()  # other work on the machine does not count
    made = await asyncio.gather(*(house.cue() for _ in range(100)))
    took = time.process_time() - began
    assert sorted(cue["seq"] for cue in made) == list(range(1, 101))
    heard = [data["seq"] for name, data in await client.until(100, "cue") if name == "cue"]
    assert heard == list(range(1, 101))
    assert took < 2.0


async def test_the_show_ends_and_begins_again_for_everybody(house: House) -> None:
    client, _ = await house.watch()
    status, answer = await house.call("POST", "/api/events/gala/state", {"state": "after"})
    assert (status, answer["state"]) == (200, "after")
    await eventually(lambda: [d["state"] for n, d in client.heard if n == "state"] == ["after"])
    assert (await client.ask("say", {"text": "Encore!"}))["error"] == "closed"
    _, late = await house.watch()
    assert late["state"] == "after"
    assert (await house.call("POST", "/api/events/gala/state", {"state": "after"}))[0] == 200
    assert (await house.call("POST", "/api/events/gala/state", {"state": "pause"}))[0] == 422
    await house.call("POST", "/api/events/gala/state", {"state": "live"})
    await eventually(lambda: [d["state"] for n, d in client.heard if n == "state"] == ["after", "live"])


async def test_the_run_of_show_and_the_stream_key_are_the_hosts(house: House) -> None:
    _, answer = await house.call("GET", "/api/events/gala/rundown")
    assert answer["autopilot"] is True
    assert [row["number"] for row in answer["rows"]] == [1, 2, 3, 4, 5, 6, 7]
    assert answer["rows"][6]["drop"]["sku"] == "dress"
    _, first = await house.call("GET", "/api/events/gala/stream-key")
    assert first["url"] == "http://localhost:8080/whip/gala"
    _, rotated = await house.call("POST", "/api/events/gala/stream-key")
    assert rotated["key"] != first["key"]
    assert (await house.call("GET", "/api/events/gala/stream-key"))[1] == rotated


async def test_another_sites_page_cannot_use_a_hosts_cookie(house: House) -> None:
    headers = {"Origin": "https://evil.example", "Content-Type": "application/json"}
    async with house.http.post(house.url + CUES, data=b"{}", headers=headers) as answer:
        assert answer.status == 403
    async with house.http.post(house.url + CUES, data=b"products=tee", headers=HOST) as answer:
        assert answer.status == 415
