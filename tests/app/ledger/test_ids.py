import itertools
import re
import subprocess
import sys
import time

import pytest

from app.ledger.ids import DRAWN, TICK_NS, akin, new_id

FORK = """
import os
from app.ledger.ids import new_id
new_id("a")
if os.fork():
    os.wait()
print(new_id("a"), flush=True)
"""


def test_every_id_is_another_one_and_fits_into_an_address() -> None:
    ids = {new_id("ord") for _ in range(3 * DRAWN)}
    assert len(ids) == 3 * DRAWN
    assert all(re.fullmatch(r"ord_[A-Za-z0-9_-]{22}", one) for one in ids)


def test_an_akin_id_differs_in_its_kind_only() -> None:
    assert akin("att_A_b-C", "ord") == "ord_A_b-C"
    assert akin(akin("att_A_b-C", "mail"), "att") == "att_A_b-C"


def test_ids_lie_in_the_order_of_their_making(monkeypatch: pytest.MonkeyPatch) -> None:
    # Steps that go through every character of the time's bytes.
    instants = itertools.count(1_700_000_000 * 10**9, 997 * TICK_NS)
    monkeypatch.setattr(time, "time_ns", lambda: next(instants))
    made = [new_id("ord") for _ in range(20_000)]
    assert made == sorted(made)


def test_a_copy_of_the_process_does_not_give_the_same_ids() -> None:
    ran = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, check=True)
    assert len(set(ran.stdout.split())) == 2
