"""The demo's payment provider: does as it is told, moves no money, and forgets nothing that a real one keeps."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from app.ledger.clock import Clock
from app.ledger.engine import Ledger
from app.payments import queries
from app.payments.provider import ActionRequired, Approved, Charge, Declined, Outcome, Told

Behaviour = Literal["approve", "decline", "challenge", "slow"]

# Long enough to see every waiting state, short enough for a demo.
SLOW_S = 3.0


class Sandbox:
    """A Provider. `sleep` is how the slow behaviour waits.

    A payment that is simply approved is not written down: asked again, it is approved again, which is all that a
    caller could tell. What somebody decided or cancelled is kept.
    """

    def __init__(self, ledger: Ledger, clock: Clock, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._ledger = ledger
        self._clock = clock
        self._sleep = sleep

    async def start(self, charge: Charge) -> Outcome:
        """Do what the charge's behaviour says."""
        if charge.token == "challenge":  # noqa: S105 - a behaviour's name
            async with self._ledger.write() as conn:
                await queries.remember(conn, charge.attempt, "waiting", charge.amount, self._clock())
        elif charge.token == "slow":  # noqa: S105
            await self._sleep(SLOW_S)
            return await self.status(charge)
        elif charge.token == "approve":  # noqa: S105
            return Approved(charge.attempt)
        return await self.status(charge)

    async def payer(self, token: str) -> str | None:
        """Nobody: it takes no cards."""
        return None

    async def status(self, charge: Charge) -> Outcome:
        """How the payment stands."""
        async with self._ledger.read() as conn:
            state = await queries.state(conn, charge.attempt)
        if state is None:
            return Approved(charge.attempt) if charge.token in ("approve", "slow") else Declined("declined")
        if state == "waiting":
            return ActionRequired(f"/payments/sandbox/{charge.attempt}", charge.attempt)
        return Approved(charge.attempt) if state == "approved" else Declined(state)

    async def cancel(self, charge: Charge) -> Outcome:
        """Cancel what is not decided; an approved payment stays approved."""
        async with self._ledger.write() as conn:
            await queries.remember(conn, charge.attempt, "cancelled", charge.amount, self._clock())
            await queries.decide(conn, charge.attempt, "cancelled")
        return await self.status(charge)

    async def refund(self, charge: Charge, amount: int, key: str) -> None:
        """Record a refund; the same key counts once."""
        async with self._ledger.write() as conn:
            await queries.refund(conn, key, charge.attempt, amount, self._clock())

    async def dispute(self, id_: str) -> Told | None:
        """Nothing: no bank stands behind it."""
        return None

    async def decide(self, attempt: str, *, confirm: bool) -> bool:
        """The customer's answer on the sandbox's page; False when nothing waits for one any more."""
        async with self._ledger.write() as conn:
            return await queries.decide(conn, attempt, "approved" if confirm else "declined")
