"""The same bytes to many sockets, by either loop."""

import importlib.util
import socket
import subprocess
import sys
from array import array
from collections.abc import Iterator

import pytest

from overlays import volley
from overlays.volley import SendEach, send_each, send_each_plainly

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(params=[send_each_plainly, send_each], ids=["plain", "fastest"])
def each(request: pytest.FixtureRequest) -> SendEach:
    found: SendEach = request.param
    return found


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    made = [socket.socketpair() for _ in range(4)]
    for server, client in made:
        server.setblocking(False)
        client.settimeout(5)
    yield made
    for server, client in made:
        server.close()
        client.close()


def descriptors(pairs: list[Pair]) -> "array[int]":
    return array("i", [server.fileno() for server, _ in pairs])


def test_everybody_gets_the_frame(each: SendEach, pairs: list[Pair]) -> None:
    assert each(descriptors(pairs), b"\x81\x05hello") == []
    assert [client.recv(100) for _, client in pairs] == [b"\x81\x05hello"] * 4
    assert each(array("i"), b"nobody listens") == []


def test_who_takes_a_part_or_nothing_is_named_with_how_much(each: SendEach, pairs: list[Pair]) -> None:
    slow, reader = pairs[2]
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    frame = bytes(100_000)
    ((index, taken),) = each(descriptors(pairs[2:3]), frame)
    assert (index, 0 < taken < len(frame)) == (0, True)
    assert each(descriptors(pairs), b"next") == [(2, 0)]
    received = 0
    while received < taken:
        received += len(reader.recv(100_000))
    assert received == taken


def test_a_broken_connection_harms_nobody(each: SendEach, pairs: list[Pair]) -> None:
    pairs[1][1].close()
    asked = descriptors(pairs)
    asked.append(-1)
    assert each(asked, b"on with the show") == [(1, 0), (4, 0)]
    assert [pairs[number][1].recv(100) for number in (0, 2, 3)] == [b"on with the show"] * 3


def test_more_than_the_kernel_is_given_at_once_go_in_their_order(each: SendEach, pairs: list[Pair]) -> None:
    server, client = pairs[0]
    left_out = each(array("i", [server.fileno()] * 1300), b"one")
    assert left_out == [(index, 0) for index in range(1300 - len(left_out), 1300)]
    received = b""
    while len(received) < 3 * (1300 - len(left_out)):
        received += client.recv(10_000)
    assert each(descriptors(pairs), b"two") == []
    assert received + client.recv(100) == b"one" * (1300 - len(left_out)) + b"two"


# A process of its own, for what the kernel lets the first caller do holds for all later ones.
CALLERS = """
import os, resource, socket, sys, threading
from array import array
from overlays.volley import send_each
server, client = socket.socketpair()
asked = array("i", [server.fileno()] * 10)
def send():
    assert send_each(asked, b"x") == []
def in_a_thread():
    thread = threading.Thread(target=send)
    thread.start()
    thread.join()
def in_a_child():
    child = os.fork()
    if not child:
        send()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
if sys.argv[1] == "no descriptor is left":
    resource.setrlimit(resource.RLIMIT_NOFILE, (client.fileno() + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
if sys.argv[1] == "a thread first":
    in_a_thread()
send()
in_a_thread()
in_a_child()
send()
print(len(client.recv(1000)))
"""


@pytest.mark.parametrize(("how", "served"), [("main", 40), ("a thread first", 50), ("no descriptor is left", 40)])
def test_threads_children_and_a_kernel_that_refuses_are_served_alike(how: str, served: int) -> None:
    # Python 3.12 warns of a fork while the kernel still counts a thread that was just joined.
    python = [sys.executable, "-W", "ignore:This process:DeprecationWarning"]
    ran = subprocess.run([*python, "-c", CALLERS, how], capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.stderr) == (str(served), "")


def test_the_native_loop_is_taken_where_it_was_built() -> None:
    built = importlib.util.find_spec("overlays._volley") is not None
    assert (volley.send_each is not send_each_plainly) == built
