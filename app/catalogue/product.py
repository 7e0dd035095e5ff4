"""What a merchant writes about a product, as typed values, and the rules it has to keep. No I/O."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Language = Literal["en", "de", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "de", "zh")
Slot = Literal["top", "outer", "dress", "bottom", "hat", "glasses"]

# Ids become parts of addresses and file names, so they are as plain as can be.
ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
PICTURE_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,62}\.(webp|png|jpg|avif)$"
# A million units or ten million euros are typing errors.
STOCK_LIMIT = 1_000_000
PRICE_LIMIT = 1_000_000_000

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Line = Annotated[str, Meta(min_length=1, max_length=200)]
Prose = Annotated[str, Meta(min_length=1, max_length=2000)]
Centimetres = Annotated[float, Meta(gt=0, lt=500)]


class ProductError(ValueError):
    """A product's data breaks a rule. `path` names the member, such as `$.variants[1].id`."""

    def __init__(self, reason: str, path: str = "$") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path


class _Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown keys are refused, so that a misspelt one does not vanish silently."""


class Titles(_Part, frozen=True):
    """One line in every language."""

    en: Line
    de: Line
    zh: Line


class Texts(_Part, frozen=True):
    """A paragraph in every language."""

    en: Prose
    de: Prose
    zh: Prose


class Price(_Part, frozen=True):
    """Minor units, VAT included."""

    amount: Annotated[int, Meta(gt=0, lt=PRICE_LIMIT)]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]


class Variant(_Part, frozen=True):
    """One size. `stock` counts when the variant is imported for the first time and never again."""

    id: Id
    size: Annotated[str, Meta(min_length=1, max_length=16)]
    stock: Annotated[int, Meta(ge=0, lt=STOCK_LIMIT)]
    measures: dict[Id, Centimetres] = {}


class Product(_Part, frozen=True):
    """One product.toml."""

    sku: Id
    slot: Slot
    vat_percent: Annotated[float, Meta(ge=0, lt=100)]
    origin: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    pictures: Annotated[tuple[Annotated[str, Meta(pattern=PICTURE_PATTERN)], ...], Meta(min_length=1, max_length=12)]
    price: Price
    title: Titles
    description: Texts
    material: Texts
    variants: Annotated[tuple[Variant, ...], Meta(min_length=1, max_length=40)]
    fit: Texts | None = None
    care: Texts | None = None
    garment: Id | None = None
    position: Annotated[int, Meta(ge=0, lt=1_000_000)] = 1000

    @property
    def vat_basis_points(self) -> int:
        """The VAT rate in hundredths of a percent: 19 % is 1900, 8.1 % is 810."""
        return round(self.vat_percent * 100)


class Picture(Struct, frozen=True):
    """A picture file and the start of its content's SHA-256, which makes its address immutable."""

    file: str
    version: str


class Listing(Struct, frozen=True):
    """A product as it is kept in the ledger."""

    product: Product
    pictures: tuple[Picture, ...]


def product_from(data: dict[str, object]) -> Product:
    """Parsed TOML as a checked product. Raises ProductError with the member's path."""
    try:
        product = msgspec.convert(data, Product)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None
    check(product)
    return msgspec.structs.replace(product, material=_unbroken(product.material))


def check(product: Product) -> None:
    """The rules that types cannot say. Raises ProductError."""
    if abs(product.vat_percent * 100 - product.vat_basis_points) > 1e-6:
        raise ProductError("a VAT rate has at most two decimals", "$.vat_percent")
    seen_ids: set[str] = set()
    seen_sizes: set[str] = set()
    for index, variant in enumerate(product.variants):
        if variant.id in seen_ids:
            raise ProductError(f"the variant id {variant.id!r} is used twice", f"$.variants[{index}].id")
        if variant.size in seen_sizes:
            raise ProductError(f"the size {variant.size!r} is used twice", f"$.variants[{index}].size")
        seen_ids.add(variant.id)
        seen_sizes.add(variant.size)
    if len(set(product.pictures)) != len(product.pictures):
        raise ProductError("a picture is named twice", "$.pictures")


def _unbroken(texts: Texts) -> Texts:
    """A number and its percent sign stay on one line."""
    return Texts(
        **{name: re.sub(r"(?<=\d) (?=%)", "\u00a0", text) for name, text in msgspec.structs.asdict(texts).items()}
    )


def _explained(message: str) -> ProductError:
    """msgspec's message, split into the reason and the path; the unknown or missing key becomes part of the path."""
    reason, _, path = message.partition(" - at `")
    path = path.rstrip("`") or "$"
    if unknown := re.fullmatch(r"Object contains unknown field `(.+)`", reason):
        return ProductError(f"the key {unknown[1]!r} is unknown", f"{path}.{unknown[1]}")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", reason):
        return ProductError(f"the key {missing[1]!r} is missing", path)
    return ProductError(reason[0].lower() + reason[1:], path)
