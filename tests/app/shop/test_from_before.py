"""Attempts that were made before an order's id was akin to its attempt's, on both databases."""

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.ledger.engine import Ledger
from app.shop import queries
from app.shop.tables import attempts, refunds

FACTS = {
    "key": "k", "fingerprint": "", "method": "sandbox", "token": "approve", "amount": 5, "currency": "EUR",
    "document": "", "email_key": "", "deadline_ms": 2,
}  # fmt: skip


async def attempt(ledger: Ledger, name: str, order: str, state: str, created_ms: int) -> None:
    row = {"id": f"att_{name}", "order_id": f"ord_{order}", "shopper": name, "state": state, "created_ms": created_ms}
    async with ledger.write() as conn:
        await conn.execute(insert(attempts).values(**FACTS, **row))


async def test_an_order_finds_its_attempt_whenever_it_was_made(ledger: Ledger) -> None:
    await attempt(ledger, "new", "new", "paid", 1)
    await attempt(ledger, "old", "other", "paid", 1)
    async with ledger.read() as conn:
        found = [await queries.attempt_of_order(conn, f"ord_{name}") for name in ("new", "other", "old")]
    assert [one and one.id for one in found] == ["att_new", "att_old", None]


async def test_no_two_attempts_become_the_same_order(ledger: Ledger) -> None:
    await attempt(ledger, "a", "other", "paid", 1)
    with pytest.raises(IntegrityError):
        await attempt(ledger, "b", "other", "paid", 1)


async def test_payments_that_came_too_late_are_listed_whenever_they_were_tried(ledger: Ledger) -> None:
    for created_ms, (name, order, state) in enumerate(
        (("old", "other", "late"), ("new", "new", "late"), ("paid", "paid", "paid"), ("unpaid", "unpaid", "expired"))
    ):
        await attempt(ledger, name, order, state, created_ms)
    row = {"fingerprint": "", "state": "asked", "amount": 5, "created_ms": 1}
    async with ledger.write() as conn:
        for order in ("other", "new", "paid"):
            await conn.execute(insert(refunds).values(id=f"ref_{order}", order_id=f"ord_{order}", key="late", **row))
    async with ledger.read() as conn:
        assert [one.id for one in await queries.late_attempts(conn, 9)] == ["att_new", "att_old"]
        assert [one.id for one in await queries.late_attempts(conn, 1)] == ["att_new"]
