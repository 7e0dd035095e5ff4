"""A shopper buys over the running show: from the tag to the receipt, with every answer a payment can give."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Visitor, until
from tests.running_shop import Shop

ADDRESS = {"email": "ada@example.org", "name": "Ada Muster", "line1": "Weg 1", "postal_code": "10115", "city": "Berlin"}
MOVES = "document.querySelector('ls-watch').player.video.currentTime"


def fill(frame: FrameLocator | Page) -> None:
    for field, value in ADDRESS.items():
        frame.locator(f"#{field}").fill(value)


def pay(frame: FrameLocator, behaviour: str) -> None:
    frame.locator(f"input[value={behaviour}]").check(force=True)
    frame.locator("[data-order]").click()


def piece(visitor: Visitor, sku: str, variant: str) -> tuple[Page, FrameLocator]:
    """The watch page with a product's sheet open and its size chosen."""
    page = visitor.open(f"/watch/gala?piece={sku}")
    page.locator(f"[data-variant={variant}]").click()
    return page, page.frame_locator("iframe")


def test_from_the_tag_on_the_picture_to_the_receipt_while_the_show_goes_on(
    visit: Callable[..., Visitor], shop: Shop
) -> None:
    visitor = visit(PHONE, locale="de-DE")
    page = visitor.open("/watch/gala")
    tag = page.locator("ls-tags button[data-sku]").first
    tag.wait_for(timeout=40_000)
    # The tag may leave with its frame at any moment: it is clicked where it stands.
    sku = tag.get_attribute("data-sku")
    tag.dispatch_event("click")
    sheet = page.get_by_role("dialog")
    expect(sheet.locator(".price")).to_contain_text("€")
    sheet.locator("[data-variant]:not([disabled])").first.click()
    sheet.locator("[data-buy]").click()
    frame = page.frame_locator("iframe")
    fill(frame)
    before = page.evaluate(MOVES)
    button = frame.locator("[data-order]")
    expect(button).to_have_text("Zahlungspflichtig bestellen")
    # Nothing stands between the sums and the button that obliges to pay.
    assert button.evaluate("button => button.previousElementSibling.localName") == "ls-sums"
    expect(frame.locator("[data-total]")).to_contain_text("€")
    expect(frame.locator("[data-vat]").first).to_contain_text("€")
    expect(frame.locator("[data-shipping]")).not_to_be_empty()
    button.click()
    receipt = frame.locator("[data-receipt]")
    receipt.wait_for()
    order = receipt.get_attribute("data-receipt")
    found = shop.get(f"/api/orders/{order}")
    assert (found["state"], found["lines"][0]["sku"], found["email"]) == ("paid", sku, ADDRESS["email"])
    until(page, f"{MOVES} > {before}")
    frame.locator("[data-leave]").click()
    expect(sheet).to_have_count(0)
    assert visitor.complaints == []
    assert visitor.foreign_requests == []


def test_a_returning_shopper_buys_with_two_taps(visit: Callable[..., Visitor], shop: Shop) -> None:
    visitor = visit(PHONE)
    page, frame = piece(visitor, "hat", "hat-m")
    page.locator("[data-buy]").click()
    fill(frame)
    pay(frame, "approve")
    frame.locator("[data-receipt]").wait_for()
    # What is told below the order may come late: the order is in sight all the same.
    page.route("**/api/products/jacket?**", lambda _: None)
    page.goto(f"{visitor.url}/watch/gala?piece=jacket")
    page.locator("[data-variant=jacket-m]").click()  # one
    order = frame.locator("[data-order]")
    order.wait_for()
    until(page, "document.querySelector('ls-watch').shadowRoot.querySelector('.sheet').classList.contains('paying')")
    expect(order).to_be_in_viewport()
    order.click()  # two
    receipt = frame.locator("[data-receipt]")
    receipt.wait_for()
    assert shop.get(f"/api/orders/{receipt.get_attribute('data-receipt')}")["state"] == "paid"


def test_a_declined_payment_says_so_and_another_one_succeeds(visit: Callable[..., Visitor]) -> None:
    page, frame = piece(visit(DESKTOP), "tee", "tee-l")
    page.locator("[data-buy]").click()
    frame.locator("[data-order]").click()
    expect(frame.locator("#email")).to_be_focused()
    expect(frame.locator("#email-wrong")).to_be_visible()
    fill(frame)
    pay(frame, "decline")
    expect(frame.locator("[role=alert]")).to_contain_text("Nothing was charged")
    pay(frame, "approve")
    frame.locator("[data-receipt]").wait_for()


@pytest.mark.parametrize(("answer", "state"), [("confirm", "paid"), ("deny", "declined")])
def test_the_bank_asks_inside_the_show_and_its_answer_counts(
    visit: Callable[..., Visitor], answer: str, state: str
) -> None:
    page, frame = piece(visit(PHONE), "tee", "tee-s")
    page.locator("[data-buy]").click()
    fill(frame)
    pay(frame, "challenge")
    frame.locator(f"button[value={answer}]").click()
    if state == "paid":
        frame.locator("[data-receipt]").wait_for()
    else:
        expect(frame.locator("[role=alert]")).to_contain_text("Nothing was charged")


def test_a_slow_payment_shows_that_it_goes_on_and_ends_with_the_receipt(visit: Callable[..., Visitor]) -> None:
    page, frame = piece(visit(PHONE), "tee", "tee-xl")
    page.locator("[data-buy]").click()
    fill(frame)
    pay(frame, "slow")
    expect(frame.locator("progress")).to_be_visible()
    frame.locator("[data-receipt]").wait_for()


def test_the_bag_outlives_a_reload_and_empties_with_the_order(visit: Callable[..., Visitor]) -> None:
    page, frame = piece(visit(PHONE), "trousers", "trousers-m")
    page.locator("ls-product [data-bag]").click()
    page.goto(page.url.split("?")[0])
    page.locator(".bag").click()
    line = page.locator("ls-bag li")
    expect(line).to_have_count(1)
    line.get_by_role("button").last.click()
    expect(line.locator("output")).to_have_text("2")
    page.locator("ls-bag .primary").click()
    fill(frame)
    pay(frame, "approve")
    frame.locator("[data-receipt]").wait_for()
    page.locator("[data-close]").click()
    expect(page.locator(".bag .count")).to_have_count(0)


def test_the_checkout_works_as_a_page_of_its_own(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    page = visitor.open("/checkout?variant=tee-m")
    for field, value in ADDRESS.items():
        page.locator(f"#{field}").fill(value)
    page.locator("[data-order]").click()
    page.locator("[data-receipt] a").click()
    expect(page.locator("h1[data-state=paid]")).to_be_visible()
    expect(page.get_by_text("A. Muster").or_(page.get_by_text("Ada Muster"))).to_be_visible()
    assert page.request.get(visitor.url + str(page.locator("[data-print]").get_attribute("href"))).ok
    page.get_by_role("button", name="Withdraw from the contract").click()
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_role("button", name="Confirm the withdrawal")).to_be_in_viewport()
    page.get_by_role("button", name="Confirm the withdrawal").click()
    expect(page.get_by_text("You declared your withdrawal")).to_be_visible()


def test_somebody_elses_order_is_not_shown(visit: Callable[..., Visitor]) -> None:
    page = visit(PHONE).open("/orders/ord_AAAAAAAAAAAAAAAAAAAAAA")
    expect(page.get_by_text("belongs to somebody else")).to_be_visible()


@pytest.fixture
def by_hand(shop: Shop) -> Iterator[None]:
    with shop.by_hand():
        yield


@pytest.mark.usefixtures("by_hand")
def test_the_last_unit_of_a_drop_goes_to_one_of_two_who_tap_at_once(visit: Callable[..., Visitor], shop: Shop) -> None:
    pages = [visit(PHONE).open("/watch/gala"), visit(DESKTOP).open("/watch/gala")]
    for page in pages:
        until(page, "document.querySelector('ls-watch').player?.media !== null")
    body = {"event": "gala", "sku": "qipao", "variant": "qipao-l", "quantity": 1, "per_customer": 1}
    drop = shop.post("/api/drops", {**body, "opens_after_ms": 6000, "draw_ms": 2000})["id"]
    cards = [page.locator(f"article[data-drop={drop}]") for page in pages]
    for card in cards:
        card.wait_for(timeout=30_000)
    for card in cards:
        card.locator("[data-take]").click(timeout=30_000, no_wait_after=True)
    for page in pages:
        until(page, "!document.querySelector('ls-watch').shadowRoot.querySelector('ls-drop').asking")
    won = [page.locator("iframe").count() == 1 for page in pages]
    assert sorted(won) == [False, True], "the unit went to one of them"
    winner, loser = (pages[0], cards[1]) if won[0] else (pages[1], cards[0])
    expect(loser).to_contain_text("All gone. Thank you for wanting it.")
    loser.locator("[data-tell]").click()
    expect(loser).to_contain_text("We will tell you here.")
    winner.reload()
    held = winner.locator(f"article[data-drop={drop}] [data-pay]")
    held.wait_for(timeout=30_000)
    expect(winner.locator(f"article[data-drop={drop}] time")).to_contain_text(":")
    assert shop.get(f"/api/drops/{drop}")["left"] == 0


def held(page: Page, shop: Shop, variant: str) -> FrameLocator:
    """The checkout of a piece from a new drop that asks for a confirmed address, and that nobody else wants."""
    body = {"event": "gala", "sku": variant.split("-")[0], "variant": variant, "quantity": 1, "confirm_email": True}
    drop = shop.post("/api/drops", {**body, "opens_after_ms": 0, "draw_ms": 0})["id"]
    page.locator(f"article[data-drop={drop}] [data-take]").click(timeout=30_000)
    return page.frame_locator("iframe")


@pytest.mark.usefixtures("by_hand")
def test_a_drop_asks_once_whose_the_address_is_and_then_two_taps_buy_again(
    visit: Callable[..., Visitor], shop: Shop
) -> None:
    visitor = visit(PHONE)
    page = visitor.open("/watch/gala")
    until(page, "document.querySelector('ls-watch').player?.media !== null")
    frame = held(page, shop, "coat-m")
    fill(frame)
    frame.locator("[data-order]").click()
    code = frame.locator("#code")
    expect(code).to_be_focused()
    (mail,) = [mail for mail in shop.get("/api/outbox")["mails"] if mail["order"] is None]
    right = re.findall(r"\d{3} \d{3}", mail["text"])[0]
    code.fill(f"{(int(right.replace(' ', '')) + 1) % 1_000_000:06d}")
    expect(frame.locator("ls-confirm-email [role=alert]")).to_contain_text("This is not the code. 4 more tries.")
    assert violations(page) == []
    code.fill(right)
    # The question is gone, and the button that obliges to pay is the next step.
    expect(frame.locator("[data-order]")).to_be_focused()
    expect(frame.locator("ls-confirm-email")).to_have_count(0)
    frame.locator("[data-order]").click()
    frame.locator("[data-receipt]").wait_for()
    frame.locator("[data-leave]").click()
    frame = held(page, shop, "coat-l")
    expect(frame.locator("[data-order]")).to_be_enabled()
    expect(frame.locator("ls-confirm-email")).to_have_count(0)
    frame.locator("[data-order]").click()
    frame.locator("[data-receipt]").wait_for()
    # Refusals that were answered on the page are no faults of it.
    assert [told for told in visitor.complaints if "422" not in told and "409" not in told] == []
