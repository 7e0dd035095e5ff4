"""Placing the checkouts of one moment in one transaction: what each of them comes to, and what that takes.

They are decided one after the other, in the order of their arrival, from what the ledger says and what those before
them have taken; then everything is written at once. No I/O of its own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct, structs

from app.catalogue import shelf
from app.catalogue.product import Language
from app.catalogue.shelf import OnShelf
from app.drops import keeping as drops
from app.drops.errors import HoldExpired
from app.drops.keeping import Held, Units
from app.drops.rules import HoldState
from app.errors import Problem, Unprocessable
from app.ledger.statement import Statement, Step, Work, ask, at_once, change, look
from app.shop.articles import FALLBACK_CURRENCY, article_of
from app.shop.attempt import ASKING_MS, Attempt, AttemptState, customer_keys
from app.shop.cart import Article, Cart, HeldUnits, merged, price_cart
from app.shop.idempotency import Answer, InProgress, KeyReused, refusal
from app.shop.quote import zone_for
from app.shop.refusals import EmailUnconfirmed, LimitReached, SoldOut
from app.shop.shipping import Zone
from app.shop.snapshot import take_snapshot
from app.shop.wish import Wish, attempt_for, refused_attempt


class Overtaken(Exception):
    """Somebody else changed what was just looked at: the transaction is undone and can be tried again."""


class Placing(Struct, frozen=True):
    """A checkout, who pays as the provider knows them, and when. `held`: what need not be looked up of its holds."""

    wish: Wish
    payer: str | None
    now_ms: int
    held: tuple[Held, ...] = ()


class _Key(Struct, frozen=True):
    shopper: str
    key: str


class _Address(Struct, frozen=True):
    shopper: str
    email_key: str


class _Share(Struct, frozen=True):
    drop: str
    name: str
    quantity: int


class _Resumed(Struct, frozen=True):
    id: str
    check_ms: int


_COLUMNS = ", ".join(f'attempts."{name}"' for name in Attempt.__struct_fields__)
_KNOWN = Statement(
    f"SELECT {_COLUMNS} FROM attempts "  # noqa: S608 - names only
    'JOIN rows ON rows.shopper = attempts.shopper AND rows."key" = attempts."key"',
    _Key,
)
_CONFIRMED = Statement(
    "SELECT confirmations.shopper, confirmations.email_key FROM confirmations JOIN rows "
    "ON rows.shopper = confirmations.shopper AND rows.email_key = confirmations.email_key "
    "WHERE confirmations.confirmed_ms IS NOT NULL",
    _Address,
)
_SHARES = Statement(
    "SELECT drop_id, email_key, drop_customers.quantity FROM drop_customers "
    'JOIN rows ON rows."drop" = drop_id AND rows.name = email_key',
    _Share,
)
_START = Statement.insert("attempts", Attempt, "ON CONFLICT (shopper, key) DO NOTHING")
_RESUME = Statement(
    "UPDATE attempts SET state = 'started', check_ms = rows.check_ms FROM rows "
    "WHERE attempts.id = rows.id AND attempts.state = 'unanswered' RETURNING attempts.id",
    _Resumed,
)
_TAKE = Statement(
    "INSERT INTO drop_customers (drop_id, email_key, quantity) "
    'SELECT "drop", name, quantity FROM rows WHERE true ON CONFLICT (drop_id, email_key) '
    "DO UPDATE SET quantity = drop_customers.quantity + excluded.quantity WHERE drop_customers.quantity + "
    "excluded.quantity <= (SELECT per_customer FROM drops WHERE drops.id = excluded.drop_id) RETURNING email_key",
    _Share,
)


@dataclass
class _Counter:
    """The shop's counter at this moment: what the ledger says, and what the checkouts so far have taken of it."""

    held: dict[str, Held]
    known: dict[tuple[str, str], Attempt]
    shelf: dict[str, OnShelf]
    shares: dict[tuple[str, str], int]
    confirmed: set[tuple[str, str]]
    started: list[Attempt] = field(default_factory=list)
    resumed: list[_Resumed] = field(default_factory=list)
    holds: dict[str, Held] = field(default_factory=dict)
    units: Counter[str] = field(default_factory=Counter)
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    articles: dict[tuple[str, Language], Article] = field(default_factory=dict)

    def decide(self, one: Placing) -> Attempt | Answer | Problem:
        """What a checkout comes to: an attempt whose provider can be asked, an answer that is kept, or a refusal."""
        wish = one.wish
        known = self.known.get((wish.shopper, wish.key))
        if known is not None:
            return self._again(known, one)
        try:
            attempt = self._claim(one)
        except (SoldOut, HoldExpired, LimitReached) as refused:
            attempt = refused_attempt(wish, refusal(refused), one.now_ms)
        except Problem as problem:
            return problem
        self.started.append(attempt)
        self.known[wish.shopper, wish.key] = attempt
        return _answer(attempt) or attempt

    def _again(self, known: Attempt, one: Placing) -> Attempt | Answer | Problem:
        if known.fingerprint != one.wish.fingerprint:
            return KeyReused()
        if answer := _answer(known):
            return answer
        if known.state != AttemptState.UNANSWERED:
            return InProgress()
        # The provider was away: the same key asks it again, one request at a time.
        self.resumed.append(_Resumed(known.id, one.now_ms + ASKING_MS))
        self.known[known.shopper, known.key] = structs.replace(known, state=AttemptState.STARTED)
        return known

    def _claim(self, one: Placing) -> Attempt:
        """The attempt, with everything that it needs taken. Raises why it cannot be placed, with nothing taken."""
        wish = one.wish
        zone = zone_for(wish.address.country)
        cart = self._cart(one, zone)
        _refuse_problems(cart)
        if cart.confirm_email and (wish.shopper, wish.email_key) not in self.confirmed:
            raise EmailUnconfirmed
        snapshot = take_snapshot(cart, zone, email=wish.email, address=wish.address, language=wish.language)
        attempt = attempt_for(wish, snapshot, one.payer, one.now_ms)
        held = [self.held[hold] for hold in snapshot.holds]
        limits = {hold.drop: hold.per_customer for hold in held}
        names = attempt.customer_keys
        shares = [((drop, name), quantity) for drop, quantity in snapshot.from_drops() for name in names]
        for share, quantity in shares:
            if self.shares.get(share, 0) + self.taken.get(share, 0) + quantity > limits[share[0]]:
                raise LimitReached(share[0])
        for share, quantity in shares:
            self.taken[share] += quantity
        for hold in held:
            self.holds[hold.id] = hold
        for variant, quantity in snapshot.from_stock():
            self.units[variant] += quantity
        return attempt

    def _cart(self, one: Placing, zone: Zone) -> Cart:
        wish, quantities = one.wish, merged(one.wish.body.lines)
        units, missing = [], []
        for id_ in dict.fromkeys(wish.body.holds):
            held = self.held.get(id_)
            if held is None or held.shopper != wish.shopper:
                missing.append(id_)
                continue
            usable = held.state == HoldState.HELD and held.expires_ms > one.now_ms and id_ not in self.holds
            units.append(
                HeldUnits(
                    id_, held.drop, held.variant, held.quantity, usable, held.expires_ms, held.state,
                    bool(held.confirm_email),
                )
            )  # fmt: skip
        articles = {}
        # What is held is the shopper's, whatever has become of the shelf meanwhile.
        for variant in (*quantities, *[held.variant for held in units]):
            found = self.shelf.get(variant)
            if found is not None and (variant not in quantities or found.left is not None):
                articles[variant] = self._article(found, wish.language)
        currency = next(iter(articles.values())).price.currency if articles else FALLBACK_CURRENCY
        return price_cart(quantities, units, missing, articles, zone, currency)

    def _article(self, found: OnShelf, language: Language) -> Article:
        named = self.articles.get((found.id, language))
        if named is None:
            named = article_of(found.id, found.size, found.listing, found.left or 0, language)
            self.articles[found.id, language] = named
        taken = self.units[found.id]
        return structs.replace(named, left=named.left - taken) if taken else named


def place(asked: Sequence[Placing]) -> Work[Sequence[Attempt | Answer | Exception]]:
    """Decide and write down. Raises Overtaken."""
    wanted = [hold for one in asked for hold in one.wish.body.holds]
    # Hardly a key is known or a customer has bought before: whoever takes that for granted looks at less, and is told
    # by what is written when it was wrong.
    recent = {hold.id: hold for one in asked for hold in one.held}
    looked_at = yield from drops.look_at_held(hold for hold in wanted if hold not in recent)
    counter = yield from _open(asked, {**recent, **looked_at}, {}, {})
    answers = [counter.decide(one) for one in asked]
    if not any(isinstance(one, Exception) for one in answers) and (yield from at_once(_steps(counter))):
        return answers
    # Holds are locked before keys are looked up: whoever had to wait for them then sees what their twin has done.
    held = yield from drops.find_held(wanted)
    rows = yield from ask(_KNOWN, [_Key(one.wish.shopper, one.wish.key) for one in asked])
    attempts = (_attempt(row) for row in rows)
    known = {(attempt.shopper, attempt.key): attempt for attempt in attempts}
    names = list(_wanted_shares(asked, held))
    shares = {(drop, name): quantity for drop, name, quantity in (yield from ask(_SHARES, names))} if names else {}
    counter = yield from _open(asked, held, known, shares)
    answers = [counter.decide(one) for one in asked]
    if (steps := _steps(counter)) and not (yield from change(steps)):
        raise Overtaken
    return answers


def _open(
    asked: Sequence[Placing],
    held: dict[str, Held],
    known: dict[tuple[str, str], Attempt],
    shares: dict[tuple[str, str], int],
) -> Work[_Counter]:
    variants = {hold.variant for hold in held.values()}
    variants.update(line.variant for one in asked for line in one.wish.body.lines)
    on_shelf = yield from shelf.find_on_shelf(variants)
    confirmed: set[tuple[str, str]] = set()
    if any(hold.confirm_email for hold in held.values()):
        addresses = [_Address(one.wish.shopper, one.wish.email_key) for one in asked]
        confirmed = {(shopper, name) for shopper, name in (yield from look(_CONFIRMED, addresses))}
    return _Counter(held, known, on_shelf, shares, confirmed)


def _steps(counter: _Counter) -> list[Step]:
    # In one order, as everything that somebody else may be waiting for.
    held = [Units(one.id, one.drop, one.quantity) for one in counter.holds.values()]
    reserved = drops.to_reserve(held)
    started = sorted(counter.started, key=lambda attempt: (attempt.shopper, attempt.key))
    taken = [_Share(drop, name, quantity) for (drop, name), quantity in sorted(counter.taken.items()) if quantity]
    written: list[Step] = [
        *reserved[:1], (_START, started), (_RESUME, counter.resumed), *reserved[1:], (_TAKE, taken),
        *shelf.to_reserve(counter.units),
    ]  # fmt: skip
    return [(statement, rows) for statement, rows in written if rows]


def _wanted_shares(asked: Sequence[Placing], held: dict[str, Held]) -> Iterable[_Share]:
    for one in asked:
        for drop in {held[hold].drop for hold in one.wish.body.holds if hold in held}:
            yield from (_Share(drop, name, 0) for name in customer_keys(one.wish.email_key, one.payer))


def _attempt(row: Sequence[Any]) -> Attempt:
    values = dict(zip(Attempt.__struct_fields__, row, strict=True))
    return Attempt(**{**values, "state": AttemptState(values["state"])})


def _answer(attempt: Attempt) -> Answer | None:
    if attempt.answer_status is None or attempt.answer_body is None:
        return None
    return Answer(attempt.answer_status, attempt.answer_body)


def _refuse_problems(cart: Cart) -> None:
    """Raise what keeps the cart from being ordered, the most telling first."""
    if cart.ready:
        return
    unknown = [line.variant for line in cart.lines if line.problem == "unknown"]
    if unknown:
        raise Unprocessable(f"The shop does not have the variant {unknown[0]!r}; see /api/products.")
    expired = [line.hold for line in cart.lines if line.problem == "hold-expired" and line.hold]
    if expired:
        raise HoldExpired(expired)
    gone = [(line.variant, line.article.left) for line in cart.lines if line.problem == "sold-out" and line.article]
    if gone:
        raise SoldOut(gone)
