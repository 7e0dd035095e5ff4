"""Our hook in aiortc: this fails loudly when a release changes the receiver."""

import inspect

import aiortc
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver
from aiortc.jitterbuffer import JitterBuffer

from app.media.assembly import Assembler
from app.media.receiver import IncompatibleReceiver, Tap


def test_aiortc_is_the_version_that_the_hook_was_written_for() -> None:
    assert aiortc.__version__.startswith("1.16."), "check app/media/receiver.py against the new release"


def test_the_receiver_asks_the_jitter_buffer_for_frames_as_the_hook_expects() -> None:
    source = inspect.getsource(RTCRtpReceiver._handle_rtp_packet)
    for line in (
        "packet._data = depayload(codec, packet.payload)",
        "pli_flag, encoded_frame = self.__jitter_buffer.add(packet)",
        "if pli_flag:",
        "if encoded_frame is not None and self.__decoder_thread:",
    ):
        assert line in source
    assert "codec = self.__codecs.get(packet.payload_type)" in source
    assert list(inspect.signature(JitterBuffer.add).parameters) == ["self", "packet"]
    assert list(inspect.signature(RTCRtpReceiver._send_rtcp_pli).parameters) == ["self", "media_ssrc"]


async def test_a_tapped_receiver_has_our_assembler() -> None:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    receiver = peer.addTransceiver("video", direction="recvonly").receiver
    assembler = Assembler(lambda unit: None, lambda: 0.0)
    tap = Tap(receiver, assembler)
    assert getattr(receiver, "_RTCRtpReceiver__jitter_buffer") is assembler  # noqa: B009 - mangled on purpose
    assert tap.codec(96) == "" and tap.report is None
    with pytest.raises(IncompatibleReceiver, match=r"pin aiortc 1\.16"):
        Tap(receiver, assembler)
    await peer.close()
