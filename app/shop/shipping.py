"""Where the shop delivers and what that costs: a flat rate a zone, free from a value of goods."""

from dataclasses import dataclass

from app.shop.money import Money

HOME = "DE"


@dataclass(frozen=True, eq=False)
class Zone:
    """Countries that cost the same. Amounts are minor units of the shop's currency, VAT included.

    `export`: outside the EU's VAT area no VAT is charged; duties are the customer's (section 6 UStG).
    """

    countries: tuple[str, ...]
    rate: int
    free_from: int | None
    days: tuple[int, int]
    export: bool = False


# The demo merchant's rates. Northern Ireland's and Monaco's special cases are left to the merchant.
ZONES = (
    Zone((HOME,), 490, 7500, (2, 3)),
    Zone(("AT", "BE", "LU", "NL"), 690, 10_000, (3, 5)),
    Zone(
        (
            "BG", "CY", "CZ", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
            "IE", "IT", "LT", "LV", "MT", "PL", "PT", "RO", "SE", "SI", "SK",
        ),
        1190, 15_000, (4, 7),
    ),
    Zone(("CH", "GB", "NO"), 1490, None, (5, 8), export=True),
    Zone(("CN", "HK", "SG", "US"), 2490, None, (7, 14), export=True),
)  # fmt: skip

_BY_COUNTRY = {country: zone for zone in ZONES for country in zone.countries}


def zone_of(country: str) -> Zone | None:
    """The zone of an ISO 3166 country; None where the shop does not deliver."""
    return _BY_COUNTRY.get(country)


def countries() -> list[str]:
    """Everywhere the shop delivers to, home first."""
    return [country for zone in ZONES for country in zone.countries]


def shipping(zone: Zone, goods: Money) -> Money:
    """The cost of delivering goods of that value."""
    free = goods.amount == 0 or (zone.free_from is not None and goods.amount >= zone.free_from)
    return Money(0 if free else zone.rate, goods.currency)
