"""One frame to many viewers, over real sockets."""

import asyncio
import importlib.metadata
import inspect
import json
import socket as sockets
import struct
from typing import Any

import aiohttp
import engineio.async_drivers.aiohttp
import engineio.async_server
import engineio.async_socket
import pytest
import socketio
from aiohttp import web

from overlays import broadcast, frames
from overlays.broadcast import DirectManager, PacketOutbox, live_server
from overlays.codec import Json
from overlays.messages import ViewersMessage
from tests.overlays.conftest import Connect, House
from tests.viewers import eventually


def test_the_libraries_whose_private_parts_we_use_are_the_pinned_ones() -> None:
    assert importlib.metadata.version("python-socketio").startswith(broadcast.SOCKETIO_VERSION)
    assert importlib.metadata.version("python-engineio").startswith(broadcast.ENGINEIO_VERSION)


async def test_the_private_parts_are_where_we_expect_them() -> None:
    server = live_server()
    assert engineio.async_drivers.aiohttp._async["websocket"] is engineio.async_drivers.aiohttp.WebSocket
    assert server.eio._async["websocket"] is not engineio.async_drivers.aiohttp.WebSocket
    assert isinstance(server.manager, DirectManager)
    socket = engineio.async_socket.AsyncSocket(server.eio, "sid")
    for name in ("queue", "connected", "upgraded", "closed", "schedule_ping", "close", "_websocket_handler"):
        assert hasattr(socket, name), name
    assert socket._websocket_handler.__self__ is socket
    assert server.eio.handlers["message"] == server._handle_eio_message
    assert list(inspect.signature(server._trigger_event).parameters) == ["event", "namespace", "args"]
    assert await server._trigger_event("unknown", "/live", "sid") == server.not_handled
    assert isinstance(socket.queue, asyncio.Queue)


async def test_who_is_gone_before_the_handshake_ends_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    ended = []  # a client may try twice

    @web.middleware
    async def hang_up(request: web.Request, handler: Any) -> Any:
        assert request.transport
        request.transport.abort()
        try:
            answer = await handler(request)
        finally:
            ended.append(request)
        return answer

    server, app = live_server(), web.Application(middlewares=[hang_up])
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientError):
            await http.ws_connect(f"http://{host}:{port}/socket.io/?EIO=4&transport=websocket")
    await eventually(lambda: ended)
    assert server.eio.sockets == {}
    await server.shutdown()
    await runner.cleanup()
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_connection_writes_without_a_queue(house: House, connect: Connect) -> None:
    await connect()
    (socket,) = house.server.eio.sockets.values()
    assert isinstance(socket.queue, PacketOutbox)
    assert list(house.server.manager.rooms["/live"][None].values()) == [socket.sid]


async def test_a_client_who_leaves_is_forgotten_as_the_library_does_it_without_a_look_at_the_others() -> None:
    class Rooms(dict[Any, Any]):
        def copy(self) -> Any:
            raise AssertionError("somebody looked through every room")

    managers = [live_server().manager, socketio.AsyncServer(async_mode="aiohttp").manager]
    for manager in managers:
        for number in range(4):
            manager.basic_enter_room(f"sid{number}", "/live", None, eio_sid=f"eio{number}")
            manager.basic_enter_room(f"sid{number}", "/live", f"sid{number}")
            manager.basic_enter_room(f"sid{number}", "/live", "gala")
            manager.basic_enter_room(f"sid{number}", "/live", "gala")
        manager.basic_enter_room("sid1", "/live", "matinee")
        manager.basic_leave_room("sid2", "/live", "gala")
        manager.callbacks["sid1"] = {"/live": {}}
        manager.pending_connect["/live"] = ["sid0", "sid1"]
        manager.pre_disconnect("sid1", "/live")
    ours, stock = managers
    ours.rooms["/live"] = Rooms(ours.rooms["/live"])
    for leaving in ("sid1", "sid2", "nobody", "sid0"):
        for manager in managers:
            manager.basic_disconnect(leaving, "/live")
        assert ours.rooms == stock.rooms
        for name in ("callbacks", "pending_connect", "pending_disconnect"):
            assert getattr(ours, name) == getattr(stock, name)
    for manager in managers:
        manager.basic_disconnect("sid3", "/live")
    assert (ours.rooms, ours._inside) == (stock.rooms, {}) == ({}, {})


async def test_everybody_in_the_room_hears_it_and_nobody_else(house: House, connect: Connect) -> None:
    watching = [await connect() for _ in range(3)]
    elsewhere = await connect()
    for client in watching:
        await client.ask("join", {"event": "gala"})
    await elsewhere.ask("join", {"event": "matinee"})
    assert house.stage.send("gala", ViewersMessage(3)) == 3
    for client in watching:
        assert await client.until(1) == [("viewers", {"count": 3})]
    await elsewhere.ask("react", {"kind": "heart"})
    assert elsewhere.heard == []


async def test_what_has_time_goes_in_turns_between_which_what_is_urgent_overtakes_it(
    house: House, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overlays.rooms.SLICE", 1)
    first, leaving, last = [await connect() for _ in range(3)]
    for client in (first, leaving, last):
        await client.ask("join", {"event": "gala"})
    counters = asyncio.create_task(house.stage.send_together("gala", [ViewersMessage(1), ViewersMessage(2)]))
    await asyncio.sleep(0)
    assert house.stage.send("gala", ViewersMessage(9)) == 3
    await house.server.leave_room(leaving.socket.get_sid("/live"), "gala", namespace="/live")
    await counters
    assert [data["count"] for _, data in await first.until(3)] == [1, 2, 9]
    assert [data["count"] for _, data in await last.until(3)] == [9, 1, 2]
    await leaving.ask("react", {"kind": "heart"})
    assert [data["count"] for _, data in leaving.heard] == [9]
    assert house.stage.deliveries.frames == 3 + 2 * 2


async def test_order_is_kept_between_every_way_of_sending(house: House, connect: Connect) -> None:
    client = await connect()
    await client.ask("join", {"event": "gala"})
    for number in range(0, 300, 3):
        house.stage.send("gala", ViewersMessage(number))
        await house.server.emit("plain", number + 1, room="gala", namespace="/live")
        await house.server.emit("binary", {"blob": bytes([number % 256]) * 5}, room="gala", namespace="/live")
    heard = await client.until(300)
    expected: list[tuple[str, Any]] = []
    for number in range(0, 300, 3):
        blob = {"blob": bytes([number % 256]) * 5}
        expected += [("viewers", {"count": number}), ("plain", number + 1), ("binary", blob)]
    assert heard == expected


async def test_an_emit_with_a_callback_gets_the_clients_answer(house: House, connect: Connect) -> None:
    client = await connect()
    client.socket.on("question", lambda data: data + 1, namespace="/live")
    (sid,) = house.server.manager.rooms["/live"][None]
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    await house.server.emit("question", 41, to=sid, namespace="/live", callback=answer.set_result)
    assert await asyncio.wait_for(answer, 5) == 42


async def test_several_arguments_and_skipped_clients_work_as_in_the_library(house: House, connect: Connect) -> None:
    first, second = await connect(), await connect()
    sid = first.socket.get_sid("/live")
    await house.server.emit("pair", (1, "two"), namespace="/live", skip_sid=sid)
    await house.server.emit("empty", namespace="/live")
    assert await second.until(2) == [("pair", (1, "two")), ("empty", ())]
    assert await first.until(1) == [("empty", ())]


async def test_no_deflate_is_negotiated(house: House) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket", compress=15) as websocket,
    ):
        assert websocket.compress == 0


@pytest.mark.parametrize(
    "text", ["", "x", "4", "49", "42", "42/live,{]", "42/live,[]", "451-/live,[]", "2", "5", "4" * 50]
)
async def test_an_unreadable_packet_ends_only_its_own_connection(house: House, connect: Connect, text: str) -> None:
    other = await connect()
    await other.ask("join", {"event": "gala"})
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket") as websocket,
    ):
        await websocket.receive()
        await websocket.send_str("40/live,")
        await websocket.receive()
        await websocket.send_str(text)
        ended = await websocket.receive(timeout=5)
        assert ended.type is aiohttp.WSMsgType.CLOSE
        assert ended.data == frames.CLOSE_UNREADABLE
    house.stage.send("gala", ViewersMessage(1))
    assert await other.until(1)


async def test_a_binary_or_an_oversized_message_ends_the_connection(house: House) -> None:
    async with aiohttp.ClientSession() as session:
        for send in ("binary", "oversized"):
            async with session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket") as websocket:
                await websocket.receive()
                if send == "binary":
                    await websocket.send_bytes(b"\x00")
                else:
                    await websocket.send_str("4" + "x" * broadcast.MAX_CLIENT_MESSAGE)
                assert (await websocket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
    assert house.server.eio.sockets == {}


async def test_a_flood_of_frames_is_cut_off_with_its_reason(house: House) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket") as websocket,
    ):
        await websocket.receive()
        for _ in range(int(broadcast.FRAME_RATE.burst) + 20):
            await websocket.send_str("3")
        ended = await websocket.receive(timeout=5)
        assert (ended.data, ended.extra) == (frames.CLOSE_FLOOD, "flood")
    assert house.server.manager.deliveries.flooded == 1


async def test_who_does_not_read_is_cut_off_at_the_cap_and_others_are_unharmed(
    house: House, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overlays.outbox.LINGER_S", 0.2)
    reader = await connect()
    await reader.ask("join", {"event": "gala"})
    host, port = house.url.removeprefix("http://").split(":")
    stalled = sockets.socket()
    stalled.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    stalled.connect((host, int(port)))
    stalled.setblocking(False)
    loop = asyncio.get_running_loop()
    handshake = (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    await loop.sock_sendall(
        stalled, handshake.encode() + masked("40/live,") + masked('42/live,["join",{"event":"gala"}]')
    )
    await eventually(lambda: house.stage.watching("gala") == 2)
    line = {"text": "x" * 16_000}
    sent = 0
    while house.stage.deliveries.slow == 0:
        await house.server.emit("said", line, room="gala", namespace="/live")
        sent += 1
        assert sent < 2000, "never cut off"
        assert house.stage.backlog() < 2 * (64 * 1024 + 17_000)
        await reader.until(sent)
    await eventually(lambda: len(house.server.eio.sockets) == 1)
    assert len(await reader.until(sent)) == sent
    assert len(house.handlers.gone) == 1
    stalled.close()


async def test_who_is_silent_for_too_long_is_gone(
    house: House, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "PING_INTERVAL_S", 0.1)
    monkeypatch.setattr(broadcast, "PING_TIMEOUT_S", 0.1)
    silent = await connect()
    await eventually(lambda: not silent.socket.connected and house.server.eio.sockets == {})


async def test_polling_is_refused(house: House) -> None:
    client = socketio.AsyncClient(reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(house.url, namespaces=["/live"], transports=["polling"])
    await client.disconnect()


async def test_a_server_side_disconnect_reaches_the_client_and_frees_everything(house: House, connect: Connect) -> None:
    client = await connect()
    await client.ask("join", {"event": "gala"})
    (eio_sid,) = house.server.eio.sockets
    await house.server.eio.disconnect(eio_sid)
    await eventually(lambda: not client.socket.connected)
    assert house.server.eio.sockets == {}
    assert house.stage.watching("gala") == 0


def masked(text: str) -> bytes:
    """A client's text frame (its mask is zero)."""
    payload = text.encode()
    assert len(payload) < 126
    return struct.pack("!BBI", 0x81, 0x80 | len(payload), 0) + payload


def test_json_round_trips_and_refuses_with_value_errors() -> None:
    assert json.loads(Json.dumps({"ä": [1, None]})) == {"ä": [1, None]}
    with pytest.raises(ValueError, match="malformed"):
        Json.loads("{]")
    with pytest.raises(ValueError, match="recursion"):
        Json.loads("[" * 100_000)
