"""Lines and reactions between real viewers."""

from app.chat.talk import REACT_RATE, SAY_RATE
from app.customers.cookie import Cookies, Session
from app.show.feed import SAID_KEPT
from tests.app.show.conftest import House
from tests.viewers import eventually


async def test_a_line_reaches_everybody_under_a_pseudonym(house: House) -> None:
    speaker, _ = await house.watch()
    listener, _ = await house.watch()
    answer = await speaker.ask("say", {"text": "  Love the\nclasp! "})
    await eventually(lambda: listener.named("said"))
    (line,) = listener.named("said")
    assert line["id"] == answer["id"]
    assert line["text"] == "Love the clasp!"
    assert set(line) == {"id", "author", "text", "said_at"}
    assert "shp" not in line["author"]


async def test_a_late_joiner_sees_the_last_lines_also_after_a_restart(house: House) -> None:
    for number in range(3):
        client, _ = await house.watch()
        await client.ask("say", {"text": f"line {number}"})
    # Who joined before an earlier line went round hears that one too.
    await eventually(lambda: [line["text"] for line in client.named("said")][-1:] == ["line 2"])
    _, late = await house.watch()
    assert [line["text"] for line in late["said"]] == ["line 0", "line 1", "line 2"]
    second = await house.open()
    _, there = await house.watch(second.url)
    assert there["said"] == late["said"]
    assert SAID_KEPT >= 20


async def test_a_host_hides_a_line_on_every_screen_and_for_every_late_joiner(house: House) -> None:
    second = await house.open()
    speaker, _ = await house.watch()
    listener, _ = await house.watch(second.url)
    said = await speaker.ask("say", {"text": "something rude"})
    await eventually(lambda: listener.named("said"))
    path = f"/api/events/gala/said/{said['id']}/hide"
    assert (await house.call("POST", path, Authorization=""))[0] == 401
    assert (await house.call("POST", path))[0] == 204
    assert (await house.call("POST", path))[0] == 204
    await eventually(lambda: speaker.named("unsaid") == listener.named("unsaid") == [{"id": said["id"]}])
    for url in (house.url, second.url):
        assert (await house.watch(url))[1]["said"] == []
    assert (await house.call("POST", "/api/events/gala/said/say_none/hide"))[0] == 404
    third = await house.open()
    assert (await house.watch(third.url))[1]["said"] == []


async def test_a_shopper_has_one_allowance_however_many_windows_are_open(house: House) -> None:
    value = Cookies(house.config.secret).write(Session("shp_" + "a" * 22, house.camera.now_ms))
    windows = [await house.viewer(None, Cookie=f"laufsteg={value}") for _ in range(3)]
    for window in windows:
        await window.ask("join", {"event": "gala"})
    said = [await windows[n % 3].ask("say", {"text": f"line {n}"}) for n in range(8)]
    assert [answer.get("error") for answer in said[: int(SAY_RATE.burst)]] == [None] * int(SAY_RATE.burst)
    assert said[-1]["error"] == "too-fast"
    reacted = [await windows[n % 3].ask("react", {"kind": "heart"}) for n in range(int(REACT_RATE.burst) + 6)]
    assert any(answer.get("error") == "too-fast" for answer in reacted)
    other, _ = await house.watch()
    assert (await other.ask("say", {"text": "I may still speak"}))["ok"]
    authors = {line["author"] for line in windows[0].named("said")}
    await eventually(lambda: len(windows[0].named("said")) == int(SAY_RATE.burst) + 1)
    assert len(authors | {line["author"] for line in windows[0].named("said")}) == 2


async def test_the_same_line_twice_is_refused(house: House) -> None:
    client, _ = await house.watch()
    assert (await client.ask("say", {"text": "First!"}))["ok"]
    assert (await client.ask("say", {"text": "first!"}))["error"] == "repeated"
    assert (await client.ask("say", {"text": "www.evil"}))["error"] == "link"
