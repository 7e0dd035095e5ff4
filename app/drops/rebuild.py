"""Bringing a drop's gate back in line with the ledger: after Redis was lost or restored, and after a crash of ours."""

import asyncio
import logging

from app.drops import queries
from app.drops.errors import UnknownDrop
from app.drops.rules import TAKING, Drop
from app.gate import holds as door
from app.gate.connection import Gate
from app.ledger.engine import Ledger

log = logging.getLogger(__name__)

# A request that the gate granted longer ago than this has been kept by the ledger, or its process died before.
PHANTOM_AFTER_MS = 5_000
# While people keep asking, gate and ledger always differ by what is under way, and comparing every hold is work for
# nothing; so that a busy drop is mended as well, every so manieth difference is looked into.
LOOK_EVERY = 10


class Rebuilder:
    """Rebuilds gates, one process and one drop at a time: the drop's locked ledger row is the lock."""

    def __init__(self, ledger: Ledger, gate: Gate) -> None:
        self._ledger = ledger
        self._gate = gate
        self._turns: dict[str, asyncio.Lock] = {}
        # What differed last time, and how often in a row something did.
        self._suspects: dict[str, tuple[tuple[int, ...], int]] = {}

    async def rebuild(self, drop_id: str, bad_epoch: int | None = None) -> Drop:
        """Load the drop's gate from the ledger in a new epoch, unless somebody did so since `bad_epoch`; the drop.

        While the row is locked no hold is kept, reserved, sold or given back, so what is loaded is what is true.
        What the gate granted in an earlier epoch is refused by the ledger afterwards and asked for again. Raises
        GateDown, LedgerDown or UnknownDrop.
        """
        async with self._turns.setdefault(drop_id, asyncio.Lock()):
            await self._gate.ping()  # without Redis there is no use in locking the ledger
            async with self._ledger.write() as conn:
                drop = await queries.find(conn, drop_id, lock=True)
                if drop is None:
                    raise UnknownDrop
                status = await door.status(self._gate, drop_id)
                if status is not None and status[0] == drop.epoch and drop.epoch != bad_epoch:
                    return drop
                epoch = await queries.raise_epoch(conn, drop)
                taking = [(hold.shopper, hold.id, hold.quantity) for hold in await queries.taking(conn, drop_id)]
                await door.load(self._gate, drop_id, epoch, drop.left, drop.per_customer, taking)
        log.info("the gate of %s was rebuilt: %d of %d left", drop_id, drop.left, drop.quantity)
        return drop

    async def mend(self, drop_id: str, now_ms: int) -> None:
        """Find what a crash left between gate and ledger, and mend it. Raises GateDown or LedgerDown.

        To be repeated: requests under way make the two differ for a moment, so only a difference that stays the same
        is looked into.
        """
        status = await door.status(self._gate, drop_id)
        if status is None:
            return  # it is rebuilt when it is needed
        async with self._ledger.read() as conn:
            drop = await queries.find(conn, drop_id)
        before, times = self._suspects.pop(drop_id, ((), 0))
        if drop is None or status == (drop.epoch, drop.left):
            return
        differs = (*status, drop.epoch, drop.left)
        self._suspects[drop_id] = (differs, times + 1)
        if differs == before or (times and times % LOOK_EVERY == 0):
            await self._look_into(drop, status[0], now_ms)

    async def _look_into(self, drop: Drop, epoch: int, now_ms: int) -> None:
        # In this order: what is granted and kept between the two looks is in the second one alone.
        async with self._ledger.read() as conn:
            taking = {hold.id for hold in await queries.taking(conn, drop.id)}
        known = await door.known(self._gate, drop.id)
        phantoms = [hold for hold, at_ms in known.items() if hold not in taking and at_ms < now_ms - PHANTOM_AFTER_MS]
        if phantoms:
            log.info("%d holds of %s are nobody's; their units can be had again", len(phantoms), drop.id)
            await door.forget(self._gate, drop.id, phantoms)
        if epoch != drop.epoch or await self._taking(taking - known.keys()):
            await self.rebuild(drop.id, epoch)

    async def _taking(self, holds: set[str]) -> bool:
        """Whether any of them takes units still, rather than having been given back a moment ago."""
        if not holds:
            return False
        async with self._ledger.read() as conn:
            return any(hold.state in TAKING for hold in await queries.find_holds(conn, holds))
