"""Any checkouts of a moment, in one batch or one after the other: the same answers, and the same is written."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from app.customers import queries as customers
from app.customers.confirmation import Confirmation
from app.drops.keeping import keep_holds
from app.drops.rules import Drop, Hold, HoldState
from app.ledger.statement import Id, Statement, Work
from app.shop import queries
from app.shop.address import Address
from app.shop.attempt import Attempt, AttemptState
from app.shop.cart import Wanted
from app.shop.idempotency import Answer, fingerprint
from app.shop.placing import Placing, place
from app.shop.wish import CheckoutBody, Payment, checked
from tests.app.shopping import ADDRESS, HOST, TEES, ManualClock, Shop

SHOPPERS = ("ada", "bea", "cai")
# Each shopper's: drop, units, and whether its time is over for those who come late.
HOLDS = {"one": ("plain", 1, False), "two": ("plain", 2, False), "brief": ("plain", 1, True), "asks": ("shy", 1, False)}
LATE_MS = 1000

# What a checkout can change, but for what is drawn at random.
LEDGER = [
    Statement(f"{sql} FROM {table} CROSS JOIN rows ORDER BY 1, 2, 3", Id)
    for table, sql in {
        "attempts": 'SELECT shopper, "key", state, fingerprint, method, token, reason, amount, currency, document, '
        "email_key, payer_key, created_ms, deadline_ms, check_ms, answer_status, answer_body",
        "holds": "SELECT holds.id, state, expires_ms",
        "drops": "SELECT drops.id, held, reserved, sold",
        "variants": "SELECT variants.id, reserved, sold",
        "drop_customers": "SELECT drop_id, email_key, quantity",
    }.items()
]


class Undone(Exception):
    """The transaction is taken back: what it came to."""

    def __init__(self, answers: Sequence[object], written: list[list[Any]]) -> None:
        self.answers, self.written = answers, written


def together(batch: Sequence[Placing]) -> Work[None]:
    yield []  # what follows is part of one transaction
    answers = yield from place(batch)
    yield from undone(answers)


def in_turn(batch: Sequence[Placing]) -> Work[None]:
    yield []
    answers: list[object] = []
    for one in batch:
        answers += yield from place([one])
    yield from undone(answers)


def undone(answers: Sequence[object]) -> Work[None]:
    written = []
    for statement in LEDGER:
        (found,) = yield [(statement, [Id("")])]
        written.append([tuple(row) for row in found])
    raise Undone([told(one) for one in answers], written)


def told(one: object) -> object:
    """An answer without what is drawn at random."""
    if isinstance(one, Attempt):
        return structs.replace(one, id="", order_id="")
    return one if isinstance(one, Answer) else (type(one), str(one), vars(one))


def body(lines: Sequence[tuple[str, int]], holds: Sequence[str], email: str, country: str) -> CheckoutBody:
    return CheckoutBody(
        payment=Payment("sandbox", behaviour="approve"),
        email=email,
        address=Address(**{**ADDRESS, "country": country}),
        holds=tuple(holds),
        lines=tuple(Wanted(variant, quantity) for variant, quantity in lines),
    )


def placing(shopper: str, key: str, wanted: CheckoutBody, payer: str | None, now_ms: int) -> Placing:
    methods = {"sandbox": None}
    text = fingerprint(repr(wanted).encode())
    wish = checked(wanted, shopper=shopper, key=key, fingerprint=text, language="en", methods=methods)
    return Placing(wish, payer, now_ms)


@st.composite
def asking(draw: st.DrawFn) -> tuple[str, str, CheckoutBody, str | None, int]:
    """Shopper, key, what they want, payer, how late. Most carts are fine by themselves and compete with the others."""
    shopper = draw(st.sampled_from(SHOPPERS))
    own = st.sampled_from([f"{shopper}-{name}" for name in HOLDS])
    strange = st.sampled_from([f"{shopper}-none", *(f"{other}-one" for other in SHOPPERS)])
    holds = draw(st.lists(st.one_of(own, own, own, strange), max_size=2))
    tees, jackets = st.tuples(st.just("tee-m"), st.integers(1, 3)), st.tuples(st.just("jacket-xl"), st.integers(1, 2))
    wrong = st.sampled_from([("no-such", 1), ("tee-m", 20)])
    lines = draw(st.lists(st.one_of(tees, tees, jackets, wrong), min_size=0 if holds else 1, max_size=2))
    # Some are one customer under two names.
    email = draw(st.sampled_from([f"{shopper}@example.org", f"{shopper}@example.org", "ADA+again@example.org"]))
    wanted = body(lines, holds, email, draw(st.sampled_from(["DE", "DE", "CH"])))
    # Some keys come up again, with the same cart or another one.
    key = draw(st.sampled_from([*"abcdefghijklmnop", "again", "asking"]))
    return shopper, key, wanted, draw(st.sampled_from([None, None, "pay:1"])), draw(st.sampled_from([0, LATE_MS]))


KNOWN = body([("tee-m", 1)], [], "ada@example.org", "DE")


@pytest.fixture
async def world(shop: Shop, clock: ManualClock) -> Shop:
    """Few pieces, drops with holds of everybody, a customer with a share, an address confirmed, keys in use."""
    now_ms = clock()
    await shop.browser().ask("POST", "/api/variants/tee-m/stock", {"by": 8 - TEES}, headers=HOST)
    drops: dict[str, Drop] = {
        "plain": await shop.drop("jacket-m", quantity=12, per_customer=2),
        "shy": await shop.drop("coat-m", quantity=3, per_customer=1, confirm_email=True),
    }
    kept = [
        Hold(
            f"{shopper}-{name}", drop.id, drop.event, drop.sku, drop.variant, shopper, units, HoldState.HELD,
            now_ms, now_ms + (LATE_MS if brief else 10 * LATE_MS),
        )
        for shopper in SHOPPERS
        for name, (kind, units, brief) in HOLDS.items()
        for drop in [drops[kind]]
    ]  # fmt: skip
    assert all(await shop.ledger.run(keep_holds([(hold, 0) for hold in kept])))
    for key in ("again", "asking"):
        await shop.ledger.run(place([placing("ada", key, KNOWN, None, now_ms)]))
    asked = Confirmation(
        shopper="ada", email_key="ada@example.org", email="ada@example.org", digest="", expires_ms=0, guesses=0
    )
    async with shop.ledger.write() as conn:
        assert await queries.take_share(conn, drops["plain"].id, "bea@example.org", 1, 2)
        await customers.await_code(conn, asked)
        await customers.confirm(conn, asked, now_ms)
        (again,) = [one for one in await queries.attempts_without_order(conn, "ada") if one.key == "again"]
        started = [AttemptState.STARTED]
        assert await queries.move_attempt(conn, again.id, AttemptState.UNANSWERED, before=started)
    return shop


# The provider of the first one could not be asked, that of the second is being asked.
KNOWN_ALREADY = st.sampled_from([("ada", key, KNOWN, None, 0) for key in ("again", "asking")])


@given(
    batch=st.lists(st.one_of(asking(), asking(), asking(), KNOWN_ALREADY), min_size=2, max_size=12),
    repeated=st.integers(0, 2),
)
@settings(
    max_examples=100, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
async def test_a_batch_comes_to_what_its_checkouts_come_to_one_after_the_other(
    world: Shop, clock: ManualClock, batch: list[tuple[str, str, CheckoutBody, str | None, int]], repeated: int
) -> None:
    asked = [placing(shopper, key, wanted, payer, clock() + late) for shopper, key, wanted, payer, late in batch]
    asked += asked[:repeated]
    found = []
    for way in (together, in_turn):
        with pytest.raises(Undone) as seen:
            await world.ledger.run(way(asked))
        found.append(seen.value)
    assert found[0].answers == found[1].answers
    assert found[0].written == found[1].written
