"""Units of normal stock on their way to a customer, for whole batches at once: parts of a `Work`.

Rows are locked by variant, one after the other, after everything of the drops.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from app.catalogue.product import Listing
from app.catalogue.queries import listing_in
from app.ledger.statement import Id, Statement, Step, Work, look


class OnShelf(Struct, frozen=True):
    """A size of a product. `left`: how many can be bought now; None when it is not on sale any more."""

    id: str
    size: str
    listing: Listing
    left: int | None


class _Units(Struct, frozen=True):
    variant: str
    quantity: int


_FIND = Statement(
    "SELECT variants.id, variants.size, products.document, CASE WHEN variants.retired OR products.retired THEN NULL "
    "ELSE variants.quantity - variants.allotted - variants.reserved - variants.sold END "
    "FROM variants JOIN products ON products.sku = variants.sku WHERE variants.id IN (SELECT id FROM rows)",
    Id,
)
_RESERVE = Statement(
    "UPDATE variants SET reserved = variants.reserved + rows.quantity FROM rows WHERE variants.id = rows.variant "
    "AND rows.quantity <= variants.quantity - variants.allotted - variants.reserved - variants.sold "
    "AND NOT variants.retired RETURNING variants.id",
    _Units,
)
_SELL = Statement(
    "UPDATE variants SET reserved = variants.reserved - rows.quantity, sold = variants.sold + rows.quantity FROM rows "
    "WHERE variants.id = rows.variant AND variants.reserved >= rows.quantity RETURNING variants.id",
    _Units,
)


def find_on_shelf(ids: Iterable[str]) -> Work[dict[str, OnShelf]]:
    """The known ones of these variants."""
    wanted = [Id(variant) for variant in sorted(set(ids))]
    found = (yield from look(_FIND, wanted)) if wanted else []
    return {id_: OnShelf(id_, size, listing_in(document), left) for id_, size, document, left in found}


def to_reserve(units: Mapping[str, int]) -> list[Step]:
    """What takes units by variant for payment attempts. Each step finds one, unless there are too few."""
    return [(_RESERVE, [_Units(variant, quantity)]) for variant, quantity in sorted(units.items())]


def to_sell(units: Mapping[str, int]) -> list[Step]:
    """What turns reserved units by variant into sold ones. Each step finds one, unless fewer are reserved."""
    return [(_SELL, [_Units(variant, quantity)]) for variant, quantity in sorted(units.items())]
