"""Any order of asking, paying, giving back, expiring, losing Redis and ending: the counts always add up."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from msgspec.structs import replace

from app.drops import queries
from app.drops.errors import HoldExpired, LimitReached, SoldOut
from app.drops.holds import Holds, forget
from app.drops.keeping import Units, to_sell
from app.drops.rules import HOLD_MS, Hold, HoldState
from app.drops.wish import wish
from app.gate.connection import Gate
from app.gate.limits import Limits
from app.ledger.engine import Ledger
from app.ledger.statement import change
from app.shop.verify import verify
from tests.app.drops.conftest import ManualClock, furnish, make_drop
from tests.servers import RedisServer

QUANTITY, PER_CUSTOMER = 4, 2
SHOPPERS = st.sampled_from(["shp_a", "shp_b", "shp_c"])


class Selling(RuleBasedStateMachine):
    """The shop's word against a model of a dozen lines."""

    template: Path
    server: RedisServer

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "ledger.db"
        shutil.copy(self.template, path)
        self.clock = ManualClock()
        self.holds: dict[str, Hold] = {}
        self.ended = False
        self.run(self.open(f"sqlite+aiosqlite:///{path}"))

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(coroutine)

    async def open(self, url: str) -> None:
        self.server.ask("FLUSHALL")
        self.ledger, self.gate = Ledger(url), Gate(self.server.url)
        await furnish(self.ledger)
        self.drop = await make_drop(self.ledger, self.clock(), quantity=QUANTITY, per_customer=PER_CUSTOMER)
        self.desk = Holds(self.ledger, self.gate, Limits(self.gate), self.clock, self.no_draw)

    async def no_draw(self, drop_id: str) -> None:
        raise AssertionError(drop_id)

    def teardown(self) -> None:
        self.run(self.close())
        self.runner.close()
        self.folder.cleanup()

    async def close(self) -> None:
        await self.desk.close()
        await self.ledger.close()
        await self.gate.close()

    def model(self, *states: HoldState, shopper: str | None = None) -> int:
        """Units that the model has in these states."""
        chosen = (hold for hold in self.holds.values() if hold.state in states and shopper in (None, hold.shopper))
        return sum(hold.quantity for hold in chosen)

    def keep(self, changed: list[Hold]) -> None:
        self.holds.update((hold.id, hold) for hold in changed)

    def change(self, step: Callable[[Any], Coroutine[Any, Any, list[Hold]]]) -> None:
        async def write() -> list[Hold]:
            async with self.ledger.write() as conn:
                changed = await step(conn)
            await forget(self.gate, [hold for hold in changed if hold.state in (HoldState.RELEASED, HoldState.EXPIRED)])
            return changed

        self.keep(self.run(write()))

    def some(self, data: st.DataObject, state: HoldState) -> Hold | None:
        found = sorted((hold for hold in self.holds.values() if hold.state == state), key=lambda hold: hold.id)
        return data.draw(st.sampled_from(found)) if found else None

    @rule(shopper=SHOPPERS, quantity=st.integers(1, 3))
    def ask(self, shopper: str, quantity: int) -> None:
        taking = (HoldState.HELD, HoldState.RESERVED, HoldState.SOLD)
        try:
            hold = self.run(self.desk.ask(wish("s" * 32, self.drop.id, shopper, quantity, None)))
        except LimitReached:
            assert self.model(*taking, shopper=shopper) + quantity > PER_CUSTOMER
        except SoldOut:
            assert self.ended or self.model(*taking) + quantity > QUANTITY
        else:
            assert not self.ended
            self.keep([hold])

    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        hold = self.some(data, HoldState.HELD)
        if hold is None:
            return
        try:
            self.change(lambda conn: queries.reserve(conn, [hold.id], hold.shopper, self.clock()))
        except HoldExpired:
            assert hold.expires_ms <= self.clock()
        else:
            assert hold.expires_ms > self.clock()

    @rule(data=st.data(), what=st.sampled_from(["sell", "release", "hold_again"]))
    def answer(self, data: st.DataObject, what: str) -> None:
        hold = self.some(data, HoldState.RESERVED)
        if hold is None:
            return
        if what == "sell":
            assert self.run(self.ledger.run(change(to_sell([Units(hold.id, hold.drop, hold.quantity)]))))
            self.keep([replace(hold, state=HoldState.SOLD)])
        elif what == "release":
            self.change(lambda conn: queries.release(conn, [hold.id]))
        else:
            self.change(lambda conn: queries.hold_again(conn, [hold.id], self.clock()))

    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        hold = self.some(data, HoldState.SOLD)
        if hold is not None:
            self.change(lambda conn: queries.take_back(conn, [hold.id]))

    @rule(after_ms=st.sampled_from([1, HOLD_MS // 2, HOLD_MS]))
    def wait(self, after_ms: int) -> None:
        self.clock.advance(after_ms)
        self.change(lambda conn: queries.expire(conn, self.clock()))

    @rule()
    def lose_redis(self) -> None:
        self.server.ask("FLUSHALL")

    @precondition(lambda self: not self.ended)
    @rule()
    def end(self) -> None:
        async def end() -> None:
            async with self.ledger.write() as conn:
                found = await queries.find(conn, self.drop.id, lock=True)
                assert found
                await queries.end(conn, found, self.clock())

        if len(self.holds) > 6:
            self.run(end())
            self.ended = True

    @invariant()
    def everything_adds_up(self) -> None:
        async def read() -> Any:
            async with self.ledger.read() as conn:
                return await queries.find(conn, self.drop.id)

        drop = self.run(read())
        assert drop.held == self.model(HoldState.HELD)
        assert drop.reserved == self.model(HoldState.RESERVED)
        assert drop.sold == self.model(HoldState.SOLD)
        assert drop.left == (0 if self.ended else QUANTITY - drop.held - drop.reserved - drop.sold)
        found, _ = self.run(verify(self.ledger))
        # Holds are paid and sold here without anybody's payment or order.
        units = [line for line in found if not line.startswith("hold ")]
        assert units == []


def test_any_order_of_events_adds_up(migrated_file: Path, shared_redis: RedisServer) -> None:
    machine = type("Machine", (Selling,), {"template": migrated_file, "server": shared_redis})
    quick = settings(
        max_examples=12, stateful_step_count=25, deadline=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow], database=None,
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=quick)
