"""What viewers may say, in which order and how often."""

import asyncio
from typing import Any

import pytest
import socketio

from overlays.messages import MAX_TEXT, Join, ViewersMessage
from overlays.namespace import EVENT_RATE
from tests.overlays.conftest import Connect, House
from tests.viewers import eventually


async def test_a_join_is_answered_and_later_events_reach_the_handlers(house: House, connect: Connect) -> None:
    client = await connect()
    assert await client.ask("join", {"event": "gala", "since": 7}) == {"event": "gala", "seq": 0}
    assert await client.ask("react", {"kind": "heart"}) == {"ok": True}
    assert await client.ask("say", {"text": "schön"}) == {"ok": True}
    assert [name for name, _ in house.handlers.seen] == ["join", "react", "say"]
    assert house.handlers.seen[0][1] == Join("gala", 7)


@pytest.mark.parametrize("event", ["react", "say"])
async def test_events_before_join_are_refused_with_the_mend(house: House, connect: Connect, event: str) -> None:
    client = await connect()
    answer = await client.ask(event, {"kind": "heart"} if event == "react" else {"text": "hi"})
    assert answer["error"] == "join-first"
    assert "join" in answer["detail"]
    assert house.handlers.seen == []


@pytest.mark.parametrize(
    ("event", "data", "slug"),
    [
        ("buy", {}, "unknown-event"),
        ("connect", {}, "unknown-event"),
        ("disconnect", "x", "unknown-event"),
        ("__init__", {}, "unknown-event"),
        ("join", None, "invalid"),
        ("join", [], "invalid"),
        ("join", {}, "invalid"),
        ("join", {"event": 5}, "invalid"),
        ("join", {"event": ""}, "invalid"),
        ("join", {"event": "x" * 65}, "invalid"),
        ("join", {"event": "gala", "since": -1}, "invalid"),
        ("join", {"event": "gala", "since": 2**60}, "invalid"),
        ("join", {"event": "gala", "since": "1"}, "invalid"),
        ("join", {"event": "gala", "more": 1}, "invalid"),
        ("join", {"event": "nowhere"}, "unknown-event"),
        ("join", ({"event": "gala"}, {}), "invalid"),
        ("react", {"kind": "boo"}, "invalid"),
        ("say", {"text": "x" * (MAX_TEXT + 1)}, "invalid"),
        ("say", {"text": {"$gt": ""}}, "invalid"),
    ],
)
async def test_anything_else_is_refused_by_name(connect: Connect, event: str, data: object, slug: str) -> None:
    client = await connect()
    answer = await client.ask(event, data)
    assert answer["error"] == slug
    assert answer["detail"].endswith(".")


async def test_a_bug_in_a_handler_is_an_answer_and_not_the_end(house: House, connect: Connect) -> None:
    client = await connect()
    assert (await client.ask("join", {"event": "broken"}))["error"] == "internal"
    assert await client.ask("join", {"event": "gala"}) == {"event": "gala", "seq": 0}


async def test_a_flood_of_events_is_refused_while_others_are_served(house: House, connect: Connect) -> None:
    flooding, calm = await connect(), await connect()
    await flooding.ask("join", {"event": "gala"})
    await calm.ask("join", {"event": "gala"})
    answers = await asyncio.gather(
        *(flooding.ask("react", {"kind": "fire"}) for _ in range(int(EVENT_RATE.burst) + 20))
    )
    assert {"ok": True} in answers
    assert any(answer.get("error") == "too-fast" for answer in answers)
    assert await calm.ask("react", {"kind": "heart"}) == {"ok": True}
    house.stage.send("gala", ViewersMessage(2))
    assert await calm.until(1)
    assert await flooding.until(1)


async def test_joining_another_event_leaves_the_first(house: House, connect: Connect) -> None:
    client = await connect()
    await client.ask("join", {"event": "gala"})
    await client.ask("join", {"event": "matinee"})
    await client.ask("join", {"event": "matinee", "since": 0})
    assert (house.stage.watching("gala"), house.stage.watching("matinee")) == (0, 1)
    assert len(house.handlers.gone) == 1


async def test_leaving_is_noticed(house: House, connect: Connect) -> None:
    client = await connect()
    await client.ask("join", {"event": "gala"})
    await client.socket.disconnect()
    await eventually(lambda: house.handlers.gone)
    assert house.stage.watching("gala") == 0


async def test_who_is_not_admitted_hears_why(house: House) -> None:
    client = socketio.AsyncClient(reconnection=False)
    reasons: list[dict[str, Any]] = []
    client.on("connect_error", reasons.append, namespace="/live")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(f"{house.url}?refuse=1", namespaces=["/live"], transports=["websocket"])
    assert reasons[0]["message"] == "The room is full."
    assert reasons[0]["data"]["error"] == "full"
    await client.disconnect()
