"""VAT that is contained in prices.

It is worked out once a rate on the sum of everything at that rate, not line by line, and rounded commercially: so the
receipt's sums are exact and no cent appears by adding up roundings. Shipping is an ancillary service and shares the
goods' rates in proportion to their value (section 1 and 10 UStG, Abschnitt 3.10 UStAE).
"""

from msgspec import Struct

from app.shop.money import Money, allocate, divide_rounded


class Vat(Struct, frozen=True):
    """What one rate contributes: gross = net + vat."""

    percent: float
    net: Money
    vat: Money
    gross: Money


def contained(gross: int, basis_points: int) -> int:
    """The VAT inside `gross` minor units at a rate in hundredths of a percent."""
    return divide_rounded(gross * basis_points, 10_000 + basis_points)


def percent(basis_points: int) -> float:
    """The rate as people write it: 1900 is 19, 810 is 8.1."""
    return basis_points // 100 if basis_points % 100 == 0 else basis_points / 100


def breakdown(goods: tuple[tuple[int, Money], ...], shipping: Money) -> tuple[Vat, ...]:
    """VAT by rate, highest first, of (rate in basis points, gross) pairs and their shipping."""
    by_rate: dict[int, int] = {}
    for rate, price in goods:
        by_rate[rate] = by_rate.get(rate, 0) + price.amount
    rates = sorted(by_rate, reverse=True)
    shares = allocate(shipping.amount, [by_rate[rate] for rate in rates])
    found = []
    for rate, share in zip(rates, shares, strict=True):
        gross = by_rate[rate] + share
        vat = contained(gross, rate)
        currency = shipping.currency
        found.append(
            Vat(float(percent(rate)), Money(gross - vat, currency), Money(vat, currency), Money(gross, currency))
        )
    return tuple(found)
