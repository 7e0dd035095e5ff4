"""A real WebRTC publisher on this machine, with the faults that real ones have."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from fractions import Fraction
from typing import Any

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack

from app.media.client import MediaClient
from tests import numbered_film
from tests.app.media.streams import byte_stream

FPS = 24


class EncodedTrack(MediaStreamTrack):
    """H.264 that was encoded before; it has key frames where it has them and cannot be asked for more."""

    kind = "video"

    def __init__(self, frames: tuple[tuple[bytes, bool], ...]) -> None:
        super().__init__()
        self.frames = frames
        self._sent = 0
        self._start = time.monotonic()
        # When frame 0 is due, in ms of the wall clock; frame n is due n / FPS later.
        self.first_ms = time.time() * 1000

    async def recv(self) -> "av.Packet[av.stream.Stream]":
        number = self._sent
        await asyncio.sleep(max(0.0, self._start + number / FPS - time.monotonic()))
        packet = av.Packet(self.frames[number % len(self.frames)][0])
        packet.pts, packet.time_base = number * 90_000 // FPS, Fraction(1, 90_000)
        self._sent += 1
        return packet


class CameraTrack(MediaStreamTrack):
    """Numbered pictures that the sender encodes, with key frames when it is asked for them."""

    kind = "video"

    def __init__(self, width: int = 160, height: int = 90) -> None:
        super().__init__()
        self._sent = 0
        self.size = width, height
        self._start = time.monotonic()
        # When frame 0 is due, in ms of the wall clock; frame n is due n / FPS later.
        self.first_ms = time.time() * 1000

    async def recv(self) -> av.VideoFrame:
        number = self._sent
        await asyncio.sleep(max(0.0, self._start + number / FPS - time.monotonic()))
        picture = next(numbered_film.pictures(1, *self.size, start=number))
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = number * 90_000 // FPS, Fraction(1, 90_000)
        self._sent += 1
        return frame


class Publisher:
    """One WHIP session."""

    def __init__(self, video: MediaStreamTrack, codec: str = "H264", sound: bool = True, rtx: bool = True) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = self.peer.addTransceiver(video, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences(
            [c for c in codecs if c.mimeType == f"video/{codec}" or (rtx and c.mimeType == "video/rtx")]
        )
        self._sender: Any = transceiver.sender
        if sound:
            self.peer.addTransceiver(AudioStreamTrack(), direction="sendonly")
        self.session = ""

    async def offer(self) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return str(self.peer.localDescription.sdp)

    async def publish(self, client: MediaClient, event: str) -> None:
        answer, self.session = await client.whip(event, await self.offer())
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def lose(self, first: int, count: int) -> None:
        """Lose `count` outgoing packets after the next `first` for good: their retransmissions, too (without RTX)."""
        transport = self._sender.transport
        send, sent, lost = transport._send_rtp, 0, set[int]()

        async def lossy(data: bytes) -> None:
            nonlocal sent
            if not 192 <= data[1] <= 223:  # RTCP passes
                number = int.from_bytes(data[2:4], "big")
                sent += 1
                if first < sent <= first + count:
                    lost.add(number)
                if number in lost:
                    return
            await send(data)

        transport._send_rtp = lossy

    async def close(self) -> None:
        await self.peer.close()


@contextlib.asynccontextmanager
async def publishing(client: MediaClient, event: str, publisher: Publisher) -> AsyncIterator[Publisher]:
    """A publisher that goes live and is closed in the end."""
    try:
        await publisher.publish(client, event)
        yield publisher
    finally:
        await publisher.close()


def encoded(seconds: float, group: int = 2 * FPS, **options: int) -> EncodedTrack:
    """A track of numbered frames that repeats after some seconds."""
    return EncodedTrack(byte_stream(int(seconds * FPS), group, **options))
