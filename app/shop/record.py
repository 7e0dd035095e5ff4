"""Orders, their lines and refunds as the ledger keeps them."""

from msgspec import Struct


class Order(Struct, frozen=True, kw_only=True):
    """A row of `orders`; `document` is a Snapshot as JSON."""

    id: str
    number: str
    attempt: str
    shopper: str | None
    state: str
    email: str
    name: str
    language: str
    amount: int
    refunded: int
    currency: str
    document: str
    created_ms: int
    updated_ms: int
    withdrawn_ms: int | None = None


class OrderLine(Struct, frozen=True, kw_only=True):
    """A row of `order_lines`."""

    order_id: str
    line: int
    variant: str
    sku: str
    title: str
    size: str
    material: str
    quantity: int
    unit_amount: int
    vat_basis_points: int
    drop_id: str | None
    hold_id: str | None
    refunded: int = 0
    restocked: int = 0


class Refund(Struct, frozen=True, kw_only=True):
    """A row of `refunds`."""

    id: str
    order_id: str
    key: str
    fingerprint: str
    state: str
    amount: int
    created_ms: int
    check_ms: int | None
    refusals: int = 0
    error: str | None = None
