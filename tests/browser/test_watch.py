"""The running show on a phone and on a desk: its states, its keyboard, its languages, its way back to the network."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Visitor, until
from tests.running_shop import Shop

PLAYS = "document.querySelector('ls-watch').player?.state === 'playing'"
MEDIA = "document.querySelector('ls-watch').player.media"
JOINED = "document.querySelector('ls-watch').show.live?.status === 'on'"
TAGS = "[...document.querySelector('ls-watch').show.cues].map((cue) => cue.id)"


def now_playing(page: Page) -> int:
    until(page, PLAYS)
    return int(until(page, MEDIA))


def test_the_show_plays_muted_with_a_clear_way_to_sound(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    page = visitor.open("/watch/gala")
    now_playing(page)
    assert page.evaluate("document.querySelector('ls-watch').player.video.muted")
    page.get_by_role("button", name="Sound on").click()
    assert not page.evaluate("document.querySelector('ls-watch').player.video.muted")
    expect(page.get_by_role("button", name="Sound off")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Laufsteg Gala")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)  # the frame that was on its way still comes
    at = page.evaluate(MEDIA)
    page.wait_for_timeout(400)
    assert page.evaluate(MEDIA) == at
    page.get_by_role("button", name="Play").click()
    until(page, f"{MEDIA} > {at}")
    assert visitor.complaints == []
    assert visitor.foreign_requests == []


def test_everything_can_be_bought_with_the_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    page = visit(DESKTOP).open("/watch/gala")
    page.locator("ls-product-list button").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = (
        "(() => { let e = document.activeElement;"
        " while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; return e; })()"
    )
    for _ in range(12):
        if page.evaluate(f"{focused}.dataset.sku ?? ''"):
            break
        page.keyboard.press("Tab")
    sku = page.evaluate(f"{focused}.dataset.sku")
    assert sku
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert page.evaluate(f"{focused}.dataset.sku") == sku


def test_a_lost_connection_is_said_and_healed_without_a_reload(visit: Callable[..., Visitor], shop: Shop) -> None:
    visitor = visit(PHONE)
    open_sockets: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        open_sockets.append(socket)

    visitor.context.route_web_socket("**/socket.io/**", pass_on)
    page = visitor.open("/watch/gala")
    now_playing(page)
    until(page, JOINED)  # the video may be faster
    visitor.context.set_offline(True)
    for socket in open_sockets:
        socket.close()
    notice = page.get_by_text("The connection dropped")
    notice.wait_for()
    cue = shop.post("/api/events/gala/cues", {"kind": "product", "products": ["hat"], "duration_ms": 60_000})["id"]
    assert cue not in page.evaluate(TAGS)
    visitor.context.set_offline(False)
    expect(notice).to_have_count(0, timeout=20_000)
    until(page, f"{TAGS}.includes('{cue}')")
    at = page.evaluate(MEDIA)
    until(page, f"{MEDIA} > {at}")
    shop.call("DELETE", f"/api/events/gala/cues/{cue}", None)
    until(page, f"!{TAGS}.includes('{cue}')")


def test_the_last_picture_stays_until_the_video_is_back(visit: Callable[..., Visitor]) -> None:
    page = visit(PHONE).open("/watch/gala")
    now_playing(page)
    page.route("**/hls/**", lambda route: route.abort())
    for _ in range(2):  # the player has given up, and asks for the playlist again and again
        page.wait_for_event("requestfailed", lambda request: request.url.endswith("/hls/gala/index.m3u8"))
    assert page.evaluate("document.querySelector('ls-watch').player.video.readyState >= 2")
    page.unroute("**/hls/**")
    now_playing(page)


def test_what_is_said_and_felt_reaches_the_others(visit: Callable[..., Visitor]) -> None:
    speaker, listener = visit(DESKTOP).open("/watch/gala"), visit(DESKTOP).open("/watch/gala")
    for page in (speaker, listener):
        until(page, JOINED)
    field = speaker.get_by_placeholder("Say something kind")
    field.fill("What a coat!")
    field.press("Enter")
    expect(listener.get_by_role("log")).to_contain_text("What a coat!")
    expect(field).to_have_value("")
    speaker.get_by_role("button", name="Applaud").click()
    expect(listener.locator(".tally")).to_have_text("1")


def test_the_show_s_states_are_seen(visit: Callable[..., Visitor], shops: Callable[..., Shop], shop: Shop) -> None:
    page = visit(PHONE, locale="de-DE").open("/watch/gala")
    now_playing(page)
    try:
        shop.post("/api/events/gala/state", {"state": "after"})
        expect(page.get_by_text("Danke fürs Zuschauen")).to_be_visible(timeout=20_000)
        assert violations(page) == []
        shop.post("/api/events/gala/state", {"state": "before"})
        expect(page.get_by_text("Der Saal füllt sich")).to_be_visible()
        assert violations(page) == []
    finally:
        shop.post("/api/events/gala/state", {"state": "live"})
    expect(page.get_by_text("Der Saal füllt sich")).to_have_count(0)
    now_playing(page)


@pytest.mark.parametrize(
    ("locale", "scheme", "device", "price"),
    [
        ("en-GB", "light", PHONE, "€24.90"),
        ("de-DE", "dark", DESKTOP, "24,90\u00a0€"),
        ("zh-CN", "dark", PHONE, "€24.90"),
    ],
    ids=["en", "de", "zh"],
)
def test_axe_finds_nothing_on_any_page_in_any_language(
    visit: Callable[..., Visitor], locale: str, scheme: str, device: dict[str, object], price: str
) -> None:
    visitor = visit(device, locale=locale, color_scheme=scheme)
    page = visitor.open("/watch/gala?piece=tee")
    assert page.evaluate("document.documentElement.lang") == locale[:2]
    expect(page.locator("ls-product .price")).to_contain_text(price)
    now_playing(page)
    assert violations(page) == []
    page.locator("[data-variant=tee-m]").click()
    page.locator("ls-product [data-bag]").click()
    page.locator("ls-bag li").wait_for()
    assert violations(page) == []
    page.locator("ls-bag .primary").click()
    page.frame_locator("iframe").locator("[data-order]").click()
    page.frame_locator("iframe").locator("#email-wrong").wait_for()
    assert violations(page) == []
    page.locator("[data-close]").click()
    assert violations(page) == []
    for path, mark in (
        ("/", "ls-product-list button"),
        ("/legal/withdrawal", "h2"),
        ("/orders/ord_AAAAAAAAAAAAAAAAAAAAAA", "h1"),
    ):
        page.goto(visitor.url + path)
        page.locator(mark).first.wait_for()
        assert violations(page) == [], path


def test_text_at_twice_its_size_stays_inside_the_page(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    for path in ("/watch/gala?piece=tee", "/checkout?variant=tee-m", "/", "/legal/terms"):
        page = visitor.open(path)
        page.locator("main :is(h1, h2):visible").first.wait_for()
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_an_unknown_show_and_an_unknown_page_say_so(visit: Callable[..., Visitor]) -> None:
    for path in ("/nowhere", "/watch/nothing"):
        page = visit(PHONE).open(path)
        expect(page.get_by_role("heading", name="This look has left the runway")).to_be_visible()
        assert violations(page) == []


def test_the_way_back_closes_what_is_open_and_then_leaves(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    page = visitor.open("/legal/terms")
    page.goto(f"{visitor.url}/watch/gala")
    sheet = page.get_by_role("dialog")
    page.locator("ls-product-list [data-sku=hat]").click()
    expect(page).to_have_url(re.compile(r"/watch/gala\?piece=hat$"))
    page.reload()
    expect(sheet.get_by_role("heading", name="Sand Fedora")).to_be_visible()
    page.go_back()
    expect(sheet).to_have_count(0)
    page.locator("[data-bag]").click()
    page.go_back()
    expect(sheet).to_have_count(0)
    assert page.url.endswith("/watch/gala")
    page.locator("ls-product-list [data-sku=tee]").click()
    page.locator("[data-close]").click()
    assert page.url.endswith("/watch/gala"), "what was closed does not come back with a reload"
    page.go_back()
    expect(page).to_have_url(re.compile("/legal/terms$"))


def test_a_shared_piece_leads_back_to_where_its_link_was(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    page = visitor.open("/legal/terms")
    page.goto(f"{visitor.url}/watch/gala?piece=tee")
    page.get_by_role("dialog").wait_for()
    page.go_back()
    expect(page).to_have_url(re.compile("/legal/terms$"))
