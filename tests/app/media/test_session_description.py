"""Addresses and ports in what we answer."""

import asyncio
import socket

import pytest

from app.media.ports import PortRangeLoop
from app.media.session_description import usable_offer, with_public_address

ANSWER = (
    "v=0\r\nm=video 5000 UDP/TLS/RTP/SAVPF 96\r\n"
    "a=candidate:1 1 udp 2130706431 10.0.0.7 5000 typ host generation 0\r\n"
    "a=candidate:2 1 udp 2130706431 fd00::2 5001 typ host generation 0\r\na=end-of-candidates\r\n"
)


def test_the_public_address_stands_beside_the_own_one() -> None:
    answer = with_public_address(ANSWER, "203.0.113.7")
    assert "a=candidate:1 1 udp 2130706431 203.0.113.7 5000 typ host generation 0\r\na=candidate:1 " in answer
    assert answer.count("a=candidate") == 3 and "fd00::2 5001" in answer
    assert with_public_address(ANSWER, None) == ANSWER
    assert "2001:db8::1 5001 typ host" in with_public_address(ANSWER, "2001:db8::1")
    assert all(line == "" or not line.startswith("\n") for line in answer.split("\r\n"))


def test_candidates_behind_mdns_names_are_left_out() -> None:
    offer = (
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n"
        "a=candidate:1 1 udp 2113 0a1b2c3d-1111.local 40000 typ host generation 0\r\na=sendonly\r\n"
    )
    assert ".local" not in usable_offer(offer) and "a=sendonly" in usable_offer(offer)


def test_datagram_sockets_stay_within_the_range() -> None:
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.bind(("127.0.0.1", 0))
    taken = probe.getsockname()[1]

    async def bind() -> int:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
        port = int(transport.get_extra_info("sockname")[1])
        transports.append(transport)
        return port

    transports: list[asyncio.DatagramTransport] = []
    with asyncio.Runner(loop_factory=lambda: PortRangeLoop((taken, taken + 1))) as runner:
        assert runner.run(bind()) == taken + 1
        with pytest.raises(OSError, match="every UDP port"):
            runner.run(bind())
        transports[0].close()
    probe.close()
