"""A merchant's files: the demo's are right, and a wrong one is named with its line and reason."""

from pathlib import Path

import pytest

from app.catalogue.files import PICTURE_LIMIT, CatalogueError, WrongFile, load_catalogue, load_product
from app.catalogue.folder import DEMO_FOLDER
from app.catalogue.lines import key_lines, line_of

GOOD = '''sku = "cap"
slot = "hat"
vat_percent = 19
origin = "PT"
pictures = ["front.webp"]
position = 3

[price]
amount = 1990
currency = "EUR"

[title]
en = "Cap"
de = "Kappe"
zh = "帽"

[description]
en = "A cap."
de = """
Eine
Kappe."""
zh = "帽子。"

[material]
en = "100 % cotton"
de = "100 % Baumwolle"
zh = "100% 棉"

[[variants]]
id = "cap-s"
size = "S"
stock = 3

[[variants]]
id = "cap-m"
size = "M"
stock = 4
measures = { head = 57, brim = 7 }
'''


def write(folder: Path, text: str, sku: str = "cap", picture: bytes | None = b"picture") -> Path:
    place = folder / sku
    place.mkdir(parents=True, exist_ok=True)
    (place / "product.toml").write_text(text)
    if picture is not None:
        (place / "front.webp").write_bytes(picture)
    return place / "product.toml"


def test_the_demos_catalogue_is_right_and_complete() -> None:
    listings = load_catalogue(DEMO_FOLDER)
    assert len(listings) == 12
    assert {listing.product.slot for listing in listings} == {"top", "outer", "dress", "bottom", "hat", "glasses"}
    for listing in listings:
        product = listing.product
        assert product.vat_basis_points == 1900
        assert all("100" in text or ":" in text or "%" in text for text in (product.material.en, product.material.de))
        for picture in listing.pictures:
            assert (DEMO_FOLDER / product.sku / picture.file).stat().st_size <= 90_000
    # The state "sold out" is shown by the demo, too.
    assert any(variant.stock == 0 for listing in listings for variant in listing.product.variants)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    found = load_product(write(tmp_path, GOOD), ())
    assert not isinstance(found, WrongFile)
    assert [variant.id for variant in found.product.variants] == ["cap-s", "cap-m"]
    assert found.product.variants[1].measures == {"head": 57, "brim": 7}
    # A number and its sign stay on one line, wherever they are read.
    assert found.product.material.de == "100\u00a0% Baumwolle"


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('slot = "hat"', 'slot = "shoe"', 2, "invalid enum value 'shoe'"),
        ("vat_percent = 19", 'vat_percent = "19"', 3, "expected `float`, got `str`"),
        ("vat_percent = 19", "vat_percent = 19.005", 3, "two decimals"),
        ("position = 3", "positon = 3", 6, "the key 'positon' is unknown"),
        ("amount = 1990", "amount = 19.90", 9, "expected `int`"),
        ("amount = 1990", "amount = 0", 9, ">= 1"),
        ("amount = 1990", "", 8, "the key 'amount' is missing"),
        ('currency = "EUR"', 'currency = "Euro"', 10, "regex"),
        ('zh = "帽"', "", 12, "the key 'zh' is missing"),
        ('zh = "帽"', 'zh = ""', 15, "length"),
        ('size = "M"', 'size = "S"', 36, "the size 'S' is used twice"),
        ('id = "cap-m"', 'id = "cap-s"', 35, "the variant id 'cap-s' is used twice"),
        ('id = "cap-m"', 'id = "../m"', 35, "regex"),
        ("stock = 4", "stock = -1", 37, ">= 0"),
        ("head = 57", 'head = "wide"', 38, "expected `float`"),
        ('pictures = ["front.webp"]', 'pictures = ["back.webp"]', 5, "'back.webp' is not in the product's folder"),
        ('pictures = ["front.webp"]', 'pictures = ["../../secret.png"]', 5, "regex"),
        ('pictures = ["front.webp"]', "pictures = []", 5, "length"),
        ('sku = "cap"', 'sku = "hat"', 1, "name both alike"),
        ('currency = "EUR"', 'currency = "EUR', 10, "Illegal character"),
        ("[price]", "[price", 8, "Expected ']'"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_reason(
    tmp_path: Path, old: str, new: str, line: int, reason: str
) -> None:
    assert GOOD.count(old) >= 1
    found = load_product(write(tmp_path, GOOD.replace(old, new, 1)), ())
    assert isinstance(found, WrongFile)
    assert (found.line, reason in found.reason) == (line, True), str(found)
    assert str(found).startswith(f"{tmp_path / 'cap' / 'product.toml'}:{line}: ")


def test_files_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    path.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in str(load_product(path, ()))
    path.write_bytes(b"#" * 300_000)
    assert "larger" in str(load_product(path, ()))
    assert "cannot be read" in str(load_product(tmp_path / "none" / "product.toml", ()))


def test_a_huge_picture_is_refused(tmp_path: Path) -> None:
    found = load_product(write(tmp_path, GOOD, picture=b"0" * (PICTURE_LIMIT + 1)), ())
    assert "larger than 2 MB" in str(found)


def test_every_mistake_of_a_catalogue_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace('sku = "cap"', 'sku = "two"'), "two")  # the same variant ids
    write(tmp_path, "sku = ", "three")
    foreign = GOOD.replace("cap", "four").replace("EUR", "USD")
    write(tmp_path, foreign, "four")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(tmp_path)
    text = str(caught.value)
    assert "already used in" in text
    assert "three/product.toml:1" in text
    assert "one currency, found EUR, USD" in text
    assert len(caught.value.wrong) == 4


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no such folder"):
        load_catalogue(tmp_path / "nowhere")


def test_lines_are_found_through_multi_line_strings_and_arrays() -> None:
    text = 'a = [\n  1,\n  2,\n]\nb = """\nc = 1\n"""\n[t]\nd = { e = 1 }\n"f" = 2\n'
    lines = key_lines(text)
    assert lines == {"$": 1, "$.a": 1, "$.b": 5, "$.t": 8, "$.t.d": 9, "$.t.f": 10}
    assert line_of("$.t.d.e", lines) == 9
    assert line_of("$.a[1]", lines) == 1
    assert line_of("$.zzz.y[3].x", lines) == 1


def test_a_garment_that_nobody_can_wear_is_named(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace('slot = "hat"', 'slot = "hat"\ngarment = "cap"'))
    with pytest.raises(CatalogueError, match=r"cap/product.toml:3: there is no garment 'cap'"):
        load_catalogue(tmp_path)
    (tmp_path / "cap" / "garment").mkdir()
    (tmp_path / "cap" / "garment" / "garment.json").write_text("{")
    with pytest.raises(CatalogueError, match="there is no garment 'cap'"):
        load_catalogue(tmp_path)
    (tmp_path / "cap" / "garment" / "garment.json").write_text('{"id": "cap", "kind": "hat"}')
    assert [listing.product.garment for listing in load_catalogue(tmp_path)] == ["cap"]
