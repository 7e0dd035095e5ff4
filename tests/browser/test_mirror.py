"""The mirror in a real Chromium with a real fitting worker: camera, photograph, its pace, every refusal."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PERSON, PHONE, Visitor
from tests.browser.mirroring import mirror_in, start

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
    # Its figures are told twice a second, and it may be seen to work before the first time.
    expect(mirror).to_have_attribute("data-size", "640x480")
    assert visitor.foreign_requests == []
    assert visitor.complaints == []


@pytest.mark.alone
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


def test_closing_the_mirror_closes_the_camera(visit: Visit) -> None:
    page = visit(PHONE).open("/fitting")
    start(page)
    track = page.locator("laufsteg-mirror video").evaluate_handle("video => video.srcObject.getTracks()[0]")
    page.get_by_role("button", name="Close the camera").click()
    mirror_in(page, "consent")
    assert track.evaluate("track => track.readyState") == "ended"
