"""The run of show as a file: what is wrong is named with its line."""

from pathlib import Path

import pytest

from app.catalogue.files import load_catalogue
from app.catalogue.folder import DEMO_FOLDER
from app.config import Config
from app.show.rundown import DEMO_FILE, MAX_ROWS, RundownError, load_rundowns, parse_rundown

HEAD = 'id = "gala"\n[title]\nen = "a"\nde = "b"\nzh = "c"\n'
ROW = '[[rows]]\ntitle = { en = "a", de = "b", zh = "c" }\nkind = "product"\nproducts = ["tee"]\n'
DROP = '[[rows]]\ntitle = { en = "a", de = "b", zh = "c" }\ndrop = { sku = "tee", variant = "tee-m", quantity = 1 }\n'


def test_the_demos_run_of_show_names_only_what_the_shop_has() -> None:
    gala = parse_rundown(DEMO_FILE.read_text(), DEMO_FILE)
    products = {listing.product.sku: listing.product for listing in load_catalogue(DEMO_FOLDER)}
    assert set(gala.products()) <= set(products)
    assert gala.products()[0] == "qipao"
    for row in gala.rows:
        if row.drop:
            assert row.drop.variant in {variant.id for variant in products[row.drop.sku].variants}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('id = "gala"\nid = "gala"\n', 2, "overwrite"),
        ('id = "Gala!"\n' + HEAD.split("\n", 1)[1], 1, "match"),
        ('id = "gala"\n', 1, "title"),
        (HEAD + "colour = 1\n", 2, "colour"),
        (HEAD + ROW + "seconds = 0.1\n", 6, "seconds"),
        (HEAD + ROW + ROW + "anchor = [0.5, 1.5]\n", 10, "anchor"),
        (HEAD + ROW.replace('["tee"]', "[]"), 6, "products"),
        (HEAD + ROW.replace('"product"', '"advert"'), 6, "kind"),
        (HEAD + ROW + "at = -1\n", 10, "-1|>= 0"),
        (HEAD + DROP + 'kind = "product"\n', 6, "no kind"),
        (HEAD + DROP.replace("quantity = 1", "quantity = 0"), 8, ">= 1"),
        (HEAD + ROW * (MAX_ROWS + 1), 0, "rows"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_reason(text: str, line: int, reason: str) -> None:
    with pytest.raises(RundownError, match=reason) as error:
        parse_rundown(text, Path("gala.toml"))
    assert str(error.value).startswith(f"gala.toml:{line}: " if line else "gala.toml: ")


def test_a_merchants_events_lie_in_the_data_folder(tmp_path: Path) -> None:
    config = Config(data=tmp_path)
    assert load_rundowns(config) == []
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "a.toml").write_text(HEAD)
    assert [rundown.id for rundown in load_rundowns(config)] == ["gala"]
    (tmp_path / "events" / "b.toml").write_text(HEAD)
    with pytest.raises(RundownError, match=r"already used in .*a\.toml"):
        load_rundowns(config)
    (tmp_path / "events" / "b.toml").write_bytes(b"\xff")
    with pytest.raises(RundownError, match="UTF-8"):
        load_rundowns(config)
    (tmp_path / "events" / "b.toml").write_text("#" * 300_000)
    with pytest.raises(RundownError, match="larger"):
        load_rundowns(config)
