"""Money, VAT, shipping, carts, order states: the rules without I/O."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Conflict, Unprocessable
from app.shop.address import Address, checked_address, checked_email, email_key
from app.shop.cart import Article, HeldUnits, Wanted, merged, price_cart
from app.shop.idempotency import KeyMissing, idempotency_key
from app.shop.money import Money, allocate, divide_rounded, total
from app.shop.order import STEPS, OrderState, after_refund, after_return, order_number, step, withdrawal_until
from app.shop.shipping import ZONES, countries, shipping, zone_of
from app.shop.tax import breakdown, contained, percent

AMOUNTS = st.integers(0, 10**9)
RATES = st.sampled_from([0, 250, 550, 700, 810, 1900, 2500, 2700])


def euros(amount: int) -> Money:
    return Money(amount, "EUR")


def article(variant: str, amount: int, *, left: int = 10, rate: int = 1900) -> Article:
    return Article(variant, variant, variant, "M", "100 % cotton", None, euros(amount), rate, left)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="EUR and USD"):
        euros(1) + Money(1, "USD")
    assert total([], "EUR") == euros(0)


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_rounding_is_commercial(numerator: int, denominator: int) -> None:
    rounded = divide_rounded(numerator, denominator)
    assert abs(rounded * denominator - numerator) * 2 <= denominator
    assert divide_rounded(1, 2) == 1  # halves go up
    assert divide_rounded(3, 2) == 2


@given(AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=6))
def test_parts_add_up_to_the_whole(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    if sum(weights):
        assert all(abs(part - amount * weight / sum(weights)) <= 1 for part, weight in zip(parts, weights, strict=True))


def test_nothing_is_allocated_to_nobody() -> None:
    assert allocate(100, []) == []


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [(11900, 1900, 1900), (2490, 1900, 398), (10700, 700, 700), (1, 1900, 0), (1081, 810, 81), (5, 0, 0)],
)  # fmt: skip
def test_vat_is_contained_in_the_price(gross: int, rate: int, vat: int) -> None:
    assert contained(gross, rate) == vat


@given(st.lists(st.tuples(RATES, AMOUNTS), max_size=8), AMOUNTS)
def test_net_and_vat_add_up_to_what_is_paid(goods: list[tuple[int, int]], cost: int) -> None:
    found = breakdown(tuple((rate, euros(amount)) for rate, amount in goods), euros(cost))
    paid = sum(amount for _, amount in goods) + (cost if goods else 0)
    assert sum(vat.gross.amount for vat in found) == paid
    assert all(vat.net.amount + vat.vat.amount == vat.gross.amount for vat in found)
    assert [vat.percent for vat in found] == sorted({percent(rate) for rate, _ in goods}, reverse=True)


def test_shipping_shares_the_rates_of_the_goods() -> None:
    found = breakdown(((1900, euros(3000)), (700, euros(1000))), euros(400))
    assert [(vat.percent, vat.gross.amount) for vat in found] == [(19, 3300), (7, 1100)]


def test_shipping_is_flat_and_free_from_a_value() -> None:
    home = zone_of("DE")
    assert home is not None
    assert home.free_from is not None
    for goods, cost in [(0, 0), (1, home.rate), (home.free_from - 1, home.rate), (home.free_from, 0)]:
        assert shipping(home, euros(goods)).amount == cost
    swiss = zone_of("CH")
    assert swiss is not None
    assert shipping(swiss, euros(10**9)).amount == swiss.rate
    assert zone_of("XX") is None
    assert len(countries()) == len(set(countries())) == sum(len(zone.countries) for zone in ZONES)


def test_a_size_named_twice_counts_as_one_line() -> None:
    assert merged([Wanted("a", 1), Wanted("b", 2), Wanted("a", 3)]) == {"a": 4, "b": 2}


def test_a_carts_problems_count_nothing() -> None:
    zone = zone_of("DE")
    assert zone is not None
    held = HeldUnits("hold", "drop", "d", 2, True, 1000, "held")
    late = HeldUnits("late", "drop", "d", 1, False, 500, "expired")
    articles = {"a": article("a", 1000), "b": article("b", 500, left=1), "d": article("d", 2000, left=0)}
    cart = price_cart({"a": 2, "b": 2, "c": 1}, [held, late], ["gone"], articles, zone, "EUR")
    assert [line.problem for line in cart.lines] == ["hold-expired", None, "hold-expired", None, "sold-out", "unknown"]
    assert cart.subtotal.amount == 2 * 1000 + 2 * 2000
    assert (cart.ready, cart.expires_ms) == (False, 1000)
    assert price_cart({}, [], [], {}, zone, "EUR").ready is False
    assert price_cart({"a": 1}, [], [], articles, zone, "EUR").ready is True


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 20), min_size=1), st.sampled_from(countries()))
def test_a_carts_total_is_its_lines_and_shipping(wanted: dict[str, int], country: str) -> None:
    zone = zone_of(country)
    assert zone is not None
    articles = {name: article(name, 333 * place, left=20) for place, name in enumerate("abcd", 1)}
    cart = price_cart(wanted, [], [], articles, zone, "EUR")
    lines = sum(articles[name].price.amount * quantity for name, quantity in wanted.items())
    assert cart.total.amount == lines + shipping(zone, euros(lines)).amount
    assert sum(vat.gross.amount for vat in cart.vat) == cart.total.amount
    assert zone.export is all(vat.vat.amount == 0 for vat in cart.vat)


def test_an_order_takes_only_the_steps_that_are_listed() -> None:
    for present, wanted in itertools.product(OrderState, OrderState):
        if wanted in STEPS[present]:
            assert step(present, wanted) is wanted
        else:
            with pytest.raises(Conflict, match=str(wanted)):
                step(present, wanted)


def test_ends_are_ends_and_everything_can_be_reached() -> None:
    assert {state for state in OrderState if not STEPS[state]} == {OrderState.CANCELLED, OrderState.REFUNDED}
    reached = {OrderState.PENDING}
    for _ in OrderState:
        reached |= {after for state in reached for after in STEPS[state]}
    assert reached == set(OrderState)


def test_a_refund_is_whole_or_in_parts() -> None:
    assert after_refund(OrderState.SHIPPED, total=100, refunded=100) is OrderState.REFUNDED
    assert after_refund(OrderState.PART_REFUNDED, total=100, refunded=99) is OrderState.PART_REFUNDED
    with pytest.raises(Conflict):
        after_refund(OrderState.CANCELLED, total=100, refunded=1)


def test_money_that_a_bank_gives_back_takes_the_order_back_unless_it_has_gone_on() -> None:
    refunded, parts, before = OrderState.REFUNDED, OrderState.PART_REFUNDED, OrderState.SHIPPED
    assert after_return(refunded, before, refunded=0) is before
    assert after_return(refunded, before, refunded=1) is parts
    assert after_return(parts, before, refunded=0) is before
    assert after_return(OrderState.DELIVERED, before, refunded=0) is OrderState.DELIVERED


def test_an_order_number_can_be_read_on_the_telephone() -> None:
    assert order_number("ord_1") == order_number("ord_1")
    assert order_number("ord_1") != order_number("ord_2")
    assert [len(part) for part in order_number("ord_1").split("-")] == [4, 4, 4]
    assert withdrawal_until(0) >= 14 * 86_400_000


@pytest.mark.parametrize(
    "email", ["a@b.de", " ada@example.org ", "ü@müller.example", "a+b@c-d.co.uk", "a" * 64 + "@x.org"]
)
def test_ordinary_addresses_pass(email: str) -> None:
    assert checked_email(email) == email.strip()


@pytest.mark.parametrize(
    "email",
    ["", "a", "a@b", "@b.de", "a@.de", "a@b..de", "a b@c.de", "a@b@c.de", "a\x00@b.de", "a\r\nBcc: x@y.de", "a@b.d",
     "<a@b.de>", "a@b.de,c@d.de", "a" * 65 + "@x.org", "a@" + "b." * 130 + "de", "a@1.2.3.4"],
)  # fmt: skip
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Unprocessable, match="typing errors"):
        checked_email(email)


def test_one_customer_has_one_key() -> None:
    assert {email_key(email) for email in ("Ada@Example.org", "ada+drop@example.ORG", "ａda@example.org")} == {
        "ada@example.org"
    }
    assert email_key("+x@example.org") == "+x@example.org"


def test_an_address_is_trimmed_and_its_country_known() -> None:
    found = checked_address(Address(" Ada  Muster ", "Weg 1", "10115", "Berlin", "DE", ""))
    assert (found.name, found.line2) == ("Ada  Muster", None)
    with pytest.raises(Unprocessable, match="do not deliver"):
        checked_address(Address("Ada", "Weg 1", "10115", "Berlin", "AQ"))
    for wrong in ("\u2028", "a\nb", "\ud800"):
        with pytest.raises(Unprocessable, match="city"):
            checked_address(Address("Ada", "Weg 1", "10115", wrong, "DE"))


@given(st.text(max_size=300))
def test_a_key_is_short_printable_ascii(text: str) -> None:
    fine = 1 <= len(text) <= 255 and all("!" <= character <= "~" for character in text)
    if fine:
        assert idempotency_key(text) == text
    else:
        with pytest.raises(KeyMissing):
            idempotency_key(text)
