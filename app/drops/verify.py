"""`python -m app verify-ledger`: sold + held + free = total, every order paid exactly once. Safe on a running shop."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator

import msgspec

from app.config import Config, ConfigError
from app.drops.rules import HoldState
from app.ledger.audit import Audit, DropCount, VariantCount, read_audit
from app.ledger.engine import Ledger
from app.ledger.migrate import check_revision
from app.shop.attempt import OPEN


class _Line(msgspec.Struct, frozen=True):
    variant: str
    quantity: int
    hold: str | None = None


class _Document(msgspec.Struct, frozen=True):
    """The part of an attempt's snapshot that counts units."""

    lines: tuple[_Line, ...]


class LedgerOff(ConfigError):
    """Something in the ledger does not add up; the lines above say what."""


def mistakes(audit: Audit) -> Iterator[str]:
    """One sentence for everything that does not add up."""
    being_paid: Counter[str] = Counter()
    for attempt, document in audit.open_attempts:
        try:
            lines = msgspec.json.decode(document, type=_Document).lines
        except msgspec.MsgspecError:
            yield f"attempt {attempt}: what it buys cannot be read"
            continue
        being_paid.update({line.variant: line.quantity for line in lines if line.hold is None})
    for variant in audit.variants:
        yield from _variant(variant, being_paid[variant.id])
    for drop in audit.drops:
        yield from _drop(drop)
    yield from (f"hold {hold}: sold, and not on exactly one order" for hold in audit.orphan_holds)
    yield from (f"hold {hold}: on an order, and not sold" for hold in audit.orphan_lines)
    yield from (f"attempt {attempt}: paid, and there is no order" for attempt in audit.unordered)
    yield from (f"order {order}: not paid by exactly its own attempt" for order in audit.unpaid)


def _variant(one: VariantCount, being_paid: int) -> Iterator[str]:
    free = one.quantity - one.allotted - one.reserved - one.sold
    if free < 0:
        yield f"variant {one.id}: {-free} more units given away than the {one.quantity} there are"
    if one.allotted != one.in_drops:
        yield f"variant {one.id}: {one.allotted} units allotted to drops, the drops have {one.in_drops}"
    if one.reserved != being_paid:
        yield f"variant {one.id}: {one.reserved} units reserved, payments under way have {being_paid}"
    # Refunded units may have come back to the shelf or not.
    if not one.ordered - one.refunded <= one.sold <= one.ordered:
        yield f"variant {one.id}: {one.sold} units sold, orders have {one.ordered} ({one.refunded} of them refunded)"


def _drop(one: DropCount) -> Iterator[str]:
    counted = {HoldState.HELD: one.held, HoldState.RESERVED: one.reserved, HoldState.SOLD: one.sold}
    for state, count in counted.items():
        if count != one.by_state.get(state, 0):
            yield f"drop {one.id}: {count} units {state}, its holds have {one.by_state.get(state, 0)}"
    free = one.quantity - one.held - one.reserved - one.sold - one.returned
    if free < 0:
        yield f"drop {one.id}: {-free} more units given away than the {one.quantity} there are"


async def verify(ledger: Ledger) -> tuple[list[str], str]:
    """What is off (nothing, usually), and what was looked at."""
    async with ledger.read() as conn:
        audit = await read_audit(conn, OPEN)
    sold = sum(one.sold for one in audit.variants) + sum(one.sold for one in audit.drops)
    return list(mistakes(audit)), f"{len(audit.variants)} variants, {len(audit.drops)} drops, {sold} units sold"


def run(config: Config) -> None:
    """Print what is off and raise LedgerOff, or print that everything adds up."""
    asyncio.run(_run(config))


async def _run(config: Config) -> None:
    ledger = Ledger.of(config)
    try:
        await check_revision(ledger)
        found, seen = await verify(ledger)
    finally:
        await ledger.close()
    sys.stdout.writelines(f"{line}\n" for line in found)
    if found:
        raise LedgerOff(f"{len(found)} things in the ledger do not add up ({seen}).")
    sys.stdout.write(f"The ledger adds up: {seen}.\n")
