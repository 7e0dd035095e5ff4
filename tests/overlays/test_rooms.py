"""Who hears what is written to a room while people come and go."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from overlays import rooms
from overlays.outbox import Deliveries, Outbox
from overlays.rooms import Rooms
from tests.viewers import eventually

SIZE = 4


@dataclass(eq=False)
class Person:
    """A real connection; what must and what may have been heard."""

    name: str
    outbox: Outbox
    end: socket.socket
    must: list[bytes] = field(default_factory=list)
    may: set[bytes] = field(default_factory=set)

    def heard(self) -> list[bytes]:
        taken = b""
        try:
            while piece := self.end.recv(100_000):
                taken += piece
        except BlockingIOError:
            pass
        return [taken[at : at + SIZE] for at in range(0, len(taken), SIZE)]


@pytest.fixture
async def people() -> AsyncIterator[list[Person]]:
    loop, made, transports = asyncio.get_running_loop(), [], []
    for number in range(7):
        server, client = socket.socketpair()
        server.setblocking(False)
        client.setblocking(False)
        transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, server)
        transports.append(transport)
        made.append(Person(f"sid{number}", Outbox(transport, Deliveries()), client))
    yield made
    for transport in transports:
        transport.abort()
    await asyncio.sleep(0)
    for person in made:
        person.end.close()


@pytest.mark.parametrize("seed", range(5))
async def test_who_is_inside_hears_everything_once_and_in_order(
    people: list[Person], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "SLICE", 2)
    chance, counts = random.Random(seed), Deliveries()
    house, inside = Rooms(counts), set[Person]()

    def move(person: Person) -> None:
        for name in ("gala", None):
            if person in inside:
                house.leave(person.name, name)
            else:
                house.enter(person.name, name, person.outbox)
                house.enter(person.name, name, person.outbox)
        inside.symmetric_difference_update({person})

    for number in range(200):
        frame = b"%04d" % number
        for person in chance.sample(people, chance.choice((0, 1, 1, 2))):
            move(person)
        if number % 3:
            assert house.write("gala", frame) == len(inside)
            for person in inside:
                person.must.append(frame)
            continue
        before = set(inside)
        turns = asyncio.create_task(house.write_in_turns("gala", frame, 2))
        while not turns.done():
            await asyncio.sleep(0)
            for person in chance.sample(people, chance.choice((0, 0, 1, 2))):
                move(person)
                person.may.add(frame)
        for person in before:
            if frame not in person.may:
                person.must.append(frame)
    for person in people:
        heard = person.heard()
        assert len(set(heard)) == len(heard)
        assert [frame for frame in heard if frame not in person.may] == person.must
    for person in list(inside):
        move(person)
    assert all(person.outbox.seats == [] for person in people)
    assert house.write("gala", b"none") == 0


async def test_who_lags_has_the_rest_behind_what_waits_and_the_others_at_once(people: list[Person]) -> None:
    counts = Deliveries()
    house, slow, quick = Rooms(counts), people[0], people[1]
    for person in (slow, quick):
        house.enter(person.name, "gala", person.outbox)
    sent = b""
    while slow.outbox.descriptor >= 0:
        frame = bytes([len(sent) % 251]) * 30_000
        assert house.write("gala", frame) == 2
        sent += frame
        await asyncio.sleep(0)
        taken = b""
        while len(taken) < len(frame):
            taken += quick.end.recv(100_000)
        assert taken == frame
    assert list(house["gala"].sockets) == [-1, quick.outbox.descriptor]
    assert house.write("gala", b"last") == 2
    received = b""
    while len(received) < len(sent) + 4:
        try:
            received += slow.end.recv(1_000_000)
        except BlockingIOError:
            await asyncio.sleep(0.001)
    assert received == sent + b"last"
    await eventually(lambda: slow.outbox.descriptor >= 0)
    assert list(house["gala"].sockets) == [slow.outbox.descriptor, quick.outbox.descriptor]
    assert (counts.frames, counts.bytes) == (2 * len(sent) // 30_000 + 2, 2 * len(sent) + 8)


async def test_a_connection_that_is_over_gives_its_number_back_before_it_can_be_another_ones(
    people: list[Person],
) -> None:
    house = Rooms(Deliveries())
    for person in people:
        house.enter(person.name, "gala", person.outbox)
    people[2].outbox.close()
    people[4].end.close()
    await eventually(lambda: people[4].outbox.descriptor < 0)
    there = [index for index, descriptor in enumerate(house["gala"].sockets) if descriptor >= 0]
    assert there == [0, 1, 3, 5, 6]
    assert house.write("gala", b"next") == 5
    assert [people[index].heard() for index in there] == [[b"next"]] * 5
    assert b"next" not in people[2].heard()
