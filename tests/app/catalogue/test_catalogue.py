"""The catalogue in the ledger and over HTTP."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue import queries
from app.catalogue.files import load_catalogue
from app.catalogue.folder import DEMO_FOLDER
from app.catalogue.importer import import_catalogue, import_listings
from app.catalogue.product import Listing
from app.catalogue.shelf import to_reserve, to_sell
from app.catalogue.views import summaries
from app.ledger.engine import Ledger
from app.ledger.statement import change
from tests.app.shopping import HOST, TEES, Browser, ManualClock, open_shop

DEMO = load_catalogue(DEMO_FOLDER)


def changed(listing: Listing, **changes: object) -> Listing:
    return msgspec.structs.replace(listing, product=msgspec.structs.replace(listing.product, **changes))


async def left(ledger: Ledger, variant: str) -> int:
    async with ledger.read() as conn:
        return (await queries.variants_on_sale(conn, [variant]))[variant][0].left


async def test_a_second_import_of_the_same_files_changes_nothing(ledger: Ledger) -> None:
    first = await import_catalogue(ledger, DEMO_FOLDER, lambda: 1)
    assert len(first.saved) == 12
    second = await import_catalogue(ledger, DEMO_FOLDER, lambda: 2)
    assert (second.saved, second.retired) == ((), ())


async def test_two_processes_may_import_at_once(ledger: Ledger) -> None:
    done = await asyncio.gather(*(import_catalogue(ledger, DEMO_FOLDER, lambda: 1) for _ in range(3)))
    assert sorted(len(one.saved) for one in done) == [0, 0, 12]


async def test_stock_is_set_by_the_first_import_only(ledger: Ledger) -> None:
    tee = DEMO[0]
    more = tuple(msgspec.structs.replace(variant, stock=999) for variant in tee.product.variants)
    async with ledger.write() as conn:
        await import_listings(conn, [tee], 1)
        assert await queries.reserve(conn, "tee-m", 5)
    assert await ledger.run(change(to_sell({"tee-m": 5})))
    async with ledger.write() as conn:
        done = await import_listings(conn, [changed(tee, variants=more, vat_percent=7.0)], 2)
    assert done.saved == ("tee",)
    assert await left(ledger, "tee-m") == TEES - 5


async def test_what_disappears_from_the_files_is_not_sold_any_more_and_may_come_back(ledger: Ledger) -> None:
    tee, shirt = DEMO[0], DEMO[1]
    short = changed(tee, variants=tee.product.variants[:2])
    async with ledger.write() as conn:
        await import_listings(conn, [tee, shirt], 1)
    async with ledger.write() as conn:
        done = await import_listings(conn, [short], 2)
        assert (done.saved, done.retired) == (("tee",), ("shirt",))
        assert await queries.existing_skus(conn, ["tee", "shirt", "nothing"]) == {"tee"}
        assert set(await queries.variants_on_sale(conn, ["tee-xs", "tee-m", "shirt-m"])) == {"tee-xs"}
        assert not await queries.reserve(conn, "tee-m", 1)
        assert set(await queries.listings_of(conn, ["tee-m", "shirt-m"])) == {"tee-m", "shirt-m"}
    async with ledger.write() as conn:
        await import_listings(conn, [tee, shirt], 3)
        assert set(await queries.variants_on_sale(conn, ["tee-m", "shirt-m"])) == {"tee-m", "shirt-m"}


async def test_summaries_keep_the_order_that_was_asked_for(ledger: Ledger) -> None:
    await import_catalogue(ledger, DEMO_FOLDER, lambda: 1)
    async with ledger.read() as conn:
        found = await summaries(conn, ["hat", "nothing", "tee", "hat"], "de")
        assert [(one.sku, one.title) for one in found] == [("hat", "Fedora Sand"), ("tee", "T-Shirt Abendwelle")]
        assert len(await summaries(conn, None, "en")) == 12
        assert await summaries(conn, [], "en") == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "release", "sell", "take_back", "allot", "end_allotment", "adjust"]),
        st.integers(1, 6),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def scratch(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(migrated_file, tmp_path_factory.mktemp("stock") / "ledger.db"))


async def take_step(ledger: Ledger, name: str, amount: int) -> bool:
    """Move units of tee-m, in batches' way where there is one."""
    steps = {"reserve": to_reserve, "sell": to_sell}
    if name in steps:
        return await ledger.run(change(steps[name]({"tee-m": amount})))
    async with ledger.write() as conn:
        if name == "adjust":
            return await queries.adjust(conn, "tee-m", -amount) is not None
        moved: bool = await getattr(queries, name)(conn, "tee-m", amount)
        return moved


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_no_row_of_steps_oversells_or_loses_a_unit(scratch: Path, steps: list[tuple[str, int]]) -> None:
    async def walk() -> None:
        ledger = Ledger(f"sqlite+aiosqlite:///{scratch}")
        model = {"quantity": 80, "allotted": 0, "reserved": 0, "sold": 0}
        effects = {
            "reserve": {"reserved": 1}, "release": {"reserved": -1}, "sell": {"reserved": -1, "sold": 1},
            "take_back": {"sold": -1}, "allot": {"allotted": 1}, "end_allotment": {"allotted": -1},
            "adjust": {"quantity": -1},
        }  # fmt: skip
        try:
            async with ledger.write() as conn:
                await import_listings(conn, [DEMO[0]], 1)
                await conn.exec_driver_sql("UPDATE variants SET quantity = 12, reserved = 0, sold = 0, allotted = 0")
                model["quantity"] = 12
            for name, amount in steps:
                wanted = {key: model[key] + sign * amount for key, sign in effects[name].items()}
                after = {**model, **wanted}
                free = after["quantity"] - after["allotted"] - after["reserved"] - after["sold"]
                possible = free >= 0 and all(value >= 0 for value in after.values())
                done = await take_step(ledger, name, amount)
                assert done is possible, (name, amount, model)
                model = after if possible else model
            expected = model["quantity"] - model["allotted"] - model["reserved"] - model["sold"]
            assert await left(ledger, "tee-m") == expected
        finally:
            await ledger.close()

    asyncio.run(walk())


@pytest.fixture
async def browser(migrated_file: Path, redis_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    path = shutil.copy(migrated_file, tmp_path / "ledger.db")
    async with open_shop(f"sqlite:///{path}", redis_url, tmp_path / "data", ManualClock()) as shop:
        yield shop.browser()


async def test_a_product_is_told_in_the_language_that_is_asked_for(browser: Browser) -> None:
    for query, headers, title in [
        ("", {}, "Sunset Wave Tee"),
        ("?lang=de", {}, "T-Shirt Abendwelle"),
        ("", {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}, "日落海浪T恤"),
        ("?lang=xx", {"Accept-Language": "de"}, "T-Shirt Abendwelle"),
    ]:
        assert (await browser.get(f"/api/products/tee{query}", headers=headers))["title"] == title


async def test_lists_are_short_and_a_product_is_complete(browser: Browser) -> None:
    listed = await browser.get("/api/products")
    assert [one["sku"] for one in listed][:2] == ["tee", "jacket"]
    assert "description" not in listed[0]
    tee = await browser.get("/api/products/tee")
    assert tee["variants"][2] == {"id": "tee-m", "size": "M", "left": TEES}
    assert tee["price"] == {"amount": 2490, "currency": "EUR"}
    assert (tee["vat_percent"], tee["origin"], tee["garment"]) == (19, "PT", "tee")
    assert tee["measures"]["sizes"]["M"]["chest"] == 100
    assert tee["left"] == sum(variant["left"] for variant in tee["variants"])


async def test_unknown_products_are_not_found(browser: Browser) -> None:
    for sku in ("nothing", "..", "%2e%2e%2fetc", "tee%00", "x" * 500, "'; drop table products; --"):
        status, answer = await browser.ask("GET", f"/api/products/{sku}")
        assert status == 404, (sku, answer)


async def test_pictures_are_cached_by_their_version(browser: Browser) -> None:
    address = (await browser.get("/api/products/tee"))["pictures"][0]
    async with browser.client.get(address) as answer:
        assert (answer.status, answer.content_type) == (200, "image/webp")
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
        etag = answer.headers["ETag"]
        assert (await answer.read())[8:12] == b"WEBP"
    async with browser.client.get(address.partition("?")[0], headers={"If-None-Match": etag}) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (304, "no-cache")
    async with browser.client.get(address[:-1] + "x") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/media/products/tee/product.toml",
        "/media/products/tee/..%2fproduct.toml",
        "/media/products/..%2f..%2f/pyproject.toml",
        "/media/products/%2e%2e/tee/front.webp",
        "/media/products/tee/%2e%2e%2ffront.webp",
        "/media/products/tee/front.webp%00.png",
        "/media/products/tee/back.webp",
        "/media/products/nothing/front.webp",
        "/media/products/tee/.front.webp",
        "/media/products//etc/passwd",
    ],
)
async def test_no_address_leads_out_of_the_pictures(browser: Browser, path: str) -> None:
    from yarl import URL

    async with browser.client.session.get(
        URL(str(browser.client.make_url("")).rstrip("/") + path, encoded=True)
    ) as answer:
        assert answer.status == 404


async def test_the_host_adds_and_takes_away_free_units(browser: Browser) -> None:
    path = "/api/variants/tee-m/stock"
    assert (await browser.ask("POST", path, {"by": 5}, headers=HOST))[1] == {"id": "tee-m", "left": TEES + 5}
    assert (await browser.ask("POST", path, {"by": -TEES - 6}, headers=HOST))[0] == 409
    assert (await browser.ask("POST", path, {"by": "5"}, headers=HOST))[0] == 422
    assert (await browser.ask("POST", path, {"by": 5}))[0] == 401
    assert (await browser.ask("POST", "/api/variants/none/stock", {"by": 5}, headers=HOST))[0] == 404
