"""Money: integers in minor units. Never a float, never without its currency."""

from collections.abc import Iterable, Sequence

from msgspec import Struct


class Money(Struct, frozen=True):
    """An amount in minor units (cents) of an ISO 4217 currency."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.amount * quantity, self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of `currency` for nothing."""
    return sum(amounts, Money(0, currency))


def divide_rounded(numerator: int, denominator: int) -> int:
    """A quotient of non-negative integers, halves rounded up (commercial rounding, DIN 1333)."""
    return (2 * numerator + denominator) // (2 * denominator)


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` in proportion to `weights`, so that the parts add up exactly (largest remainder first)."""
    whole = sum(weights)
    if whole == 0:
        return [amount, *([0] * (len(weights) - 1))] if weights else []
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return parts
