"""The fitting room in a real Chromium with a real fitting worker: camera, photograph, looks, every refusal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, WebSocket, WebSocketRoute, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PERSON, PHONE, Visitor
from tests.running_shop import ROOT

Visit = Callable[..., Visitor]
Launch = Callable[..., Browser]
# Slower than this, a mirror at 640x480 no longer feels like one.
FRAMES_A_SECOND, ROUND_TRIP_MS = 12.0, 250.0
# The share of the mirror's picture that is the red of the person's own shirt.
RED = """mirror => {
  const canvas = mirror.shadowRoot.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let red = 0;
  for (let at = 0; at < data.length; at += 4) red += data[at] > 150 && data[at + 1] < 90 && data[at + 2] < 100;
  return red / (data.length / 4);
}"""


def mirror_in(page: Page, state: str, timeout: float = 30_000) -> None:
    page.locator(f"laufsteg-mirror[data-state={state}]").wait_for(timeout=timeout)


def start(page: Page, state: str = "ok") -> None:
    page.locator("laufsteg-mirror .primary").click()
    mirror_in(page, state)


def answered_by(page: Page, *texts: str) -> None:
    """Stand in for the server's end of the frame socket: it says `texts` and nothing else."""

    def serve(socket: WebSocketRoute) -> None:
        for text in texts:
            socket.send(text)

    page.route_web_socket("**/fitting/socket", serve)


@pytest.fixture(scope="module")
def empty_room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Footage of a wall with nobody before it."""
    wall = np.full((480, 640, 3), (190, 200, 205), np.uint8)
    cv2.rectangle(wall, (40, 60), (180, 220), (120, 90, 60), -1)
    path = tmp_path_factory.mktemp("footage") / "empty.mjpeg"
    path.write_bytes(cv2.imencode(".jpg", wall)[1].tobytes() * 30)
    return path


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first picture of the webcam's footage."""
    footage = PERSON.read_bytes()
    path = tmp_path_factory.mktemp("photo") / "me.jpg"
    path.write_bytes(footage[: footage.index(b"\xff\xd9", 2) + 2])
    return path


def watch_red(page: Page, enough: Callable[[float], bool]) -> float:
    """The share of red in the mirror, as soon as it is enough or nobody would wait any longer."""
    share = 0.0
    for _ in range(150):
        share = float(page.locator("laufsteg-mirror").evaluate(RED))
        if enough(share):
            break
        page.wait_for_timeout(100)
    return share


def test_the_garment_covers_what_the_person_wears(visit: Visit) -> None:
    visitor = visit(DESKTOP)
    page = visitor.open("/fitting")
    start(page)
    mirror = page.locator("laufsteg-mirror")
    red = watch_red(page, lambda share: share > 0.02)
    assert red > 0.02, "the person wears a red shirt"
    page.locator("ls-rail [data-garment=tee]").click()
    assert watch_red(page, lambda share: share < red / 2) < red / 2, "the tee covers it"
    assert mirror.evaluate("mirror => mirror.dataset.size") == "640x480"
    assert visitor.foreign_requests == []
    assert visitor.complaints == []


def test_the_mirror_keeps_its_pace_while_the_show_plays(visit: Visit) -> None:
    visitor = visit(PHONE)
    visitor.open("/watch/gala")
    page = visitor.open("/fitting?wear=tee")
    start(page)
    mirror = page.locator("laufsteg-mirror")
    measured = []
    # A machine that tests share may be busy for a while: the best of some windows counts.
    for _ in range(8):
        page.wait_for_timeout(2500)
        fps, slowest = (float(mirror.get_attribute(name) or 0) for name in ("data-fps", "data-slowest"))
        measured.append((fps, slowest))
        if fps >= FRAMES_A_SECOND and slowest < ROUND_TRIP_MS:
            return
    pytest.fail(f"frames a second and 95th percentile of the round trip: {measured}")


def test_a_link_dresses_the_shopper_and_the_address_follows_the_look(visit: Visit) -> None:
    page = visit(PHONE).open("/fitting?wear=jacket,tee,nothing-of-ours")
    rail = page.locator("ls-rail")
    expect(rail.locator("[aria-pressed=true][data-garment]")).to_have_count(2)
    rail.locator("[data-garment=dress]").click()
    expect(page.locator("ls-look li")).to_have_count(2)
    assert page.url.endswith("/fitting?wear=dress,jacket"), "a dress takes the place of the tee"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(page.url.split("?")[0] + "?wear=dress,jacket")


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
    assert page.url.endswith("?wear=tee"), "the older picture's look is worn again"
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
    assert page.url.endswith("?wear=tee,hat")


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


def test_who_shows_their_back_is_asked_to_turn_around(visit: Visit) -> None:
    page = visit(PHONE).open("/fitting?wear=tee")
    answered_by(page, json.dumps({"state": "turn-around"}))
    start(page, "turn-around")
    expect(page.locator("laufsteg-mirror [role=status]")).to_contain_text("Please turn around")
    assert page.locator(".controls").is_visible()


def test_a_photograph_is_worn_where_there_is_no_camera(visit: Visit, launch: Launch, photograph: Path) -> None:
    page = visit(PHONE, window=launch(None)).open("/fitting?wear=tee")
    start(page, "none")
    expect(page.get_by_role("heading", name="No camera found")).to_be_visible()
    assert violations(page) == []
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Use a photo instead").click()
    chooser.value.set_files(photograph)
    mirror_in(page, "ok")
    expect(page.locator("laufsteg-mirror canvas")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Use a photo instead").click()
    chooser.value.set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    mirror_in(page, "bad-photo")


def test_nobody_before_the_camera_is_told_where_to_stand(visit: Visit, launch: Launch, empty_room: Path) -> None:
    page = visit(PHONE, window=launch(empty_room)).open("/fitting?wear=tee")
    start(page, "no-person")
    expect(page.locator("laufsteg-mirror [role=status]")).to_have_text("Step back until we see your shoulders")
    assert violations(page) == []


@pytest.mark.parametrize(
    ("error", "state"),
    [("NotAllowedError", "refused"), ("NotReadableError", "in-use"), ("OverconstrainedError", "none")],
)
def test_what_the_browser_refuses_has_a_mend(visit: Visit, error: str, state: str) -> None:
    visitor = visit(PHONE)
    visitor.context.add_init_script(
        f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}') }}"
    )
    page = visitor.open("/fitting")
    start(page, state)
    expect(page.get_by_role("button", name="Use a photo instead").first).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert violations(page) == []


def test_an_insecure_address_offers_the_photograph(visit: Visit) -> None:
    visitor = visit(PHONE)
    visitor.context.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', { value: false })")
    page = visitor.open("/fitting")
    start(page, "insecure")
    expect(page.get_by_role("heading", name="The camera needs a secure address")).to_be_visible()
    assert page.get_by_role("button", name="Try again").count() == 0


def test_a_full_room_names_the_place_in_line(visit: Visit) -> None:
    page = visit(PHONE).open("/fitting")
    answered_by(page, json.dumps({"state": "busy", "position": 3}))
    start(page, "busy")
    expect(page.locator("laufsteg-mirror .card")).to_contain_text("You are number 3 in line")
    assert violations(page) == []


def test_a_lost_connection_comes_back_by_itself(visit: Visit) -> None:
    page = visit(PHONE).open("/fitting?wear=tee")
    opened: list[WebSocketRoute] = []

    def serve(socket: WebSocketRoute) -> None:
        opened.append(socket)
        socket.connect_to_server()

    page.route_web_socket("**/fitting/socket", serve)
    start(page)
    opened[0].close(code=1012, reason="restart")
    mirror_in(page, "reconnecting")
    mirror_in(page, "ok")
    assert len(opened) == 2


def test_a_mirror_that_was_taken_over_waits_to_be_asked(visit: Visit) -> None:
    visitor = visit(PHONE)
    first, second = visitor.open("/fitting"), visitor.open("/fitting")
    start(first)
    start(second)
    mirror_in(first, "replaced")
    first.get_by_role("button", name="Use the mirror here").click()
    mirror_in(first, "ok")
    mirror_in(second, "replaced")


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


def test_closing_the_mirror_closes_the_camera(visit: Visit) -> None:
    page = visit(PHONE).open("/fitting")
    start(page)
    track = page.locator("laufsteg-mirror video").evaluate_handle("video => video.srcObject.getTracks()[0]")
    page.get_by_role("button", name="Close the camera").click()
    mirror_in(page, "consent")
    assert track.evaluate("track => track.readyState") == "ended"


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("de", "dark"), ("zh", "light")])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_room_has_no_barriers(visit: Visit, device: dict[str, Any], language: str, scheme: str) -> None:
    page = visit(device, color_scheme=scheme).open(f"/fitting?lang={language}&wear=tee,trousers")
    expect(page.locator("ls-look li")).to_have_count(2)
    assert page.locator("html").get_attribute("lang") == language
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the side"
