"""Placing many checkouts in one transaction: those of a batch that are plain, the others are left to `Checkout`.

Plain is what thousands do in the same minute: a cart of drops' holds that can be ordered as it is, under a new key.
Everything that needs a refusal, a second look or an earlier answer is not; nothing of it is touched here.
"""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from app.catalogue.queries import LISTINGS, listing_in
from app.drops.rules import HoldState
from app.ledger.statement import Statement, Work
from app.shop.address import email_key
from app.shop.articles import article_of
from app.shop.attempt import Attempt
from app.shop.cart import Article, HeldUnits, price_cart
from app.shop.quote import zone_for
from app.shop.snapshot import Snapshot, take_snapshot
from app.shop.wish import Wish, attempt_for


class Overtaken(Exception):
    """Somebody else changed what was just looked at; the transaction is undone and each checkout goes its own way."""


class Placing(Struct, frozen=True):
    """A checkout of holds only, who pays as the provider knows them, and when."""

    wish: Wish
    payer: str | None
    now_ms: int


class _Key(Struct, frozen=True):
    shopper: str
    key: str


class _Id(Struct, frozen=True):
    id: str


class _Address(Struct, frozen=True):
    shopper: str
    email_key: str


class _Units(Struct, frozen=True):
    drop: str
    quantity: int


class _Share(Struct, frozen=True):
    drop: str
    name: str
    quantity: int


class _Held(Struct, frozen=True):
    id: str
    drop: str
    variant: str
    per_customer: int
    shopper: str
    quantity: int
    state: str
    expires_ms: int
    confirm_email: bool


_KNOWN = Statement(
    "SELECT attempts.shopper, attempts.key FROM attempts "
    'JOIN rows ON rows.shopper = attempts.shopper AND rows."key" = attempts.key',
    _Key,
)
_HOLDS = Statement(
    "SELECT holds.id, drops.id, drops.variant, drops.per_customer, holds.shopper, holds.quantity, holds.state, "
    "holds.expires_ms, drops.confirm_email FROM holds JOIN drops ON drops.id = holds.drop_id "
    "WHERE holds.id IN (SELECT id FROM rows) ORDER BY holds.id",
    _Id,
    lock="holds",
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
# The empty text keeps SQLite from looking through everything that is held instead of these ids.
_RESERVE = Statement(
    "UPDATE holds SET state = 'reserved' WHERE id IN (SELECT rows.id FROM rows) AND state || '' = 'held' RETURNING id",
    _Id,
)
_COUNT = Statement(
    "UPDATE drops SET held = drops.held - rows.quantity, reserved = drops.reserved + rows.quantity FROM rows "
    'WHERE drops.id = rows."drop"',
    _Units,
)
_TAKE = Statement(
    "INSERT INTO drop_customers (drop_id, email_key, quantity) "
    'SELECT "drop", name, quantity FROM rows WHERE true ON CONFLICT (drop_id, email_key) '
    "DO UPDATE SET quantity = drop_customers.quantity + excluded.quantity WHERE drop_customers.quantity + "
    "excluded.quantity <= (SELECT per_customer FROM drops WHERE drops.id = excluded.drop_id) RETURNING email_key",
    _Share,
)


def place(asked: Sequence[Placing]) -> Work[list[Attempt | None]]:
    """Reserve and write down the plain ones: their attempts, whose providers can be asked. None: not plain.

    Raises Overtaken.
    """
    known = {(shopper, key) for shopper, key in (yield _KNOWN, [_Key(one.wish.shopper, one.wish.key) for one in asked])}
    wanted = sorted({hold for one in asked for hold in one.wish.body.holds})
    held = {row[0]: _Held(*row) for row in (yield _HOLDS, [_Id(hold) for hold in wanted])}
    variants = sorted({hold.variant for hold in held.values()})
    listed = {variant: (size, document) for variant, size, document in (yield LISTINGS, [_Id(one) for one in variants])}
    confirmed: set[tuple[str, str]] = set()
    if any(hold.confirm_email for hold in held.values()):
        addresses = [_Address(one.wish.shopper, email_key(one.wish.email)) for one in asked]
        confirmed = {(shopper, name) for shopper, name in (yield _CONFIRMED, addresses)}
    taken: set[object] = set()
    carts: list[tuple[Attempt, Snapshot, list[_Held]] | None] = []
    for one in asked:
        own = [held[hold] for hold in one.wish.body.holds if hold in held]
        claims = {(one.wish.shopper, one.wish.key), *one.wish.body.holds}
        # Each key and each hold once in a batch; the second one sees what became of the first.
        fresh = len(own) == len(one.wish.body.holds) == len(claims) - 1 and not claims & (taken | known)
        if any(hold.confirm_email for hold in own):
            fresh = fresh and (one.wish.shopper, email_key(one.wish.email)) in confirmed
        cart = _cart(one, own, listed) if fresh else None
        taken |= claims
        carts.append(cart)
    shares = [_shares(*cart[:2]) if cart else [] for cart in carts]
    every = [share for of_one in shares for share in of_one]
    had = {(drop, name): quantity for drop, name, quantity in (yield _SHARES, every)} if every else {}
    limits = {hold.drop: hold.per_customer for hold in held.values()}
    plain: list[tuple[Attempt, Snapshot, list[_Held]] | None] = []
    counted: dict[tuple[str, str], _Share] = {}
    for cart, of_one in zip(carts, shares, strict=True):
        fits = all(
            (share.drop, share.name) not in counted
            and had.get((share.drop, share.name), 0) + share.quantity <= limits[share.drop]
            for share in of_one
        )
        plain.append(cart if fits else None)
        if cart and fits:
            counted |= {(share.drop, share.name): share for share in of_one}
    yield from _reserve([cart for cart in plain if cart], list(counted.values()))
    return [cart[0] if cart else None for cart in plain]


def _reserve(carts: list[tuple[Attempt, Snapshot, list[_Held]]], shares: list[_Share]) -> Work[None]:
    if not carts:
        return
    started = yield _START, [attempt for attempt, _, _ in carts]
    holds = [hold for _, _, own in carts for hold in own]
    reserved = yield _RESERVE, [_Id(hold.id) for hold in holds]
    if len(started) != len(carts) or len(reserved) != len(holds):
        raise Overtaken
    units: Counter[str] = Counter()
    for hold in holds:
        units[hold.drop] += hold.quantity
    for drop, quantity in sorted(units.items()):
        yield _COUNT, [_Units(drop, quantity)]
    shares = sorted(shares, key=lambda share: (share.drop, share.name))
    if len((yield _TAKE, shares)) != len(shares):
        raise Overtaken


def _cart(
    one: Placing, own: list[_Held], listed: dict[str, tuple[str, str]]
) -> tuple[Attempt, Snapshot, list[_Held]] | None:
    """What an order of these holds is; None when it cannot be placed as it is."""
    wish, units = one.wish, []
    articles: dict[str, Article] = {}
    for hold in own:
        usable = hold.shopper == wish.shopper and hold.state == HoldState.HELD and hold.expires_ms > one.now_ms
        if not usable or hold.variant not in listed:
            return None
        size, document = listed[hold.variant]
        articles[hold.variant] = article_of(hold.variant, size, listing_in(document), 0, wish.language)
        units.append(HeldUnits(hold.id, hold.drop, hold.variant, hold.quantity, True, hold.expires_ms, hold.state))
    zone, currency = zone_for(wish.address.country), articles[own[0].variant].price.currency
    cart = price_cart({}, units, [], articles, zone, currency)
    snapshot = take_snapshot(cart, zone, email=wish.email, address=wish.address, language=wish.language)
    return attempt_for(wish, snapshot, one.payer, one.now_ms), snapshot, own


def _shares(attempt: Attempt, snapshot: Snapshot) -> list[_Share]:
    return [_Share(drop, name, quantity) for drop, quantity in snapshot.from_drops() for name in attempt.customer_keys]
