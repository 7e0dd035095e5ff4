"""The ledger's proof: nothing is found in order, and every kind of planted disorder is named."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.config import Config
from app.ledger.audit import Audit, DropCount, VariantCount, read_audit
from app.shop.attempt import OPEN
from app.shop.mistakes import mistakes
from app.shop.verify import LedgerOff, run, verify
from tests.app.shopping import HOST, Browser, Shop, key, order_of

# A statement that plants a disorder in the busy shop below, and a sentence that names it.
DISORDERS = [
    ("UPDATE drops SET held = held + 1", "2 units held, its holds have 1"),
    ("UPDATE drops SET reserved = reserved - 1", "0 units reserved, its holds have 1"),
    ("UPDATE drops SET sold = sold + 1", "2 units sold, its holds have 1"),
    (
        "UPDATE variants SET allotted = 6 WHERE id = 'jacket-m'",
        "6 units allotted to drops, the drops have 5",
    ),
    ("UPDATE variants SET reserved = reserved + 1 WHERE id = 'hat-s'", "1 units reserved, payments under way have 0"),
    ("UPDATE variants SET sold = sold + 1 WHERE id = 'tee-m'", "3 units sold, orders have 2 that did not come back"),
    ("UPDATE variants SET sold = sold - 1 WHERE id = 'tee-m'", "1 units sold, orders have 2 that did not come back"),
    ("UPDATE order_lines SET restocked = 0", "2 units sold, orders have 4 that did not come back"),
    ("UPDATE holds SET state = 'released' WHERE state = 'sold'", "on an order, and not sold"),
    ("UPDATE holds SET state = 'sold' WHERE state = 'held'", "sold, and not on exactly one order"),
    ("UPDATE holds SET state = 'held' WHERE state = 'reserved'", "which is not reserved for it alone"),
    ("UPDATE holds SET drop_id = 'gone' WHERE state = 'held'", "of a drop that is not there"),
    ("UPDATE order_lines SET order_id = 'x' || substr(order_id, 2)", "has lines, and is not there"),
    ("UPDATE holds SET state = 'reserved' WHERE state = 'held'", "reserved, and no payment is under way"),
    ("UPDATE attempts SET state = 'declined' WHERE state = 'paid'", "not paid by exactly its own attempt"),
    ("UPDATE attempts SET amount = amount + 1", "not paid by exactly its own attempt"),
    ("UPDATE orders SET attempt = (SELECT max(attempt) FROM orders)", "not paid by exactly its own attempt"),
    ("UPDATE attempts SET state = 'paid' WHERE state = 'action-required'", "paid, and there is no order"),
    ("UPDATE attempts SET document = '{}' WHERE state = 'action-required'", "what it buys cannot be read"),
    ("UPDATE attempts SET state = 'expired' WHERE state = 'action-required'", "reserved, and no payment is under way"),
    ("UPDATE orders SET document = ''", "what was bought cannot be read"),
    ("UPDATE order_lines SET unit_amount = unit_amount - 1", "its lines and shipping come to"),
    ("UPDATE orders SET refunded = refunded - 1 WHERE refunded > 0", "its refunds come to"),
    ("UPDATE refunds SET amount = amount + 1", "its refunds come to"),
    ("UPDATE orders SET state = 'paid'", "paid, and 5470 of 5470 given back"),
    ("UPDATE orders SET state = 'refunded'", "refunded, and 0 of"),
    (
        "INSERT INTO disputes (id, order_id, state, amount, reason, created_ms) "
        "SELECT 'dp_1', id, 'lost', amount, '', 0 FROM orders WHERE state = 'paid' LIMIT 1",
        "a bank has taken money back that it still counts",
    ),
    ("UPDATE refunds SET order_id = 'x' || substr(order_id, 2)", "about a payment that is not there"),
    ("UPDATE attempts SET state = 'late' WHERE state = 'action-required'", "came too late, its refunds come to 0"),
    ("UPDATE refunds SET state = 'charged-back'", "no dispute about so much was lost"),
    ("UPDATE drop_customers SET quantity = quantity + 1", "share is counted as 2, orders and payments have 1"),
    ("DELETE FROM drop_customers", "share is counted as 0, orders and payments have 1"),
    ("UPDATE drops SET per_customer = 0", "a customer has 1, each may have 0"),
]


class Undone(Exception):
    """The disorder is taken back."""


@pytest.fixture
async def busy(shop: Shop) -> Shop:
    """Units in every place: on the shelf, in a drop, held, being paid, sold, refunded with and without coming back."""
    await shop.browser().buy(("tee-m", 1))
    refunded = await shop.browser().buy(("tee-m", 2))
    kept = await shop.browser().buy(("tee-m", 1), ("hat-s", 1))
    await refund(shop.browser(), refunded, {})
    await refund(shop.browser(), kept, {"lines": [{"line": 1, "quantity": 1}], "restock": False})
    drop = await shop.drop("jacket-m", quantity=5, per_customer=1)
    for number, behaviour in enumerate(("approve", "challenge", None)):
        browser = shop.browser()
        hold = await shop.hold(browser, drop)
        if behaviour is not None:
            await browser.checkout(order_of(holds=[hold], behaviour=behaviour, email=f"{number}@example.org"))
    return shop


async def refund(browser: Browser, order: str, body: Any) -> None:
    assert (await browser.ask("POST", f"/api/orders/{order}/refund", body, headers={**HOST, **key()}))[0] == 200


async def test_a_busy_ledger_adds_up_and_every_disorder_is_named(busy: Shop) -> None:
    found, seen = await verify(busy.ledger)
    assert found == []
    # Two tees and a hat (of one tee the money went back alone), one jacket; one held, one being paid.
    assert "1 drops, 4 orders; 4 sold + 2 held + " in seen
    assert "≠" not in seen
    for statement, sentence in DISORDERS:
        with suppress(Undone):
            async with busy.ledger.write() as conn:
                assert (await conn.execute(text(statement))).rowcount > 0, statement
                found = list(mistakes(await read_audit(conn, OPEN)))
                raise Undone
        assert any(sentence in line for line in found), (statement, found)
    assert (await verify(busy.ledger))[0] == []


def test_giving_away_more_than_there_is_is_named() -> None:
    # The database itself refuses such rows; who changed it by hand may have dropped its checks.
    variant = VariantCount("v", 5, 2, 0, 4, 2, 4)
    drop = DropCount("d", "v", 1, 1, 0, 0, 2, 0, {"sold": 2})
    audit = Audit([variant], [drop], [], [], set(), [], [], [], [], [], [], [], [], [], [], {}, {})
    assert [line.split(":")[0] for line in mistakes(audit)] == ["variant v", "drop d"]


def test_the_command_prints_what_it_saw(migrated_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(Config(database_url=f"sqlite:///{migrated_file}"))
    assert "adds up" in capsys.readouterr().out


def test_the_command_fails_when_something_is_off(tmp_path: Path, migrated_file: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(migrated_file.read_bytes())
    with sqlite3.connect(broken) as connection:
        connection.execute("INSERT INTO products VALUES ('s', 0, '{}', '', 0, 0)")
        connection.execute(
            "INSERT INTO variants (id, sku, position, size, retired, quantity, sold) VALUES ('v', 's', 0, 'M', 0, 3, 1)"
        )
    connection.close()
    with pytest.raises(LedgerOff, match="1 things"):
        run(Config(database_url=f"sqlite:///{broken}"))
