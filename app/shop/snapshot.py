"""What is bought, by whom, for how much, kept as it was at the moment of the order."""

import msgspec
from msgspec import Struct

from app.shop.address import Address
from app.shop.cart import Cart, vat_rate
from app.shop.money import Money
from app.shop.shipping import Zone
from app.shop.tax import Vat


class SnapshotLine(Struct, frozen=True):
    """One line; nothing in it follows later changes of the catalogue."""

    line: int
    variant: str
    sku: str
    title: str
    size: str
    material: str
    picture: str | None
    quantity: int
    price: Money
    vat_basis_points: int
    hold: str | None = None
    drop: str | None = None

    @property
    def total(self) -> Money:
        """What the line cost."""
        return self.price * self.quantity


class Snapshot(Struct, frozen=True):
    """An order's content."""

    lines: tuple[SnapshotLine, ...]
    subtotal: Money
    shipping: Money
    vat: tuple[Vat, ...]
    total: Money
    email: str
    address: Address
    language: str

    @property
    def holds(self) -> list[str]:
        """The holds that are bought."""
        return [line.hold for line in self.lines if line.hold is not None]

    def from_stock(self) -> list[tuple[str, int]]:
        """Units of normal stock by variant, sorted so that two transactions never lock crosswise."""
        return sorted((line.variant, line.quantity) for line in self.lines if line.hold is None)

    def from_drops(self) -> list[tuple[str, int]]:
        """Units by drop, in a shared order."""
        quantities: dict[str, int] = {}
        for line in self.lines:
            if line.drop is not None:
                quantities[line.drop] = quantities.get(line.drop, 0) + line.quantity
        return sorted(quantities.items())


def take_snapshot(cart: Cart, zone: Zone, *, email: str, address: Address, language: str) -> Snapshot:
    """Freeze a cart that is ready."""
    sold = [(line, line.article) for line in cart.lines if line.article is not None]
    lines = tuple([
        SnapshotLine(
            number, line.variant, article.sku, article.title, article.size, article.material, article.picture,
            line.quantity, line.price, vat_rate(line, zone), line.hold, line.drop,
        )
        for number, (line, article) in enumerate(sold, 1)
    ])  # fmt: skip
    return Snapshot(lines, cart.subtotal, cart.shipping, cart.vat, cart.total, email, address, language)


# A checkout looks at its own three times within a moment.
_RECENT_MAX = 512
_recent: dict[str, Snapshot] = {}


def encoded(snapshot: Snapshot) -> str:
    """As kept in the ledger."""
    document = msgspec.json.encode(snapshot).decode()
    _remember(document, snapshot)
    return document


def decoded(document: str) -> Snapshot:
    """As it was kept."""
    snapshot = _recent.get(document)
    if snapshot is None:
        snapshot = msgspec.json.decode(document, type=Snapshot)
        _remember(document, snapshot)
    return snapshot


def _remember(document: str, snapshot: Snapshot) -> None:
    if len(_recent) >= _RECENT_MAX:
        _recent.pop(next(iter(_recent)))
    _recent[document] = snapshot
