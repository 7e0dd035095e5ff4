"""A shop's orders as a machine that hypothesis walks through: what can happen to them, and what always holds."""

import asyncio
import sqlite3
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from app.drops.duties import Expiry
from app.drops.rules import Drop, HoldState
from app.payments.provider import Provider, ProviderDown, Standing, Told
from app.shop import queries
from app.shop.attempt import CONFIRM_MS
from app.shop.order import BY_HAND, STEPS, OrderState
from app.shop.verify import verify
from tests.app.shop.bank import MOODS, Bank
from tests.app.shopping import HOST, Browser, ManualClock, Shop, key, order_of
from tests.servers import RedisServer

UNPAID = {OrderState.PENDING: "pending", OrderState.ACTION_REQUIRED: "action", OrderState.PROCESSING: "processing"}
PAID = frozenset(STEPS) - UNPAID.keys()


class Ordering(RuleBasedStateMachine):
    """The shop's answers and ledger against the bank's and the shelf's own count."""

    # One shop for every example, since to open one takes longer than to run through it; what it has written goes.
    runner: asyncio.Runner
    server: RedisServer
    providers: dict[str, Provider]
    clock: ManualClock
    shop: Shop
    browser: Browser
    drop: Drop
    ledger: sqlite3.Connection
    untouched: sqlite3.Connection
    orders: Bundle[str] = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.untouched.backup(self.ledger)
        self.server.ask("FLUSHALL")
        self.clock.at_ms, self.expiry = ManualClock().at_ms, Expiry()
        self.providers["bank"] = self.bank = Bank()
        self.states: dict[str, str] = {}
        self.untold: list[str] = []
        self.unfollowed: list[str] = []
        self.seen: object = None

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(coroutine)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        status, answer = self.run(self.browser.ask("POST", path, body, headers={**HOST, **(headers or key())}))
        assert status < 500 or answer["type"] == "payment-unavailable", (status, answer)
        return status, answer

    @rule(
        target=orders,
        quantity=st.integers(1, 4),
        mood=st.sampled_from(MOODS),
        held=st.booleans(),
    )
    def buy(self, quantity: int, mood: str, held: bool) -> Any:
        """Of the shelf, or what the drop still grants beside the holds of a declined payment, or both."""
        self.bank.mood = mood
        headers = key()
        holds = self.held(min(quantity, 2)) if held else []
        lines = [("tee-m", quantity)] if quantity == 3 or not holds else []
        body = {**order_of(*lines), "holds": holds, "payment": {"method": "bank", "token": "t"}}
        first = self.post("/api/checkout", body, headers)
        again = self.post("/api/checkout", body, headers)
        if first[0] != 503:
            assert again == first, "a repetition changes nothing"
        # Without an answer, or declined, there is no order to speak of; the ledger's own checks go on.
        return again[1]["order"] if "order" in again[1] else multiple()

    def held(self, quantity: int) -> list[str]:
        """What the shopper holds, after asking for some more."""
        self.post(f"/api/drops/{self.drop.id}/holds", {"quantity": quantity})
        holds = self.run(self.browser.get("/api/holds"))["holds"]
        # Ids are drawn at random, and the same example has to go the same way.
        holds.sort(key=lambda hold: (hold["quantity"], hold["expires_at"]))
        return [hold["hold"] for hold in holds if hold["state"] == HoldState.HELD]

    @initialize(target=orders, state=st.sampled_from(list(OrderState)))
    def order_that_is(self, state: OrderState) -> Any:
        """One that has gone the shortest way there: random steps alone seldom come so far."""
        order = self.buy(quantity=2, mood=UNPAID.get(state, "approved"), held=False)
        if state in PAID:
            for after in way(OrderState.PAID, state)[1:]:
                self.take(str(order), after)
        return order

    def take(self, order: str, state: OrderState) -> None:
        """What a host does to have an order there."""
        if state in BY_HAND:
            self.step(order=order, state=state, despite=False)
        elif state == OrderState.CANCELLED:
            self.cancel(order=order)
        else:
            self.refund(
                order=order, quantity=1 if state == OrderState.PART_REFUNDED else 0, shipping=False, restock=True
            )

    @rule(order=orders, state=st.sampled_from(["approved", "declined", "processing"]))
    def bank_decides(self, order: str, state: str) -> None:
        attempt = self.run(self.attempt_of(order))
        if self.bank.payments.get(attempt.id) in ("action", "pending", "processing"):
            self.bank.move(attempt.id, state, attempt.amount)
            self.run(self.resolve(attempt.id))

    @rule(order=orders)
    def bank_charges_after_all(self, order: str) -> None:
        attempt = self.run(self.attempt_of(order))
        if self.bank.payments.get(attempt.id) == "declined":
            self.bank.move(attempt.id, "approved", attempt.amount)
            self.run(self.resolve(attempt.id))

    @rule(order=orders, standing=st.sampled_from(list(Standing)), half=st.booleans())
    def customer_disputes(self, order: str, standing: Standing, half: bool) -> None:
        """Once a payment, about what is left of it or a part; a bank may decide anew, and give back what it took."""
        attempt = self.run(self.attempt_of(order)).id
        left = self.bank.left(attempt)
        known = self.bank.disputes.get(attempt)
        anew = known is not None and (known.standing == Standing.OPEN or standing == Standing.WON)
        if anew or (known is None and left > 1):
            amount = known.amount if known else left // 2 if half else left
            # An order whose bank gives back what it took is where it was.
            self.states.pop(order, None)
            self.seen = None
            self.bank.disputes[attempt] = Told(f"dp_{attempt}", attempt, standing, amount, "general", None)
            self.run(self.follow(attempt))

    @rule(minutes=st.sampled_from([1, 20, 60 * 24]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes * 60_000)
        self.run(self.expiry.expire(self.shop.app))
        self.run(self.shop.desk.upkeep.perform())
        self.run(self.shop.desk.disputes.perform())

    @rule(away=st.booleans(), refuses=st.booleans())
    def bank_changes_its_mind(self, away: bool, refuses: bool) -> None:
        self.bank.away, self.bank.refuses = away, refuses

    @rule(order=orders, quantity=st.integers(0, 3), shipping=st.booleans(), restock=st.booleans())
    def refund(self, order: str, quantity: int, shipping: bool, restock: bool) -> None:
        lines = {"lines": [{"line": 1, "quantity": quantity}], "shipping": shipping} if quantity else {}
        self.post(f"/api/orders/{order}/refund", {**lines, "restock": restock})

    @rule(order=orders)
    def cancel(self, order: str) -> None:
        status, answer = self.post(f"/api/orders/{order}/cancel")
        if status == 200:
            assert answer["state"] == "cancelled"

    @rule(order=orders, state=st.sampled_from(sorted(BY_HAND)), despite=st.booleans())
    def step(self, order: str, state: str, despite: bool) -> None:
        self.post(f"/api/orders/{order}/state", {"state": state, "despite_dispute": despite})

    @rule(order=orders)
    def withdraw(self, order: str) -> None:
        self.post(f"/api/orders/{order}/withdrawal", {"name": "Ada", "email": "ada@example.org"})

    @invariant()
    def what_was_written_is_right(self) -> None:
        """Many steps are refused and leave no trace; the others are looked at."""
        (version,) = self.ledger.execute("PRAGMA data_version").fetchone()
        if version != self.seen:
            self.everything_adds_up()
            self.states_only_take_allowed_steps()
        self.seen = version

    def everything_adds_up(self) -> None:
        wrong, _ = self.run(verify(self.shop.ledger))
        assert wrong == []

    def states_only_take_allowed_steps(self) -> None:
        for one in self.run(self.browser.get("/api/orders?limit=200", headers=HOST))["orders"]:
            order, state = one["order"], OrderState(one["state"])
            assert state in PAID
            before = OrderState(self.states.get(order, OrderState.PENDING))
            assert way(before, state), (before, state)
            self.states[order] = state
            assert 0 <= one["refunded"]["amount"] <= one["total"]["amount"]

    @invariant()
    def the_bank_never_gives_back_more_than_it_charged(self) -> None:
        assert all(self.bank.left(attempt) >= 0 for attempt in self.bank.charged)

    def state_of(self, order: str) -> str:
        return str(self.run(self.browser.get(f"/api/orders/{order}", headers=HOST))["state"])

    async def attempt_of(self, order: str) -> Any:
        async with self.shop.ledger.read() as conn:
            return await queries.attempt_of_order(conn, order)

    async def resolve(self, attempt: str) -> None:
        try:
            await self.shop.desk.upkeep.resolve(attempt)
        except ProviderDown:
            # The webhook was answered with 503, so the provider repeats it.
            assert self.bank.away
            self.untold.append(attempt)

    async def follow(self, attempt: str) -> None:
        try:
            await self.shop.desk.disputes.follow("bank", f"dp_{attempt}")
        except ProviderDown:
            assert self.bank.away
            self.unfollowed.append(attempt)

    async def settle_everything(self) -> None:
        """The bank is back, days pass: nothing may stay open."""
        self.bank.away = self.bank.refuses = False
        for attempt in self.untold:
            await self.resolve(attempt)
        for attempt in self.unfollowed:
            await self.follow(attempt)
        for attempt, state in self.bank.payments.items():
            if state == "processing":
                self.bank.payments[attempt] = "declined"
        for attempt, told in self.bank.disputes.items():
            if told.standing == Standing.OPEN:
                self.bank.disputes[attempt] = replace(told, standing=Standing.WON)
        for _ in range(4):
            self.clock.advance(CONFIRM_MS + 86_400_000)
            await self.shop.desk.disputes.perform()
            await self.shop.desk.upkeep.perform()

    def teardown(self) -> None:
        """Every charge is an order or went back, every refund was paid, every loss is counted, and no unit is stuck."""
        self.run(self.settle_everything())
        orders = {
            one["order"]: one for one in self.run(self.browser.get("/api/orders?limit=200", headers=HOST))["orders"]
        }
        kept = sum(one["total"]["amount"] - one["refunded"]["amount"] for one in orders.values())
        assert sum(map(self.bank.left, self.bank.charged)) == kept
        assert self.run(verify(self.shop.ledger))[0] == []


def way(before: OrderState, state: OrderState) -> list[OrderState]:
    """The shortest way of allowed steps, both ends included; empty when there is none."""
    ways = [[before]]
    for so_far in ways:
        if so_far[-1] == state:
            return so_far
        known = {one[-1] for one in ways}
        ways.extend([*so_far, after] for after in sorted(STEPS[so_far[-1]] - known))
    return []
