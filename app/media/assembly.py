"""Frame assembly: RTP packets in any order in, whole encoded frames in order out, and what was lost. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

# How long a hole is waited for: a retransmission takes a round trip or two. In seconds.
VIDEO_PATIENCE_S = 0.4
SOUND_PATIENCE_S = 0.06
# A frame of more packets than this (a 4 MB key frame) is none; a sender that skips this far has restarted.
MOST_PACKETS = 4096

_HALF_16, _FULL_16 = 1 << 15, 1 << 16
_HALF_32, _FULL_32 = 1 << 31, 1 << 32


class Packet(Protocol):
    """What is read of an RTP packet; `_data` is its payload without the codec's packet header."""

    sequence_number: int
    timestamp: int
    marker: int
    payload_type: int
    _data: bytes


@dataclass(frozen=True)
class Unit:
    """An encoded frame: its RTP timestamp (unwrapped), and whether frames before it were lost."""

    timestamp: int
    payload_type: int
    data: bytes
    lost: bool


def unwrap(value: int, near: int, full: int = _FULL_32) -> int:
    """The number that is congruent to `value` modulo `full` and nearest to `near`."""
    return near + (value - near + full // 2) % full - full // 2


class Assembler:
    """Puts one sender's packets together. `framed`: a frame ends with the marker bit or a new timestamp (video);
    otherwise every packet is a frame (sound). From a sender that sets markers, a frame without one is not whole.
    """

    def __init__(self, deliver: Callable[[Unit], None], clock: Callable[[], float], framed: bool = True) -> None:
        self.packets = 0
        self.lost_packets = 0
        self._deliver = deliver
        self._clock = clock
        self._framed = framed
        self._patience = VIDEO_PATIENCE_S if framed else SOUND_PATIENCE_S
        self._waiting: dict[int, Packet] = {}
        self._started = False
        self._next = 0
        self._highest = 0
        self._timestamp = 0
        self._hole_since: float | None = None
        self._lost = False
        self._marks = False
        self._cut_short = False

    def add(self, packet: Packet) -> tuple[bool, None]:
        """Take a packet; (whether the sender should be asked for a key frame, None)."""
        self.packets += 1
        if not self._started:
            self._started = True
            self._next = self._highest = packet.sequence_number + _FULL_16
            self._timestamp = packet.timestamp + _FULL_32
        number = unwrap(packet.sequence_number, self._highest, _FULL_16)
        if abs(number - self._highest) > MOST_PACKETS:
            self._waiting.clear()
            self._next, self._lost, self._hole_since = number, True, None
            self._highest = number
        self._highest = max(self._highest, number)
        if number >= self._next:
            self._waiting[number] = packet
        self._cut_short = False
        self._flush()
        gave_up = self._give_up()
        return gave_up or self._cut_short, None

    def _flush(self) -> None:
        while (end := self._frame_end()) is not None:
            packets = [self._waiting.pop(number) for number in range(self._next, end)]
            self._next = end
            self._hole_since = None
            self._send(packets)

    def _frame_end(self) -> int | None:
        """The number behind the next frame's last packet, None while it is not complete."""
        number = self._next
        first = self._waiting.get(number)
        if first is None:
            return None
        if not self._framed:
            return number + 1
        while (packet := self._waiting.get(number)) is not None:
            if packet.timestamp != first.timestamp:
                return number
            number += 1
            if packet.marker:
                return number
        return None

    def _send(self, packets: list[Packet]) -> None:
        data = b"".join(packet._data for packet in packets)
        if not data:
            return  # padding, with which senders probe for bandwidth
        whole = not self._framed or bool(packets[-1].marker)
        if not whole and self._marks:
            # A browser under load drops the rest of a frame before it numbers the packets: no gap tells.
            self.lost_packets += 1
            self._lost = self._cut_short = True
            return
        self._marks = self._marks or whole
        self._timestamp = unwrap(packets[0].timestamp, self._timestamp)
        lost, self._lost = self._lost, False
        self._deliver(Unit(self._timestamp, packets[0].payload_type, data, lost))

    def _give_up(self) -> bool:
        """Go on behind a hole that is too old to be filled."""
        hole = next((number for number in range(self._next, self._highest) if number not in self._waiting), None)
        if hole is None:
            self._hole_since = None
            return False
        if self._hole_since is None:
            self._hole_since = self._clock()
        if self._clock() - self._hole_since < self._patience:
            return False
        behind = min(number for number in self._waiting if number > hole)
        if self._framed:
            behind = self._frame_start(behind)
        self.lost_packets += sum(1 for number in range(self._next, behind) if number not in self._waiting)
        for number in [number for number in self._waiting if number < behind]:
            del self._waiting[number]
        self._next, self._lost, self._hole_since = behind, True, None
        self._flush()
        return True

    def _frame_start(self, number: int) -> int:
        """The first packet, from `number` on, that surely starts a frame: the one before it ended another."""
        while number <= self._highest:
            packet, after = self._waiting.get(number), self._waiting.get(number + 1)
            number += 1
            if packet is not None and (packet.marker or (after is not None and after.timestamp != packet.timestamp)):
                break
        return number
