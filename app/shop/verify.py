"""`python -m app verify-ledger`: sold + held + free = total, every order paid exactly once. Safe on a running shop."""

import asyncio
import sys

from app.config import Config, ConfigError
from app.ledger.audit import Audit, read_audit
from app.ledger.engine import Ledger
from app.ledger.migrate import check_revision
from app.shop.attempt import OPEN
from app.shop.mistakes import mistakes


class LedgerOff(ConfigError):
    """Something in the ledger does not add up; the lines above say what."""


async def verify(ledger: Ledger) -> tuple[list[str], str]:
    """What is off (nothing, usually), and what was looked at."""
    async with ledger.read() as conn:
        audit = await read_audit(conn, OPEN)
    return list(mistakes(audit)), seen(audit)


def seen(audit: Audit) -> str:
    """The equation over all variants, by the counters that decide what can be sold."""
    sold = sum(one.sold for one in audit.variants) + sum(one.sold for one in audit.drops)
    held = sum(one.reserved for one in audit.variants) + sum(one.held + one.reserved for one in audit.drops)
    left = sum(one.quantity - one.allotted - one.reserved - one.sold for one in audit.variants)
    left += sum(one.quantity - one.held - one.reserved - one.sold - one.returned for one in audit.drops)
    total = sum(one.quantity for one in audit.variants)
    looked = f"{len(audit.variants)} variants, {len(audit.drops)} drops, {len(audit.orders)} orders"
    equal = "=" if sold + held + left == total else "≠"
    return f"{looked}; {sold} sold + {held} held + {left} free {equal} {total}"


def run(config: Config) -> None:
    """Print what is off and raise LedgerOff, or print that everything adds up."""
    asyncio.run(_run(config))


async def _run(config: Config) -> None:
    ledger = Ledger.of(config)
    try:
        await check_revision(ledger)
        found, looked = await verify(ledger)
    finally:
        await ledger.close()
    sys.stdout.writelines(f"{line}\n" for line in found)
    if found:
        raise LedgerOff(f"{len(found)} things in the ledger do not add up ({looked}).")
    sys.stdout.write(f"The ledger adds up: {looked}.\n")
