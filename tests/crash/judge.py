"""What is true in the end: the ledger, the bank's book and what buyers were told, held against each other."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from app.drops import queries
from app.errors import Unavailable
from app.gate import holds as door
from app.gate.connection import Gate
from app.ledger.engine import Ledger
from app.shop.attempt import OPEN
from app.shop.verify import verify
from tests.crash.buyers import Witness
from tests.crash.world import World

# Deliveries that were refused wait longer each time; everything else is settled within seconds.
CALM_S = 90.0
UNDER_WAY = {
    "attempts": "SELECT count(*) FROM attempts WHERE state IN ({open}, 'late')",
    "refunds": "SELECT count(*) FROM refunds WHERE state <> 'done'",
    "holds": "SELECT count(*) FROM holds WHERE state IN ('held', 'reserved')",
    "mails": "SELECT count(*) FROM outbox WHERE state = 'waiting'",
    "webhooks": "SELECT count(*) FROM webhooks WHERE state = 'waiting'",
}


@dataclass
class Verdict:
    """What was found; every list is empty when the shop is exact."""

    orders: int
    oversold: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unbacked: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    off: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that is wrong."""
        return [*self.oversold, *self.lost, *self.unbacked, *self.stuck, *self.undelivered, *self.off]


async def watch(ledger: Ledger, witness: Witness) -> list[str]:
    """What `verify-ledger` finds while the shop runs and dies."""
    found: list[str] = []
    while not witness.done:
        with suppress(Unavailable):  # PostgreSQL was killed
            found += (await verify(ledger))[0]
        await asyncio.sleep(0.5)
    return found


async def settled(ledger: Ledger, drop_id: str) -> list[str]:
    """Wait until every unit is sold and nothing is under way; what still is after CALM_S."""
    deadline, stuck = time.monotonic() + CALM_S, ["nothing was read"]
    states = ", ".join(f"'{state}'" for state in OPEN)
    while stuck and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        async with ledger.read() as conn:
            drop = await queries.find(conn, drop_id)
            assert drop is not None
            counts = {name: await conn.scalar(text(sql.format(open=states))) for name, sql in UNDER_WAY.items()}
        stuck = [f"{count} {name} under way" for name, count in counts.items() if count]
        if drop.sold != drop.quantity:
            stuck.append(f"{drop.sold} of {drop.quantity} units sold: {drop}")
    return stuck


async def judge(ledger: Ledger, gate: Gate, drop_id: str, witness: Witness, world: World) -> Verdict:
    """Hold everything against everything."""
    async with ledger.read() as conn:
        drop = await queries.find(conn, drop_id)
        assert drop is not None
        orders = {row.id: row for row in await conn.execute(text("SELECT * FROM orders"))}
        units = Counter(
            row.hold_id for row in await conn.execute(text("SELECT hold_id FROM order_lines WHERE quantity > refunded"))
        )
    verdict = Verdict(len(orders), off=(await verify(ledger))[0])
    if units.total() > drop.quantity:
        verdict.oversold.append(f"{units.total()} units are on orders, there are {drop.quantity}")
    verdict.oversold += [f"{hold} is on {count} orders" for hold, count in units.items() if count > 1]
    verdict.lost += [f"{order} was acknowledged and is not there" for order in set(witness.orders) - orders.keys()]
    told_back = [order for order in witness.refunded if order in orders and orders[order].state != "refunded"]
    verdict.lost += [f"the refund of {order} was acknowledged and is not there" for order in told_back]
    status = await door.status(gate, drop_id)
    if status is not None and status != (drop.epoch, drop.left):
        verdict.off.append(f"the gate says {status}, the ledger {(drop.epoch, drop.left)}")
    _money(verdict, orders, world)
    _deliveries(verdict, orders, world)
    return verdict


def _money(verdict: Verdict, orders: dict[str, Any], world: World) -> None:
    charged, returned = world.bank.charged(), world.bank.returned()
    paid: Counter[str] = Counter()
    back: Counter[str] = Counter()
    for id_, amount in charged.items():
        order = world.bank.intents[id_]["metadata"]["order"]
        paid[order] += amount
        back[order] += returned.get(id_, 0)
    for order in paid.keys() - orders.keys():
        if paid[order] != back[order]:
            verdict.unbacked.append(f"{order} brought {paid[order]}, {back[order]} went back and there is no order")
    for id_, row in orders.items():
        if (paid[id_], back[id_]) != (row.amount, row.refunded):
            says = f"{row.amount} paid and {row.refunded} given back"
            verdict.unbacked.append(f"{id_} says {says}, the bank {paid[id_]} and {back[id_]}")


def _deliveries(verdict: Verdict, orders: dict[str, Any], world: World) -> None:
    receipts = world.receipts()
    for order in orders:
        if len(receipts.get(order, ())) != 1:
            verdict.undelivered.append(f"{order}: receipts {receipts.get(order)}")
        if len(heard := world.merchant.heard.get(("order.paid", order), set())) != 1:
            verdict.undelivered.append(f"{order}: the merchant heard of it under {heard}")
