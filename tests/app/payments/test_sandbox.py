"""The sandbox provider does as it is told and remembers what was decided."""

import pytest

from app.ledger.engine import Ledger
from app.payments import queries
from app.payments.page import local_path
from app.payments.provider import ActionRequired, Approved, Charge, Declined
from app.payments.sandbox import SLOW_S, Sandbox


def charge(behaviour: str) -> Charge:
    return Charge(f"att_{behaviour}", "ord_1", 2490, "EUR", "sandbox", behaviour, "ada@example.org", "en", 1)


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def sandbox(ledger: Ledger, slept: list[float]) -> Sandbox:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return Sandbox(ledger, lambda: 1, sleep)


async def test_it_approves_declines_and_takes_its_time(sandbox: Sandbox, slept: list[float]) -> None:
    assert isinstance(await sandbox.start(charge("approve")), Approved)
    assert isinstance(await sandbox.start(charge("decline")), Declined)
    assert slept == []
    assert isinstance(await sandbox.start(charge("slow")), Approved)
    assert slept == [SLOW_S]


async def test_a_challenge_waits_for_one_decision(sandbox: Sandbox) -> None:
    asked = charge("challenge")
    for _ in range(2):  # started twice, the same payment
        assert isinstance(await sandbox.start(asked), ActionRequired)
    assert await sandbox.decide(asked.attempt, confirm=True)
    assert not await sandbox.decide(asked.attempt, confirm=False)
    assert isinstance(await sandbox.status(asked), Approved)
    assert isinstance(await sandbox.cancel(asked), Approved)  # too late
    assert not await sandbox.decide("att_unknown", confirm=True)


async def test_what_is_cancelled_is_never_approved(sandbox: Sandbox) -> None:
    for behaviour in ("challenge", "slow"):
        assert isinstance(await sandbox.cancel(charge(behaviour)), Declined)
        assert isinstance(await sandbox.start(charge(behaviour)), Declined)
    assert not await sandbox.decide("att_challenge", confirm=True)


async def test_a_refund_counts_once_a_key(sandbox: Sandbox, ledger: Ledger) -> None:
    for key in ("one", "one", "two"):
        await sandbox.refund(charge("approve"), 100, key)
    async with ledger.read() as conn:
        assert await queries.refunded(conn, "att_approve") == 200


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/orders/ord_1", True),
        ("/checkout?order=ord_1&x=1", True),
        ("", False),
        (None, False),
        ("orders", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://evil.example", False),
        ("/a\r\nSet-Cookie: x=1", False),
        ("/a b", False),
        ("/" + "a" * 500, False),
    ],
)
def test_a_return_path_stays_on_this_site(path: str | None, safe: bool) -> None:
    assert local_path(path, "/fallback") == (path if safe else "/fallback")
