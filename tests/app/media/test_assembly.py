"""RTP packets become whole frames, in order, and losses are told."""

import itertools
import random
from dataclasses import dataclass

from app.media.assembly import MOST_PACKETS, VIDEO_PATIENCE_S, Assembler, Unit, unwrap


@dataclass
class Packet:
    sequence_number: int
    timestamp: int
    marker: int
    _data: bytes
    payload_type: int = 96


class Desk:
    """An assembler with a clock of its own."""

    def __init__(self, framed: bool = True) -> None:
        self.now = 0.0
        self.units: list[Unit] = []
        self.assembler = Assembler(self.units.append, lambda: self.now, framed)

    def add(self, *packets: Packet) -> bool:
        return bool(sum(self.assembler.add(packet)[0] for packet in packets))

    @property
    def data(self) -> list[bytes]:
        return [unit.data for unit in self.units]


def frame(number: int, first: int, count: int = 3) -> list[Packet]:
    data = [bytes([number, part]) for part in range(count)]
    return [
        Packet((first + part) % 65536, number * 3000 % 2**32, int(part == count - 1), data[part])
        for part in range(count)
    ]


def test_a_frame_is_delivered_with_its_last_packet() -> None:
    desk = Desk()
    first, second, last = frame(1, 10)
    desk.add(first, second)
    assert desk.units == []
    desk.add(last)
    assert desk.data == [b"\1\0\1\1\1\2"]


def test_packets_in_any_order_make_the_same_frames() -> None:
    packets = [packet for number in range(40) for packet in frame(number, 65500 + number * 3)]
    shuffled, chance = [], random.Random(3)
    for start in range(3, len(packets), 9):
        group = packets[start : start + 9]
        chance.shuffle(group)
        shuffled += group
    desk = Desk()
    desk.add(*packets[:3], *shuffled, *packets[:30])
    assert [data[0] for data in desk.data] == list(range(40))
    assert not any(unit.lost for unit in desk.units)


def test_timestamps_go_on_when_they_wrap() -> None:
    desk = Desk()
    desk.add(*[Packet(i, (2**32 - 3000 + i * 3000) % 2**32, 1, b"x") for i in range(3)])
    assert [b.timestamp - a.timestamp for a, b in itertools.pairwise(desk.units)] == [3000, 3000]
    assert unwrap(5, 2**32 - 5) == 2**32 + 5 and unwrap(2**32 - 5, 2**32 + 5) == 2**32 - 5


def test_a_hole_is_waited_for_and_then_given_up_with_a_request_for_a_key_frame() -> None:
    desk = Desk()
    desk.add(*frame(1, 0))
    broken = frame(2, 3)
    assert not desk.add(broken[0], broken[2], *frame(3, 6))
    assert len(desk.units) == 1
    desk.now = VIDEO_PATIENCE_S + 0.01
    assert desk.add(*frame(4, 9))
    assert [data[0] for data in desk.data] == [1, 3, 4]
    assert [unit.lost for unit in desk.units] == [False, True, False]
    assert desk.assembler.lost_packets == 1


def test_a_retransmission_in_time_fills_the_hole() -> None:
    desk = Desk()
    late = frame(2, 3)
    desk.add(*frame(1, 0), late[0], late[2], *frame(3, 6))
    desk.now = VIDEO_PATIENCE_S - 0.01
    desk.add(late[1])
    assert [data[0] for data in desk.data] == [1, 2, 3]
    assert desk.assembler.lost_packets == 0


def test_a_frame_that_the_sender_cut_short_is_dropped_and_told() -> None:
    desk = Desk()
    short = frame(2, 3)[:2]
    assert desk.add(*frame(1, 0), *short, *frame(3, 5))
    assert [data[0] for data in desk.data] == [1, 3]
    assert desk.units[-1].lost


def test_a_sender_that_never_sets_markers_is_understood() -> None:
    desk = Desk()
    for number in range(4):
        for packet in frame(number, number * 3):
            packet.marker = 0
            desk.add(packet)
    assert [data[0] for data in desk.data] == [0, 1, 2]


def test_padding_is_no_frame() -> None:
    desk = Desk()
    desk.add(*frame(1, 0), Packet(3, 3000, 0, b""), *frame(2, 4))
    assert [data[0] for data in desk.data] == [1, 2]
    assert not desk.units[-1].lost


def test_a_sender_that_restarts_its_numbers_is_followed() -> None:
    desk = Desk()
    desk.add(*frame(1, 100), *frame(2, 100 + MOST_PACKETS + 5), *frame(3, 100 + MOST_PACKETS + 8))
    assert [data[0] for data in desk.data] == [1, 2, 3]
    assert [unit.lost for unit in desk.units] == [False, True, False]


def test_every_sound_packet_is_a_frame() -> None:
    desk = Desk(framed=False)
    desk.add(Packet(1, 960, 0, b"a"), Packet(3, 2880, 0, b"c"), Packet(2, 1920, 0, b"b"))
    assert desk.data == [b"a", b"b", b"c"]
