"""Where a process of the shop can be made to die: at every arrow of a sale, with one side done and the other not.

Nothing of this is in the shop: a process of this test wraps a step of its own before it serves, and dies by SIGKILL
beside it.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiosmtplib

from app.drops import duties as drop_duties
from app.drops.holds import Holds
from app.gate import holds as door
from app.payments.stripe import StripeProvider
from app.shop.settlement import Settlement
from app.webhooks import duties as webhook_duties


@dataclass(frozen=True)
class Point:
    """A step of the shop, and on which side of it the process dies."""

    owner: Any
    step: str
    before: bool = False


POINTS = {
    # The gate has given the unit away and the ledger knows nothing.
    "granted": Point(door, "decide"),
    # The ledger has kept the hold and the shopper has not heard.
    "held": Point(Holds, "ask"),
    # The units are reserved and the provider was not asked.
    "reserved": Point(StripeProvider, "start", before=True),
    # The provider has charged and there is no order.
    "charged": Point(StripeProvider, "start"),
    # Order, sold units and outbox are kept and the customer has not heard.
    "ordered": Point(Settlement, "settle"),
    # The payment was given up at the provider and its units are still reserved.
    "cancelled": Point(StripeProvider, "cancel"),
    # The provider has given money back and the ledger does not know.
    "refunded": Point(StripeProvider, "refund"),
    # The mail is delivered, the merchant's system has heard, and neither is noted.
    "mailed": Point(aiosmtplib, "send"),
    "told": Point(webhook_duties, "post"),
    # Redis has a new content whose epoch the ledger has not kept.
    "rebuilt": Point(door, "load"),
    # Holds are over in the ledger and the gate still counts them.
    "expired": Point(drop_duties, "forget", before=True),
}
# Those that a worker passes when it does the duties, and those that are left to web processes then.
WORKER = ("charged", "ordered", "cancelled", "refunded", "mailed", "told", "rebuilt", "expired")
WEB = ("granted", "held", "reserved", "charged", "ordered", "refunded", "rebuilt")


def arm(name: str, passages: int) -> None:
    """This process dies when it passes the point `name` for the `passages`th time."""
    point = POINTS[name]
    original: Callable[..., Any] = getattr(point.owner, point.step)
    left = passages

    def passing() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def dying(*args: Any, **options: Any) -> Any:
        if point.before:
            passing()
        answer = await original(*args, **options)
        if not point.before:
            passing()
        return answer

    setattr(point.owner, point.step, dying)
