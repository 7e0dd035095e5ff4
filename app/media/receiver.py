"""The one place that reaches into aiortc: whole encoded frames instead of decoded ones.

aiortc has no public way to a receiver's encoded frames. Its receiver hands every packet to a jitter buffer and what
that returns to a decoder; our assembler takes the jitter buffer's place, returns nothing and keeps the frames, so
nothing is decoded that need not be. A receiver that does not look as expected is refused (IncompatibleReceiver), and
tests/app/media/test_receiver.py fails when an aiortc release changes it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtcpSrPacket

from app.media.assembly import Assembler

_BUFFER = "_RTCRtpReceiver__jitter_buffer"
_CODECS = "_RTCRtpReceiver__codecs"

# NTP counts seconds since 1900, in units of 2^-32.
_NTP_UNIT = 1 << 32


class IncompatibleReceiver(RuntimeError):
    """This aiortc works differently inside."""


class Tap:
    """A receiver whose encoded frames are tapped."""

    def __init__(self, receiver: Any, assembler: Assembler) -> None:
        parts = ("_handle_rtcp_packet", "_send_rtcp_pli", "getSynchronizationSources")
        if not isinstance(getattr(receiver, _BUFFER, None), JitterBuffer) or not all(
            map(receiver.__class__.__dict__.get, parts)
        ):
            raise IncompatibleReceiver("aiortc's receiver has changed; adapt app/media/receiver.py or pin aiortc 1.16.")
        self.assembler = assembler
        self._receiver = receiver
        # (sender's wall clock in seconds, RTP timestamp) of its last report.
        self.report: tuple[float, int] | None = None
        setattr(receiver, _BUFFER, assembler)
        receiver._handle_rtcp_packet = self._reported(receiver._handle_rtcp_packet)

    def codec(self, payload_type: int) -> str:
        """The codec of a payload type, "H264" or "VP8"; empty when it is unknown."""
        found = getattr(self._receiver, _CODECS).get(payload_type)
        return str(found.name) if found is not None else ""

    async def ask_for_key_frame(self) -> None:
        """Send a picture loss indication."""
        for source in self._receiver.getSynchronizationSources():
            await self._receiver._send_rtcp_pli(source.source)

    def _reported(self, handle: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
        async def handler(packet: Any) -> None:
            if isinstance(packet, RtcpSrPacket):
                information = packet.sender_info
                self.report = information.ntp_timestamp / _NTP_UNIT, information.rtp_timestamp
            await handle(packet)

        return handler
