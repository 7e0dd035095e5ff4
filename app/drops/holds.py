"""Answering requests for holds in one web process: the gate decides, the ledger keeps, then the shopper hears."""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from itertools import count, repeat

from msgspec import structs

from app.batch import CALM_S, Batch, QueueFull
from app.drops import queries, rules
from app.drops.draw import queries as draws
from app.drops.draw.rules import Entry
from app.drops.errors import Busy, InProgress, KeyReused, LimitReached, NotOpen, SoldOut, UnknownDrop
from app.drops.keeping import keep_holds
from app.drops.rebuild import Rebuilder
from app.drops.recent import Recent
from app.drops.rules import Drop, Hold, HoldState
from app.drops.views import hold_view
from app.drops.wish import Wish
from app.errors import Problem
from app.gate import holds as door
from app.gate.connection import Gate, GateDown
from app.gate.holds import Ask, Verdict
from app.gate.limits import Bucket, Limits, too_often
from app.ledger.batch import ledger_batch, work_batch
from app.ledger.clock import Clock, rfc3339
from app.ledger.engine import Ledger

log = logging.getLogger(__name__)

# Who waits at one drop's door in one process; beyond it the answer is 503 at once, which costs next to nothing.
QUEUE_MAX = 4096
# A rebuild or two may come between a request and its decision; more means that something is wrong.
TRIES = 5
# A question costs the gate and this process as much as several requests in it, and nobody notices so short a pause.
PACE_S = 0.004
ENDED = "This drop has ended."
# How often a request that waits for the draw looks at the clock.
_TICK_S = 0.05

# The gate's verdict on one request, the epoch in which it counts, and the ms to wait for who asks too often.
_Word = tuple[Verdict, int, int]


class Holds:
    """Every request for a hold in this process. `draw(drop)` performs the drop's draw unless it has taken place."""

    def __init__(
        self, ledger: Ledger, gate: Gate, limits: Limits, clock: Clock, draw: Callable[[str], Awaitable[None]]
    ) -> None:
        self._ledger = ledger
        self._gate = gate
        self._limits = limits
        self._clock = clock
        self._draw = draw
        self._process = secrets.token_hex(4)
        self._tokens = count()
        self.rebuilder, self.recent = Rebuilder(ledger, gate), Recent()
        self._drops: dict[str, Drop] = {}
        self._doors: dict[str, Batch[Ask, _Word]] = {}
        self._kept = work_batch(ledger, keep_holds, waiting=QUEUE_MAX)
        self._entered = ledger_batch(ledger, draws.enter, waiting=4 * QUEUE_MAX)
        self._own: Batch[tuple[str, str], list[Hold]] = Batch(self._read_own, waiting=QUEUE_MAX)
        # The first thousand who ask for a new drop cause one look at the ledger, not a thousand.
        self._looked_up: Batch[str, Drop] = Batch(self._look_up, waiting=QUEUE_MAX)
        self._asking: set[str] = set()
        self._draws: dict[str, asyncio.Task[dict[str, Hold]]] = {}

    async def ask(self, wish: Wish, buckets: tuple[Bucket, ...] = ()) -> Hold:
        """The hold, kept durably. Raises what stands in its way: see `app.drops.errors`.

        `buckets`: what the request takes from. Whoever goes straight to the gate pays there, in the same step.
        """
        drop, now_ms = self._drops.get(wish.drop), self._clock()
        if drop is None or not rules.sells(drop, now_ms) or wish.quantity > drop.per_customer:
            await self._limits.pay(buckets)
            buckets = ()
        try:
            drop = drop or await self._looked_up.submit(wish.drop)
        except QueueFull:
            raise Busy from None
        if now_ms < drop.opens_at_ms and not rules.ended(drop, now_ms):
            opens_at = rfc3339(drop.opens_at_ms)
            raise NotOpen(f"This opens at {opens_at}; ask then.", opens_at=opens_at, opens_at_ms=drop.opens_at_ms)
        if refusal := _refusal(wish, drop, now_ms):
            # A key that was used before is answered as it was, whatever has become of the drop.
            if wish.keyed and (found := await self._found(wish)):
                return found
            raise refusal
        if wish.hold in self._asking:
            raise InProgress
        self._asking.add(wish.hold)
        try:
            if rules.takes_entries(drop, now_ms):
                return await self._enter(wish, drop)
            if rules.draws(drop, now_ms):
                await self._drawn(drop)
            return await self._take(wish, buckets)
        except QueueFull:
            raise Busy from None
        finally:
            self._asking.discard(wish.hold)

    async def close(self) -> None:
        """Wait for what is under way."""
        for task in self._draws.values():
            task.cancel()
        await asyncio.gather(*self._draws.values(), return_exceptions=True)
        await self._kept.close()

    def changed(self, drop: Drop) -> None:
        """The drop was changed in this process."""
        self._drops[drop.id] = drop

    async def _look_up(self, asked: list[str]) -> Sequence[Drop | Exception]:
        found: dict[str, Drop | Exception] = {}
        for drop_id in set(asked):
            try:
                found[drop_id] = self._drops.get(drop_id) or await self._refresh(drop_id)
            except UnknownDrop as unknown:
                found[drop_id] = unknown
        return [found[drop_id] for drop_id in asked]

    async def _refresh(self, drop_id: str) -> Drop:
        async with self._ledger.read() as conn:
            drop = await queries.find(conn, drop_id)
        if drop is None:
            raise UnknownDrop
        self._drops[drop_id] = drop
        return drop

    # First come, first served

    async def _take(self, wish: Wish, buckets: tuple[Bucket, ...] = ()) -> Hold:
        token = f"{self._process}.{next(self._tokens)}"
        ask = Ask(wish.hold, token, wish.shopper, wish.quantity, self._clock(), wish.keyed, buckets)
        for _ in range(TRIES):
            verdict, epoch, wait_ms = await self._door(wish.drop).submit(ask)
            if verdict is Verdict.TOO_OFTEN:
                raise too_often(wait_ms)
            if verdict is not Verdict.TAKEN:
                return await self._answer(wish, verdict)
            drop = self._drops[wish.drop]
            now_ms = self._clock()
            hold = Hold(
                wish.hold, drop.id, drop.event, drop.sku, drop.variant, wish.shopper, wish.quantity,
                HoldState.HELD, now_ms, now_ms + rules.HOLD_MS,
            )  # fmt: skip
            try:
                if await self._kept.submit((hold, epoch)):
                    self.recent.add(hold, drop)
                    return hold
            except QueueFull:
                await self._take_back(hold)
                raise
            except Problem:
                raise
            except Exception:
                # The ledger has this id already: the key was used before, and its hold given back since.
                if found := await self._found(wish):
                    await self._take_back(hold)
                    return found
                raise
            # The gate's word did not count any more: the drop was rebuilt, drawn or ended meanwhile.
            ask = structs.replace(ask, buckets=())
            drop = await self.rebuilder.rebuild(wish.drop, epoch)
            self.changed(drop)
            if rules.ended(drop, self._clock()):
                raise SoldOut(ENDED)
        raise Busy

    def _door(self, drop_id: str) -> Batch[Ask, _Word]:
        if drop_id not in self._doors:

            async def decide(asked: list[Ask]) -> Sequence[_Word]:
                for _ in range(TRIES):
                    decided = await door.decide(self._gate, drop_id, asked)
                    if decided is not None:
                        return list(zip(decided.verdicts, repeat(decided.epoch), decided.waits, strict=False))
                    self.changed(await self.rebuilder.rebuild(drop_id))
                raise GateDown

            self._doors[drop_id] = Batch(decide, waiting=QUEUE_MAX, pace_s=PACE_S, calm_s=CALM_S)
        return self._doors[drop_id]

    async def _answer(self, wish: Wish, verdict: Verdict) -> Hold:
        if verdict is Verdict.OTHER:
            raise KeyReused
        if verdict is Verdict.KNOWN:
            found = await self._found(wish)
            if found is None:
                raise InProgress  # granted, and not kept yet; if its process died, the unit is free again soon
            return found
        if verdict is Verdict.LIMIT_REACHED:
            held = [hold_view(hold) for hold in await self._own.submit((wish.drop, wish.shopper))]
            limit = self._drops[wish.drop].per_customer
            have = "You are holding yours already; it is waiting for you." if held else f"Each person may have {limit}."
            raise LimitReached(have, per_customer=limit, holds=held)
        raise self._gone(wish, "They are all taken. If one comes back, it is for whoever asks first.")

    def _gone(self, wish: Wish, detail: str) -> SoldOut:
        return SoldOut(ENDED if rules.ended(self._drops[wish.drop], self._clock()) else detail)

    async def _found(self, wish: Wish) -> Hold | None:
        async with self._ledger.read() as conn:
            found = await queries.find_holds(conn, [wish.hold])
        if found and found[0].quantity != wish.quantity:
            raise KeyReused
        return found[0] if found else None

    async def _take_back(self, hold: Hold) -> None:
        try:
            await door.forget(self._gate, hold.drop, [hold.id])
        except GateDown:
            log.info("a unit of %s comes back when its gate is rebuilt", hold.drop)

    async def _read_own(self, asked: list[tuple[str, str]]) -> Sequence[list[Hold]]:
        shoppers: dict[str, set[str]] = defaultdict(set)
        for drop, shopper in asked:
            shoppers[drop].add(shopper)
        held: dict[tuple[str, str], list[Hold]] = defaultdict(list)
        async with self._ledger.read() as conn:
            for drop, names in shoppers.items():
                for hold in await queries.live_holds(conn, drop, names):
                    held[drop, hold.shopper].append(hold)
        return [held[pair] for pair in asked]

    # The opening draw

    async def _enter(self, wish: Wish, drop: Drop) -> Hold:
        entry = Entry(wish.hold, wish.drop, wish.shopper, wish.quantity, self._clock())
        if not await self._entered.submit(entry):
            await self._drawn(drop)
            return await self._take(wish)
        won = (await self._drawn(drop)).get(wish.shopper)
        if won is not None and won.id == wish.hold and won.quantity != wish.quantity:
            raise KeyReused
        if won is None:
            raise self._gone(
                wish, "The draw went to others this time. If one comes back, it is for whoever asks first."
            )
        return won

    async def _drawn(self, drop: Drop) -> dict[str, Hold]:
        """The winners by shopper, once the draw has taken place; one task a drop waits for everybody."""
        if drop.id not in self._draws or self._draws[drop.id].cancelled():
            self._draws[drop.id] = asyncio.create_task(self._wait_for_draw(drop))
        try:
            return await asyncio.shield(self._draws[drop.id])
        except Problem:
            self._draws.pop(drop.id, None)
            raise

    async def _wait_for_draw(self, drop: Drop) -> dict[str, Hold]:
        while self._clock() < rules.draw_due_ms(drop):  # noqa: ASYNC110 - a clock, no event, says when
            await asyncio.sleep(_TICK_S)
        for pause_s in (0.1, 0.4, 1.0, 2.0, 4.0):
            try:
                await self._draw(drop.id)
                drop = await self._refresh(drop.id)
                break
            except Problem:
                await asyncio.sleep(pause_s)  # the ledger is away: the entries are safe, the draw waits for it
        else:
            raise Busy
        async with self._ledger.read() as conn:
            taking = await queries.taking(conn, drop.id)
        return {hold.shopper: hold for hold in taking}


def _refusal(wish: Wish, drop: Drop, now_ms: int) -> Problem | None:
    """What stands in the way of a new hold before anybody is asked."""
    if rules.ended(drop, now_ms):
        return SoldOut(ENDED)
    if wish.quantity > drop.per_customer:
        return LimitReached(f"Each person may have {drop.per_customer} of this.", per_customer=drop.per_customer)
    return None


def winner(entry: Entry, drop: Drop, now_ms: int) -> Hold:
    """The hold that an entry has won."""
    return Hold(
        entry.id, drop.id, drop.event, drop.sku, drop.variant, entry.shopper, entry.quantity,
        HoldState.HELD, now_ms, now_ms + rules.HOLD_MS,
    )  # fmt: skip


async def forget(gate: Gate, holds: Sequence[Hold]) -> None:
    """After a commit that gave holds back: let the gate follow. Without Redis its next rebuild does."""
    by_drop: dict[str, list[str]] = defaultdict(list)
    for hold in holds:
        by_drop[hold.drop].append(hold.id)
    for drop, ids in by_drop.items():
        try:
            await door.forget(gate, drop, ids)
        except GateDown:
            log.info("the gate of %s follows when it is rebuilt", drop)
