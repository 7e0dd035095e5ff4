"""The fitting room in a real Chromium: looks, pictures, sizes, and what it says before it asks for the camera."""

import json
import re
from collections.abc import Callable
from typing import Any

import cv2
import pytest
from playwright.sync_api import WebSocket, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.browser.mirroring import start
from tests.running_shop import ROOT

Visit = Callable[..., Visitor]


def test_a_link_dresses_the_shopper_and_the_address_follows_the_look(visit: Visit) -> None:
    page = visit(PHONE).open("/fitting?wear=jacket,tee,nothing-of-ours")
    rail = page.locator("ls-rail")
    expect(rail.locator("[aria-pressed=true][data-garment]")).to_have_count(2)
    rail.locator("[data-garment=dress]").click()
    expect(page.locator("ls-look li")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/fitting\?wear=dress,jacket$"))  # a dress takes the place of the tee
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(re.compile(r"\?wear=dress,jacket$"))


def test_pictures_are_taken_after_a_countdown_compared_and_stay_in_the_browser(visit: Visit) -> None:
    page = visit(DESKTOP).open("/fitting?wear=tee")
    start(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method != "GET" else None)
    for garment in ("jacket", "hat"):
        page.locator(".shutter").click()
        expect(page.locator(".count")).to_have_text("3")
        expect(page.locator(".count")).to_have_count(0, timeout=8_000)
        page.locator(f"ls-rail [data-garment={garment}]").click()
    page.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("figure")).to_have_count(2)
    assert violations(page) == []
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Download").first.click()
    picture = cv2.imread(str(download.value.path()))
    assert picture is not None and picture.shape[1] * 3 == picture.shape[0] * 4
    dialog.get_by_role("button", name="Wear this").nth(1).click()
    expect(page).to_have_url(re.compile(r"\?wear=tee$"))  # the older picture's look is worn again
    assert sent == []


def test_a_look_is_saved_as_garment_ids_and_bought_as_a_whole(visit: Visit) -> None:
    page = visit(PHONE).open("/fitting?wear=tee,hat")
    page.get_by_role("button", name="Save this look").click()
    page.get_by_role("button", name="Add the look to the bag").click()
    expect(page.get_by_label("Size of Sunset Wave Tee")).to_be_focused()
    page.get_by_label("Size of Sunset Wave Tee").select_option("tee-m")
    page.get_by_label("Size of Sand Fedora").select_option("hat-m")
    page.get_by_role("button", name="Add the look to the bag").click()
    expect(page.locator(".bar .told")).to_contain_text("2 pieces are in your bag.")
    expect(page.get_by_role("link", name="To the checkout")).to_be_visible()
    kept = page.evaluate("JSON.parse(localStorage['laufsteg.looks'])")
    assert [set(look) for look in kept] == [{"garments", "saved"}]
    bag = page.evaluate("JSON.parse(localStorage['laufsteg.bag'])")
    assert [line["variant"] for line in bag] == ["tee-m", "hat-m"]
    page.goto(page.url.split("?")[0])
    page.get_by_role("button", name="Wear: Sunset Wave Tee, Sand Fedora").click()
    expect(page).to_have_url(re.compile(r"\?wear=tee,hat$"))


def test_size_advice_says_where_it_comes_from_or_that_it_cannot_tell(visit: Visit) -> None:
    page = visit(PHONE).open("/fitting?wear=tee,hat")
    page.get_by_text("Find your size").click()
    page.get_by_label("Height").fill("175")
    look = page.locator("ls-look")
    expect(look).to_contain_text("from your height, for an average build")
    expect(look).to_contain_text("Can’t tell from this")
    page.get_by_label("Around the chest").fill("92,0")
    expect(look).to_contain_text("S–M")
    assert page.evaluate("JSON.stringify(localStorage)").find("92") == -1, "measures of the body are not kept"


def test_the_picture_and_the_height_tell_a_size_and_the_chosen_one_is_drawn(visit: Visit) -> None:
    page = visit(DESKTOP).open("/fitting?wear=tee")
    wishes: list[dict[str, Any]] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda sent: wishes.append(json.loads(sent)) if isinstance(sent, str) else None)

    page.on("websocket", listen)
    start(page)
    page.get_by_text("Find your size").click()
    page.get_by_label("Height").fill("171")
    expect(page.locator("ls-look .advice")).to_contain_text("picture")
    page.get_by_label("Size of Sunset Wave Tee").select_option("tee-xl")
    wanted = {"wear": ["tee"], "sizes": {"tee": "XL"}, "height_cm": 171}
    for _ in range(200):
        if wishes[-1] == wanted:
            break
        page.wait_for_timeout(50)
    assert wishes[-1] == wanted
    assert len({json.dumps(wish) for wish in wishes}) == len(wishes), "nothing is asked for twice"


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_the_page_says_where_pictures_go_before_any_is_taken(visit: Visit, language: str) -> None:
    sentence = json.loads((ROOT / "web" / "texts" / f"{language}.json").read_text())["fitting.consent.text"]
    visitor = visit(PHONE)
    visitor.context.add_init_script(
        "globalThis.asked = 0; const { mediaDevices } = navigator;"
        "const ask = mediaDevices.getUserMedia.bind(mediaDevices);"
        "mediaDevices.getUserMedia = (...wish) => { globalThis.asked += 1; return ask(...wish); };"
    )
    page = visitor.open(f"/fitting?lang={language}&wear=tee")
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    expect(page.locator("laufsteg-mirror .card p")).to_have_text(sentence)
    page.locator("ls-rail [data-garment=jacket]").click()
    expect(page.locator("ls-look li")).to_have_count(2)
    assert (page.evaluate("asked"), sockets) == (0, [])
    start(page)
    assert page.evaluate("asked") == 1
    assert [url.rsplit("/", 2)[1:] for url in sockets] == [["fitting", "socket"]]


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("de", "dark"), ("zh", "light")])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_room_has_no_barriers(visit: Visit, device: dict[str, Any], language: str, scheme: str) -> None:
    page = visit(device, color_scheme=scheme).open(f"/fitting?lang={language}&wear=tee,trousers")
    expect(page.locator("ls-look li")).to_have_count(2)
    assert page.locator("html").get_attribute("lang") == language
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the side"
