"""The fitting room under load and misfortune: real sockets, and sessions that do what the test wants."""

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError

from app import keys
from app.mirror.ladder import Model
from app.mirror.lanes import STUCK_S
from app.mirror.link import Link
from app.mirror.protocol import PAYLOAD_BYTES_MAX, Control, Kind
from app.mirror.room import FAILURES_MAX, IDLE_S, Room, RoomStuck
from app.mirror.worker import NoMirror, sessions
from fitting import Fitted
from fitting.errors import GarmentUnknown
from fitting.pose import Bytes
from fitting.sizing import Advice
from tests.app.mirror.conftest import Browser, Client, Open, jpeg, until

PICTURE = jpeg()


@dataclass
class Mannequin:
    """A session that gives the frame back; `work` happens on the way."""

    model: Model
    work: Callable[[Bytes], None] = lambda frame: None
    worn: list[str] = field(default_factory=list)
    closed: bool = False
    fitted: tuple[dict[str, str], dict[str, str]] = field(default_factory=lambda: ({}, {}))

    def wear(
        self, garments: Sequence[str], sizes: Mapping[str, str] | None = None, fits: Mapping[str, str] | None = None
    ) -> None:
        if "unknown" in garments:
            raise GarmentUnknown("There is no garment called unknown.")
        self.worn = list(garments)
        self.fitted = dict(sizes or {}), dict(fits or {})

    def advice(self, garment: str, height_cm: float | None) -> Advice:
        return Advice(("M", "L"), "whole-body") if (height_cm or 0) > 170 else Advice(("S",), "upper-body")

    def process(self, frame: Bytes, timestamp_ms: int) -> Fitted:
        self.work(frame)
        return Fitted(frame, frame[:, :, 0], None, "no-person")

    def close(self) -> None:
        self.closed = True


@dataclass
class Shop:
    """What one test's room did."""

    room: Room
    sessions: list[Mannequin]
    seconds: float = 0.0


@asynccontextmanager
async def open_room(
    data: Path,
    lanes: int = 1,
    limit: int | None = None,
    work: Callable[[Bytes], None] = lambda frame: None,
    index: int = 0,
) -> AsyncIterator[Shop]:
    made: list[Mannequin] = []

    def open_session(model: Model) -> Mannequin:
        made.append(Mannequin(model, work))
        return made[-1]

    shop = Shop(Room(open_session, lanes, limit, now=lambda: shop.seconds or time.monotonic()), made)
    async with listening(shop.room, data, index):
        yield shop


@asynccontextmanager
async def listening(room: Room, data: Path, index: int = 0, *, stuck: bool = False) -> AsyncIterator[None]:
    path = data / "run" / f"fitting-{index}.sock"
    server = await asyncio.start_unix_server(lambda reader, writer: room.welcome(Link(reader, writer)), str(path))
    tending = asyncio.create_task(room.tend())
    try:
        yield
    finally:
        server.close()
        tending.cancel()
        await room.close(stuck=stuck)
        path.unlink(missing_ok=True)


async def test_who_comes_too_late_waits_with_a_position_and_is_let_in(browse: Open, data: Path) -> None:
    async with open_room(data, limit=1):
        first = await browse()
        await first.told(state="ok")
        second, third = await browse(), await browse()
        await second.told(state="busy", position=1)
        await third.told(state="busy", position=2)
        await first.socket.close()
        await second.told(state="ok")
        await third.told(state="busy", position=1)
        await second.send(PICTURE)
        await second.answer()


async def test_who_waits_may_still_choose_what_to_wear(browse: Open, data: Path) -> None:
    async with open_room(data, limit=1) as shop:
        first, second = await browse(), await browse()
        await second.told(state="busy", position=1)
        await second.say(wear=["dress"])
        await second.send(PICTURE)  # nobody works on it, and nothing breaks
        await first.socket.close()
        await second.told(wearing=["dress"])
        assert shop.sessions[-1].worn == ["dress"]


async def test_one_shoppers_slowness_slows_nobody_else(browse: Open, data: Path) -> None:
    def work(frame: Bytes) -> None:
        if frame[0, 0, 0] > 128:
            time.sleep(0.2)

    async with open_room(data, lanes=1, limit=4, work=work):
        slow, quick = await browse(), await browse()
        await asyncio.gather(slow.told(state="ok"), quick.told(state="ok"))
        answers = {slow: 0, quick: 0}

        async def run(browser: Browser, picture: bytes) -> None:
            await browser.send(picture)
            while answers[quick] < 60:
                await browser.send(picture)
                await browser.answer()
                answers[browser] += 1

        async with asyncio.timeout(15), asyncio.TaskGroup() as both:
            both.create_task(run(slow, jpeg(128, 96, 250)))
            both.create_task(run(quick, PICTURE))
        assert answers[quick] == 60
        assert answers[slow] < 20


async def test_a_browser_that_reads_nothing_holds_up_nobody(browse: Open, data: Path) -> None:
    async with open_room(data, lanes=1, limit=4):
        stalled, lively = await browse(), await browse()
        await lively.told(state="ok")
        large = jpeg(1280, 720)
        for _ in range(55):
            await stalled.send(large)
        for _ in range(20):
            await lively.send(PICTURE)
            await lively.answer()


async def test_who_sends_nothing_makes_room_only_when_others_wait(browse: Open, data: Path) -> None:
    async with open_room(data, limit=1) as shop:
        shop.seconds = 1000.0
        idle = await browse()
        await idle.told(state="ok")
        shop.seconds += 10 * IDLE_S
        await asyncio.sleep(0.6)
        assert not shop.sessions[0].closed
        waiting = await browse()
        await waiting.told(state="ok")
        await idle.told(state="busy", position=1)
        assert shop.sessions[0].closed


async def test_overload_brings_everybody_the_lighter_model(browse: Open, data: Path) -> None:
    async with open_room(data, lanes=1, limit=4, work=lambda frame: time.sleep(0.05)) as shop:
        browsers = [await browse(), await browse()]
        for browser in browsers:
            await browser.say(wear=["tee"])
            await browser.told(wearing=["tee"])
        assert [session.model for session in shop.sessions] == ["full", "full"]
        async with asyncio.timeout(15):
            while len(shop.sessions) < 4 or not all(session.closed for session in shop.sessions[:2]):
                for browser in browsers:
                    await browser.send(PICTURE)
                    await browser.answer()
        assert [(session.model, session.worn) for session in shop.sessions[2:]] == [("lite", ["tee"])] * 2


async def test_a_frame_that_fails_is_answered_and_a_session_that_keeps_failing_is_made_anew(
    browse: Open, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def work(frame: Bytes) -> None:
        if frame[0, 0, 0] > 128:
            raise RuntimeError("the network choked")

    async with open_room(data, work=work) as shop:
        browser = await browse()
        await browser.say(wear=["tee"])
        await browser.told(wearing=["tee"])
        for number in range(FAILURES_MAX):
            await browser.send(jpeg(128, 96, 250))
            assert await browser.told(error="failed") == {"error": "failed", "sequence": number}
        await until(lambda: len(shop.sessions) == 2 and shop.sessions[1].worn == ["tee"] and shop.sessions[0].closed)
        await browser.send(PICTURE)
        await browser.answer()
    assert "could not be fitted" in caplog.text


async def test_size_advice_is_told_when_it_changes_and_the_chosen_size_is_drawn_against_it(
    browse: Open, data: Path
) -> None:
    async with open_room(data) as shop:
        browser = await browse()
        await browser.say(wear=["tee"], sizes={"tee": "XL"})
        await browser.send(PICTURE)
        await browser.answer()
        assert browser.texts[-1].keys() != {"advice"}
        await browser.say(height_cm=181.5)
        await browser.told(wearing=["tee"])
        await browser.send(PICTURE)
        assert await browser.told(advice=[{"garment": "tee", "sizes": ["M", "L"], "reason": "whole-body"}])
        await until(lambda: shop.sessions[0].fitted == ({"tee": "XL"}, {"tee": "L"}))
        for _ in range(30):
            await browser.send(PICTURE)
            await browser.answer()
        assert not any("advice" in text for text in browser.texts)
        await browser.say(height_cm=160)
        await browser.send(PICTURE)
        await browser.told(advice=[{"garment": "tee", "sizes": ["S"], "reason": "upper-body"}])


async def test_a_worker_that_stops_closes_every_session(browse: Open, data: Path) -> None:
    async with open_room(data, work=lambda frame: time.sleep(0.1)) as shop:
        browser = await browse()
        await browser.told(state="ok")
        await browser.send(PICTURE)
        await asyncio.sleep(0.05)
    assert shop.sessions[0].closed


async def test_leaving_closes_the_session(browse: Open, data: Path) -> None:
    async with open_room(data) as shop:
        browser = await browse()
        await browser.told(state="ok")
        await browser.socket.close()
        await until(lambda: shop.sessions[0].closed)


async def test_without_any_worker_the_mirror_gets_ready_and_then_opens(browse: Open, data: Path) -> None:
    browser = await browse()
    await browser.say(wear=["tee"])
    told = await browser.told(state="busy")
    assert "position" not in told
    assert told["detail"]
    async with open_room(data) as shop:
        await browser.told(state="ok")
        assert shop.sessions[0].worn == ["tee"]


async def test_when_the_worker_restarts_open_frames_are_given_up_and_the_shopper_is_dressed_again(
    browse: Open, data: Path
) -> None:
    entered, block = threading.Event(), threading.Event()

    def work(frame: Bytes) -> None:
        entered.set()
        block.wait(0.5)

    browser = await browse()
    async with open_room(data, work=work):
        await browser.say(wear=["dress"])
        await browser.told(wearing=["dress"])
        await browser.send(PICTURE, sequence=5)
        await until(entered.is_set)
    block.set()
    assert await browser.told(error="lost") == {"error": "lost", "sequence": 5}
    async with open_room(data) as shop:
        await browser.told(wearing=["dress"])
        assert shop.sessions[0].worn == ["dress"]
        await browser.send(PICTURE, sequence=6)
        assert (await browser.answer())[0] == 6


async def test_who_waits_moves_to_a_worker_that_has_a_place(
    browse: Open, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.mirror.visit.LOOK_AROUND_S", 0.1)
    async with open_room(data, limit=1):
        await (await browse()).told(state="ok")
        waiting = await browse()
        await waiting.told(state="busy", position=1)
        async with open_room(data, limit=1, index=1) as second:
            await waiting.told(state="ok")
            assert len(second.sessions) == 1


async def test_the_emptiest_worker_is_chosen(browse: Open, data: Path) -> None:
    async with open_room(data, limit=4) as first, open_room(data, limit=4, index=1) as second:
        for _ in range(4):
            await (await browse()).told(state="ok")
        assert (len(first.sessions), len(second.sessions)) == (2, 2)


async def test_where_people_cannot_be_tracked_the_mirror_says_so(browse: Open, data: Path) -> None:
    def refuse(model: Model) -> Mannequin:
        raise NoMirror("The mirror does not work on this server: there is no wheel for its platform.")

    async with listening(Room(refuse, 1), data):
        browser = await browse()
        told = await browser.told(state="unavailable")
        assert "no wheel" in told["detail"]


async def test_a_session_that_cannot_be_opened_says_no_more_than_that(
    browse: Open, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(model: Model) -> Mannequin:
        raise RuntimeError("secret path")

    async with listening(Room(fail, 1), data):
        told = await (await browse()).told(state="unavailable")
        assert "secret" not in told["detail"]
    assert "secret path" in caplog.text


def test_without_a_wheel_for_the_platform_a_worker_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    open_session = sessions(tmp_path)
    with pytest.raises(NoMirror, match="does not work on this server"):
        open_session("full")


async def test_a_lane_that_never_comes_back_ends_the_worker(browse: Open, data: Path) -> None:
    block = threading.Event()
    made = Mannequin("full", lambda frame: void(block.wait(20)))
    clock = [100.0]
    room = Room(lambda model: made, 1, now=lambda: clock[0])
    async with listening(room, data, stuck=True):
        browser = await browse()
        await browser.told(state="ok")
        await browser.send(PICTURE)
        await until(lambda: bool(room._lanes._working))
        clock[0] += STUCK_S + 1
        with pytest.raises(RoomStuck):
            await room.tend()
    # What a hanging lane uses is not touched; the process ends.
    assert not made.closed
    block.set()


def void(value: object) -> None:
    """A lambda's way to return nothing."""


async def test_nonsense_from_web_ends_the_link_and_nothing_else(browse: Open, data: Path) -> None:
    async with open_room(data):
        for nonsense in (
            b"\xff" * 64,
            (PAYLOAD_BYTES_MAX + 1).to_bytes(4, "big") + b"\x01",
            b"\x00\x00\x00\x01\x01[",
            b"\x00\x00\x00\x02\x01{}\x00\x00\x00\x01\x03x",
        ):
            reader, writer = await asyncio.open_unix_connection(str(data / "run" / "fitting-0.sock"))
            writer.write(nonsense)
            async with asyncio.timeout(5):
                while await reader.read(4096):
                    pass
            writer.close()
        browser = await browse()
        await browser.told(state="ok")


async def test_a_worker_that_does_not_greet_is_passed_over(browse: Open, data: Path) -> None:
    silent: list[asyncio.StreamWriter] = []
    path = data / "run" / "fitting-7.sock"
    server = await asyncio.start_unix_server(lambda reader, writer: silent.append(writer), str(path))
    (data / "run" / "fitting-8.sock").touch()
    async with open_room(data):
        await (await browse()).told(state="ok")
    assert silent
    for writer in silent:
        writer.close()
    server.close()


async def test_one_address_cannot_take_every_place(client: Client, browse: Open) -> None:
    mirrors = client.app[keys.MIRRORS]
    mirrors._most = 2
    first, _ = await browse(), await browse()
    with pytest.raises(WSServerHandshakeError) as refused:
        await browse()
    assert refused.value.status == 429
    await first.socket.close()
    await until(lambda: len(mirrors) == 1)
    await browse()
    mirrors._most = 0
    await browse()


async def test_the_server_says_goodbye_when_it_stops(client: Client, browse: Open, data: Path) -> None:
    browser = await browse()
    assert len(client.app[keys.MIRRORS]) == 1
    closing = asyncio.create_task(client.app[keys.MIRRORS].close())
    assert await browser.closed() == 1001
    await closing


async def test_a_link_carries_no_more_than_its_limit(data: Path) -> None:
    async with open_room(data):
        link = await Link.connect(data / "run" / "fitting-0.sock")
        assert (await link.receive() or (None,))[0] is Kind.HELLO
        await link.send(Kind.CONTROL, Control().packed())
        assert (await link.receive() or (None,))[0] is Kind.TOLD
        link.close()
