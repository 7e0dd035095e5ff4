"""Kills the shop's processes, Redis and PostgreSQL under a drop that is hammered; JSON lines.

Every count but the kills and the orders has to be 0.
"""

import argparse
import asyncio
import json
import sys
import time

from tests.crash.crash import Outcome, crash

# One hundred on each ledger; the drop has as many units, and most are refunded and sold again all the time.
KILLS, UNITS = 100, 100
SERVERS = (("sqlite", "redis"), ("postgresql", "valkey"))


def _report(name: str, value: int, unit: str, **detail: object) -> None:
    print(json.dumps({"name": name, "value": value, "unit": unit, "detail": detail}), flush=True)


def _tell(kind: str, outcome: Outcome, took_s: float) -> None:
    verdict = outcome.verdict
    _report(f"crash_{kind}_kills", outcome.deaths.total(), "kills", s=round(took_s), **dict(outcome.deaths))
    detail = {"acknowledged": outcome.acknowledged, "refunded": outcome.refunded}
    _report(f"crash_{kind}_orders", verdict.orders, "orders", **detail)
    for name, found in (
        ("oversold", verdict.oversold),
        ("acknowledged_orders_lost", verdict.lost),
        ("charged_without_order_or_refund", verdict.unbacked),
        ("stuck", verdict.stuck),
        ("undelivered", verdict.undelivered),
        ("ledger_mistakes", verdict.off),
    ):
        _report(f"crash_{kind}_{name}", len(found), "cases", **({"first": found[:5]} if found else {}))


def main() -> int:
    """1 when anything but 0 was found."""
    parser = argparse.ArgumentParser("python -m bench.crash", description=__doc__.partition("\n")[0])
    parser.add_argument("kills", nargs="?", type=int, default=KILLS, help="on each kind of ledger (%(default)s)")
    parser.add_argument("seed", nargs="?", type=int, default=1, help="of what is killed when (%(default)s)")
    asked = parser.parse_args()
    faults = 0
    for kind, redis in SERVERS:
        began = time.monotonic()
        outcome = asyncio.run(crash(kind, redis, kills=asked.kills, units=UNITS, seed=asked.seed))
        _tell(kind, outcome, time.monotonic() - began)
        faults += len(outcome.verdict.faults)
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
