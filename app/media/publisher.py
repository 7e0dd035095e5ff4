"""A publisher: one WHIP session (RFC 9725). WebRTC in; pictures and sound on the media clock out to the channel."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription

from app.errors import BadRequest
from app.media.assembly import Assembler, Unit
from app.media.channel import Channel
from app.media.h264 import VideoFormat
from app.media.mixer import Mixer
from app.media.packager import Picture
from app.media.picture_path import PicturePath
from app.media.receiver import Tap
from app.media.session_description import has_sound, with_public_address
from app.media.sound_path import SoundPath

log = logging.getLogger(__name__)

# A publisher whose pictures stop for this long has dropped out: the show pauses. In seconds.
STALL_S = 1.5
# Who has no picture after this long does not keep others out any more. In seconds.
CONNECT_S = 8.0
# Who is silent for this long is gone for good. In seconds.
GONE_S = 30.0
_WATCH_S = 0.1


class Publisher:
    """One WHIP session, as the channel's source."""

    kind = "whip"

    def __init__(self, channel: Channel, ended: Callable[["Publisher"], None]) -> None:
        self.session = secrets.token_urlsafe(16)
        self._channel = channel
        self._ended = ended
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._over = False
        self._made_at = self._heard_at = time.monotonic()
        self._stalled = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._pictures = PicturePath(channel, self)
        self._mixer = Mixer(channel, lambda: channel.begin(self))
        self._sound = SoundPath(channel, self._pictures, self._mixer)

    @property
    def busy(self) -> bool:
        """Whether this publisher keeps others out: live, or about to be."""
        begins = self._pictures.begun or time.monotonic() - self._made_at < CONNECT_S
        return begins and not self._over and not self._stalled

    async def accept(self, offer: str, public_ip: str | None) -> str:
        """Answer a usable offer. Raises BadRequest when it cannot be."""
        connection = self._connection
        connection.on("connectionstatechange", self._connection_changed)
        try:
            # Preferences count only when the offer meets the transceiver that has them.
            self._prefer("video", ("video/H264", "video/VP8", "video/rtx"))
            if has_sound(offer):
                self._prefer("audio", ("audio/opus",))
            await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            self._tap()
            answer = await connection.createAnswer()
            await connection.setLocalDescription(answer)
        except Exception as error:  # whatever a foreign description does to the parser, it is the description's fault
            log.info("%s: an offer was refused: %r", self._channel.event, error)
            await self.end()
            raise BadRequest("The session description cannot be answered; send the offer of a WHIP client.") from None
        self.spawn(self._watch())
        return with_public_address(connection.localDescription.sdp, public_ip)

    def _prefer(self, kind: str, types: tuple[str, ...]) -> None:
        capabilities = RTCRtpReceiver.getCapabilities(kind)
        codecs = capabilities.codecs if capabilities else []
        transceiver = self._connection.addTransceiver(kind, direction="recvonly")
        transceiver.setCodecPreferences(
            [codec for wanted in types for codec in codecs if codec.mimeType.lower() == wanted.lower()]
        )

    def _tap(self) -> None:
        for transceiver in self._connection.getTransceivers():
            video = transceiver.kind == "video"
            path = self._picture_arrived if video else self._sound.arrived
            tap = Tap(transceiver.receiver, Assembler(path, time.monotonic, framed=video))
            (self._pictures if video else self._sound).tap = tap

    def _picture_arrived(self, unit: Unit) -> None:
        self._heard_at = time.monotonic()
        self._stalled = False
        self._pictures.arrived(unit)

    def show(self, picture: Picture, video: VideoFormat, first: bool) -> None:
        """Take a picture that is ready; when the pictures begin (again), the sound begins with them."""
        self._mixer.picture(picture, video, first)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task that ends with this session."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s: a broadcast ends on an unexpected error", self._channel.event, exc_info=error)
            self.spawn(self.end())

    def health(self) -> dict[str, Any]:
        """How well the stream arrives."""
        return self._pictures.health()

    async def end(self) -> None:
        """End the session; more than once does no harm."""
        if self._over:
            return
        self._over = True
        me = asyncio.current_task()
        others = [task for task in self._tasks if task is not me]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._connection.close()
        self._pictures.close()
        self._mixer.finish()
        self._channel.finish(self)
        self._ended(self)

    async def _connection_changed(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            await self.end()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_S)
            silent = time.monotonic() - self._heard_at
            if silent > GONE_S:
                log.info("%s: the publisher is gone", self._channel.event)
                await self.end()
                return
            if silent > STALL_S and not self._stalled and self._pictures.begun:
                log.info("%s: the publisher's pictures have stopped", self._channel.event)
                self._stalled = True
                self._pictures.interrupted()
                self._mixer.finish()
                self._channel.stall(self)
            elif silent < STALL_S:
                await self._pictures.care()
