"""The way out of one connection, on both event loops."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import uvloop

from overlays import outbox
from overlays.frames import frame
from overlays.outbox import Deliveries, Outbox
from tests.viewers import eventually


@dataclass(frozen=True)
class Wire:
    """A server's transport and the client's reader at the other end."""

    transport: Any
    reader: asyncio.StreamReader


NewLoop = Callable[[], asyncio.AbstractEventLoop]
Scenario = Callable[[Wire], Awaitable[None]]


def on_a_connection(new_loop: NewLoop, scenario: Scenario) -> None:
    """Run `scenario` with a server's transport and the client at its other end."""

    async def run() -> None:
        accepted: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(lambda _, writer: accepted.set_result(writer), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        held = await accepted
        await scenario(Wire(held.transport, reader))
        if not held.transport.is_closing():
            held.transport.abort()
        writer.transport.abort()
        server.close()
        await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run())


both_loops = pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])


@both_loops
def test_a_dead_connection_is_no_reason_to_stop_a_broadcast(new_loop: NewLoop) -> None:
    async def scenario(wire: Wire) -> None:
        out = Outbox(wire.transport, Deliveries())
        assert out.write(frame(b"hello"))
        assert await wire.reader.readexactly(7) == b"\x81\x05hello"
        wire.transport.abort()
        await asyncio.sleep(0.01)
        assert not out.write(frame(b"hello"))
        assert out.backlog() == 0
        out.close()
        out.close()

    on_a_connection(new_loop, scenario)


@both_loops
def test_a_frame_may_go_past_the_transport_only_while_nothing_waits_in_it(new_loop: NewLoop) -> None:
    async def scenario(wire: Wire) -> None:
        socket = wire.transport.get_extra_info("socket").fileno()
        out = Outbox(wire.transport, Deliveries(), cap=10_000_000)
        assert out.descriptor == socket
        wire.transport.write(b"a pong, say")  # not ours, and it goes at once
        assert out.descriptor == socket
        sent = len(b"a pong, say")
        while not wire.transport.get_write_buffer_size():
            wire.transport.write(bytes(100_000))
            sent += 100_000
        assert out.descriptor == -1
        await wire.reader.readexactly(sent)
        await eventually(lambda: out.descriptor == socket)
        out.close()
        assert out.descriptor == -1

    on_a_connection(new_loop, scenario)


@both_loops
def test_what_waits_is_bounded_and_then_the_connection_is_cut_with_its_reason(
    new_loop: NewLoop,
) -> None:
    async def scenario(wire: Wire) -> None:
        counts = Deliveries()
        out = Outbox(wire.transport, counts, cap=100_000)
        sent = 0
        while out.write(frame(b"x" * 50_000)):
            sent += 1
            assert out.backlog() <= 100_000 + 50_010
            assert sent < 1000
            await asyncio.sleep(0)  # uvloop hands over to the kernel once a turn
        assert counts.slow == 1
        assert not out.write(b"")
        assert counts.slow == 1
        # Who reads again in time finds every whole frame and then the reason.
        everything = await wire.reader.read()
        assert everything == frame(b"x" * 50_000) * sent + b"\x88\x06\x0f\xa9slow"

    on_a_connection(new_loop, scenario)


@both_loops
def test_a_farewell_comes_after_what_waits_and_does_not_wait_forever(
    new_loop: NewLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LINGER_S", 0.05)

    async def scenario(wire: Wire) -> None:
        out = Outbox(wire.transport, Deliveries(), cap=10_000_000)
        out.write(frame(b"last words"))
        out.close(4008, "flood")
        assert not out.write(frame(b"too late"))
        assert await wire.reader.read() == frame(b"last words") + b"\x88\x07\x0f\xa8flood"

    on_a_connection(new_loop, scenario)

    async def stalled(wire: Wire) -> None:
        out = Outbox(wire.transport, Deliveries(), cap=50_000_000)
        for _ in range(400):
            out.write(frame(b"x" * 50_000))
            await asyncio.sleep(0)
        out.close()
        await asyncio.sleep(0.15)
        # The kernel's own buffers are read, and then the connection turns out to be gone.
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                while await wire.reader.read(1_000_000):
                    pass

    on_a_connection(new_loop, stalled)
