"""The host console in a real Chromium: sign-in, run of show by keys, undo, rehearsal, drops, live picture, orders."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Visitor, until
from tests.running_shop import Shop

Visit = Callable[..., Visitor]
ADDRESS = {"name": "A. Muster", "line1": "Weg 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
# The console's own live connection, for what viewers would do.
DESK = "document.querySelector('ls-host').shadowRoot.querySelector('ls-desk')"


@pytest.fixture(scope="module")
def house(shops: Callable[..., Shop]) -> Shop:
    """A shop whose show nobody else runs: the autopilot is off, and the drops that it had begun are over."""
    shop = shops()
    shop.call("PUT", "/api/events/gala/autopilot", {"on": False})
    for drop in shop.get("/api/drops?event=gala")["drops"]:
        shop.call("DELETE", f"/api/drops/{drop['id']}")
    return shop


@pytest.fixture
def console(visit: Visit, house: Shop) -> Iterator[Callable[..., Page]]:
    """Sign in and wait for the run of show: `console(PHONE, color_scheme="dark")`."""

    def enter(device: dict[str, Any] = DESKTOP, language: str = "en", **options: Any) -> Page:
        page = visit(device, at=house, **options).open(f"/host?lang={language}")
        page.locator("#password").fill(house.password)
        page.keyboard.press("Enter")
        page.locator("ls-rows li").first.wait_for()
        until(page, f"{DESK}.live.status === 'on'")
        return page

    yield enter
    house.call("POST", "/api/events/gala/state", {"state": "live"})


def row(page: Page, number: int, state: str) -> None:
    page.locator(f"ls-rows li[data-row='{number}'][data-state={state}]").wait_for()


def cues(house: Shop) -> list[str]:
    return [cue["products"][0] for cue in house.get("/api/events/gala")["cues"]]


def switch(page: Page, name: str) -> None:
    page.get_by_role("switch", name=name).click()
    page.get_by_role("heading", name="Run of show").click()


def test_a_wrong_password_is_said_and_the_right_one_opens_the_desk(visit: Visit, house: Shop) -> None:
    page = visit(PHONE, at=house).open("/host")
    page.locator("#password").fill("not this one")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("That was not the right password.")
    assert violations(page) == []
    page.locator("#password").fill(house.password)
    page.keyboard.press("Enter")
    expect(page.locator("ls-rows li")).to_have_count(7)
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#password")).to_be_visible()


def test_the_run_of_show_goes_by_keys_and_a_mistake_is_undone_by_one(console: Callable[..., Page], house: Shop) -> None:
    page = console()
    row(page, 1, "next")
    page.keyboard.press("Space")
    row(page, 1, "on")
    assert cues(house) == ["qipao"]
    expect(page.locator(".toast")).to_contain_text("Shown: Qipao")
    page.keyboard.press("Backspace")
    row(page, 1, "next")
    assert cues(house) == []
    expect(page.locator(".toast")).to_be_hidden()
    page.keyboard.press("2")
    row(page, 2, "on")
    row(page, 3, "next")
    page.keyboard.press("2")
    row(page, 2, "done")
    until(page, f"{DESK}.live.timeline.live({DESK}.media.now()).length === 0")
    assert page.locator(".toast").inner_text().startswith("Ended: The whole look")


def test_keys_are_text_while_somebody_types_and_can_be_switched_off(console: Callable[..., Page], house: Shop) -> None:
    page = console()
    page.get_by_role("button", name="Orders", exact=True).click()
    page.get_by_label("Number, name or e-mail").press_sequentially("12 3")
    switch(page, "Keys")
    page.keyboard.press("3")
    page.wait_for_timeout(500)
    assert cues(house) == []
    switch(page, "Keys")


def test_a_rehearsal_does_everything_without_an_audience(console: Callable[..., Page], house: Shop) -> None:
    page = console()
    seq = house.get("/api/events/gala")["seq"]
    switch(page, "Rehearsal")
    page.keyboard.press("Space")
    row(page, 1, "on")
    page.keyboard.press("7")
    row(page, 7, "on")
    expect(page.locator("ls-sale li")).to_have_count(1)
    assert violations(page) == []
    page.keyboard.press("Backspace")
    expect(page.locator("ls-sale li")).to_have_count(0)
    page.get_by_role("button", name="Look at my camera").click()
    expect(page.get_by_role("button", name="Go live")).to_be_disabled()
    switch(page, "Rehearsal")
    row(page, 1, "next")
    assert house.get("/api/events/gala")["seq"] == seq


def test_a_drop_of_the_form_is_revealed_and_ends_at_the_second_press(console: Callable[..., Page], house: Shop) -> None:
    page = console()
    page.get_by_text("Another drop").click()
    page.get_by_label("Product").select_option("hat")
    page.get_by_label("Size").select_option("hat-m")
    page.get_by_label("Pieces").fill("5")
    page.get_by_role("button", name="Start this drop").click()
    drop = page.locator("ls-sale li").filter(has_text="Sand Fedora")
    expect(drop).to_contain_text("5 of 5 left")
    drop.get_by_role("button").click()
    expect(drop.get_by_role("button")).to_have_text("Press again")
    drop.get_by_role("button").click()
    expect(drop).to_have_count(0)
    drops = house.get("/api/drops?event=gala")["drops"]
    assert ("hat", 5, "ended") in [(one["sku"], one["quantity"], one["state"]) for one in drops]


def test_the_host_goes_live_from_the_browser_and_a_second_one_is_refused(
    console: Callable[..., Page], house: Shop
) -> None:
    page = console()
    page.get_by_role("button", name="Look at my camera").click()
    page.get_by_role("button", name="Go live").click()
    page.locator("ls-air[data-air=live]").wait_for()
    expect(page.locator("[data-figure=ingest][data-state=live]")).to_be_visible(timeout=20_000)
    assert violations(page) == []
    other = console()
    other.get_by_role("button", name="Look at my camera").click()
    other.get_by_role("button", name="Go live").click()
    expect(other.get_by_role("alert").filter(has_text="Somebody is live already")).to_be_visible()
    page.get_by_role("button", name="Stop sending").click()
    page.locator("ls-air[data-air=preview]").wait_for()
    expect(page.locator("[data-figure=ingest][data-state=film]")).to_be_visible(timeout=20_000)


def test_an_encoder_gets_address_and_key_and_the_key_can_be_replaced(console: Callable[..., Page], house: Shop) -> None:
    page = console()
    page.get_by_role("button", name="OBS, encoder").click()
    page.get_by_role("button", name="Show address and key").click()
    expect(page.get_by_label("Server (WHIP)")).to_have_value(f"{house.url}/whip/gala")
    expect(page.get_by_label("Bearer token")).to_have_value(house.stream_key)
    page.get_by_role("button", name="Replace the key").click()
    page.get_by_role("button", name="Replace it, the old one stops working").click()
    expect(page.get_by_label("Bearer token")).not_to_have_value(house.stream_key)
    assert page.get_by_label("Bearer token").input_value() == house.get("/api/events/gala/stream-key")["key"]
    assert violations(page) == []


def test_a_line_is_hidden_from_every_screen_with_one_click(console: Callable[..., Page]) -> None:
    page, other = console(), console()
    said = f"What a hat {secrets.token_hex(3)}"
    answer = other.evaluate(f"text => {DESK}.live.say(text)", said)
    assert answer.get("ok"), answer
    line = page.locator("ls-talk li").filter(has_text=said)
    expect(line).to_have_count(1)
    page.get_by_role("button", name=f"Hide: {said}").click()
    expect(line).to_have_count(0)
    expect(other.locator("ls-talk li").filter(has_text=said)).to_have_count(0)


def buy(page: Page, quantity: int) -> None:
    body = {
        "holds": [], "lines": [{"variant": "tee-m", "quantity": quantity}], "email": "a@example.org",
        "address": ADDRESS, "payment": {"method": "sandbox", "behaviour": "approve"},
    }  # fmt: skip
    status = page.evaluate(
        """async body => (await fetch("/api/checkout", { method: "POST", body: JSON.stringify(body),
             headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() } })).status""",
        body,
    )
    assert status == 201


def test_an_order_is_refunded_by_the_piece_or_whole_in_two_steps(console: Callable[..., Page]) -> None:
    page = console()
    buy(page, 2)
    page.get_by_role("button", name="Orders", exact=True).click()
    order = page.locator("ls-orders li").first
    expect(order).to_contain_text("A. Muster")
    assert violations(page) == []
    order.locator("[data-refund]").click()
    order.locator("[data-line='1']").click()
    expect(order).to_contain_text("partly refunded")
    order.locator("[data-refund]").click()
    order.get_by_role("button", name="Refund €").click()
    expect(order).to_contain_text("· refunded")
    expect(page.locator("[data-figure=orders] dd")).not_to_have_text("–")


def test_an_order_goes_its_way_by_keys_and_its_customer_reads_where_it_is(console: Callable[..., Page]) -> None:
    page = console(PHONE, "de")
    buy(page, 1)
    page.get_by_role("button", name="Bestellungen", exact=True).click()
    order = page.locator("ls-orders li").first
    for state, word, ahead in [("packed", "gepackt", 4), ("shipped", "versandt", 3), ("delivered", "zugestellt", 3)]:
        order.locator("[data-step]").focus()
        page.keyboard.press("Enter")
        # The focus is on what does no harm.
        expect(order.get_by_role("button", name="Doch nicht")).to_be_focused()
        expect(order.get_by_role("button")).to_have_count(ahead)
        if state == "packed":
            assert violations(page) == []
        order.locator(f"[data-state={state}]").press("Enter")
        expect(order).to_contain_text(f"· {word}")
    order.locator("[data-step]").click()
    expect(order.get_by_role("button")).to_have_text(["Als zurückgegeben vermerken", "Doch nicht"])
    with page.expect_popup() as opened:
        order.get_by_role("link").click()
    expect(opened.value.locator("h1[data-state=delivered]")).to_have_text("Zugestellt")
    opened.value.close()


def test_an_order_is_called_off_in_two_steps_and_all_of_them_can_be_taken_home(console: Callable[..., Page]) -> None:
    page = console()
    buy(page, 1)
    page.get_by_role("button", name="Orders", exact=True).click()
    order = page.locator("ls-orders li").first
    order.locator("[data-cancel]").click()
    order.locator("[data-end]").click()
    expect(order).to_contain_text("cancelled")
    with page.expect_popup() as opened:
        order.get_by_role("link").click()
    expect(opened.value.locator("h1[data-state=cancelled]")).to_have_text("Called off by the shop")
    opened.value.close()
    with page.expect_download() as download:
        page.locator("[data-csv]").click()
    assert "A. Muster" in download.value.path().read_text()


def test_a_host_reads_whether_a_draw_was_fair(console: Callable[..., Page], house: Shop) -> None:
    page = console()
    page.get_by_role("button", name="Fairness").click()
    expect(page.locator("ls-fairness")).to_contain_text("After a drop’s draw you read here whether it was fair.")
    drop = house.draw("hat-l", quantity=2, asking=5)
    page = console(PHONE, "de")
    page.get_by_role("button", name="Fairness").click()
    report = page.locator(f"ls-fairness li[data-drop='{drop}']")
    expect(report).to_contain_text("2 von 5 Personen, die in den ersten Sekunden gefragt haben, kamen zum Zug")
    expect(report).to_contain_text("machte keinen Unterschied")
    expect(report.get_by_role("progressbar")).to_have_count(3)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the side"
    with page.expect_download() as download:
        report.get_by_role("link").click()
    assert '"won":true' in download.value.path().read_text().replace(" ", "")


def test_what_the_shop_wrote_can_be_read(console: Callable[..., Page]) -> None:
    page = console(PHONE)
    buy(page, 1)
    page.get_by_role("button", name="Mail").click()
    mail = page.locator("ls-mail li").first
    expect(mail).to_contain_text("Your order")
    expect(mail).to_contain_text("waiting")
    mail.locator("summary").click()
    expect(mail.locator("pre")).to_contain_text("thank you for your order")
    assert violations(page) == []


def test_the_show_ends_after_a_question_and_can_be_taken_up_again(console: Callable[..., Page], house: Shop) -> None:
    page = console()
    page.get_by_role("button", name="End the show").click()
    assert violations(page) == []
    page.get_by_role("button", name="Not yet").click()
    assert house.get("/api/events/gala")["state"] == "live"
    page.get_by_role("button", name="End the show").click()
    page.get_by_role("button", name="End it").click()
    expect(page.locator(".state[data-state=after]")).to_be_visible()
    page.get_by_role("button", name="Take it up again").click()
    expect(page.locator(".state[data-state=live]")).to_be_visible()


@pytest.mark.parametrize(
    ("device", "language", "scheme"), [(DESKTOP, "de", "dark"), (PHONE, "zh", "light"), (PHONE, "en", "dark")]
)
def test_the_desk_has_no_barriers(
    console: Callable[..., Page], device: dict[str, Any], language: str, scheme: str
) -> None:
    page = console(device, language, color_scheme=scheme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the side"


def test_a_moderator_sees_the_chat_and_nothing_else(visit: Visit, house: Shop) -> None:
    password = secrets.token_hex(12)
    house.post("/api/host/accounts", {"name": "mo", "password": password, "role": "moderator"})
    page = visit(PHONE, at=house).open("/host")
    page.get_by_role("button", name="Sign in under another name").click()
    page.get_by_label("Name").fill("mo")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Chat")).to_be_visible()
    assert page.locator("ls-rows, ls-air, ls-orders").count() == 0
    assert violations(page) == []
