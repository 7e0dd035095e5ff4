"""Read a merchant's folder: one folder a product, with product.toml and its pictures."""

import hashlib
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from app.catalogue.garments import garment_ids
from app.catalogue.lines import key_lines, line_of
from app.catalogue.product import Listing, Picture, Product, ProductError, product_from
from app.config import ConfigError

# A phone loads twelve of these with the list; a camera's original is a mistake.
PICTURE_LIMIT = 2 * 1024 * 1024
TEXT_LIMIT = 256 * 1024
# 32 bits tell one version of a picture from the next.
VERSION_LENGTH = 8


@dataclass(frozen=True)
class WrongFile:
    """One thing to mend: the file, the line (0: the file as a whole) and the reason."""

    path: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}" if self.line else f"{self.path}: {self.reason}"


class CatalogueError(ConfigError):
    """Some files cannot be used. Nothing was imported."""

    def __init__(self, wrong: list[WrongFile]) -> None:
        super().__init__("The catalogue has mistakes:\n" + "\n".join(f"  {entry}" for entry in wrong))
        self.wrong = wrong


def load_catalogue(folder: Path) -> list[Listing]:
    """Every product below `folder`, in the shop's order. Raises CatalogueError naming all mistakes."""
    if not folder.is_dir():
        raise CatalogueError(
            [WrongFile(folder, 0, "there is no such folder; make it, with one folder for each product")]
        )
    listings: list[Listing] = []
    wrong: list[WrongFile] = []
    owners: dict[str, Path] = {}
    garments = garment_ids(folder)
    for path in sorted(folder.glob("*/product.toml")):
        found = load_product(path, garments)
        if isinstance(found, WrongFile):
            wrong.append(found)
            continue
        listings.append(found)
        for variant in found.product.variants:
            other = owners.setdefault(variant.id, path)
            if other != path:
                wrong.append(WrongFile(path, 0, f"the variant id {variant.id!r} is already used in {other}"))
    currencies = {listing.product.price.currency for listing in listings}
    if len(currencies) > 1:
        wrong.append(WrongFile(folder, 0, f"a shop has one currency, found {', '.join(sorted(currencies))}"))
    if wrong:
        raise CatalogueError(wrong)
    return sorted(listings, key=lambda listing: (listing.product.position, listing.product.sku))


def load_product(path: Path, garments: Collection[str]) -> Listing | WrongFile:
    """One product.toml with its pictures, or what is wrong with it; `garments` are those that can be worn."""
    try:
        raw = path.read_bytes()
        if len(raw) > TEXT_LIMIT:
            return WrongFile(path, 0, f"the file is larger than {TEXT_LIMIT // 1024} kB")
        text = raw.decode()
    except OSError as error:
        return WrongFile(path, 0, f"the file cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return WrongFile(path, 0, "the file is not UTF-8 text")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else len(text.splitlines())
        return WrongFile(path, line, re.sub(r" \(at .*\)$", "", str(error)))
    lines = key_lines(text)
    try:
        product = product_from(data)
        if product.sku != path.parent.name:
            raise ProductError(
                f"the sku is {product.sku!r} and its folder {path.parent.name!r}; name both alike", "$.sku"
            )
        if product.garment is not None and product.garment not in garments:
            raise ProductError(
                f"there is no garment {product.garment!r}; make one with `python -m fitting add`, or leave the key out",
                "$.garment",
            )
        return Listing(product, _pictures(product, path.parent))
    except ProductError as error:
        return WrongFile(path, line_of(error.path, lines), error.reason)


def _pictures(product: Product, folder: Path) -> tuple[Picture, ...]:
    found = []
    for index, name in enumerate(product.pictures):
        try:
            content = (folder / name).read_bytes()
        except OSError:
            raise ProductError(f"the picture {name!r} is not in the product's folder", f"$.pictures[{index}]") from None
        if len(content) > PICTURE_LIMIT:
            reason = f"the picture {name!r} is larger than {PICTURE_LIMIT // 1024 // 1024} MB; export it smaller"
            raise ProductError(reason, f"$.pictures[{index}]")
        found.append(Picture(name, hashlib.sha256(content).hexdigest()[:VERSION_LENGTH]))
    return tuple(found)
