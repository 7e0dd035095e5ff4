"""Paying in Stripe's own form, from its own origin, against a server that repeats and reorders its events."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.app.payments.stripe_server import WEBHOOK_SECRET, StripeServer, signed
from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Visitor, until
from tests.browser.test_checkout import MOVES, fill
from tests.running_shop import Shop


@pytest.fixture(scope="module")
def stripe() -> Iterator[StripeServer]:
    """The server on a thread of its own: the browser's tests wait synchronously."""
    server, ready = StripeServer(), threading.Event()
    loop, over = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with server.serve():
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    yield server
    loop.call_soon_threadsafe(over.set)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def paying_shop(shops: Callable[..., Shop], stripe: StripeServer) -> Shop:
    shop = shops(
        STRIPE_API_KEY="sk_test_1",
        STRIPE_PUBLISHABLE_KEY="pk_test_1",
        STRIPE_WEBHOOK_SECRET=WEBHOOK_SECRET,
        STRIPE_API_BASE=stripe.url,
    )
    stripe.webhook_url = f"{shop.url}/api/payments/stripe/webhook"
    return shop


@pytest.fixture
def checkout(visit: Callable[..., Visitor], paying_shop: Shop) -> Callable[..., tuple[Visitor, Page]]:
    """The checkout as a page of its own, its address filled in and a way to pay chosen."""

    def open_(way: str, variant: str = "tee-m") -> tuple[Visitor, Page]:
        visitor = visit(DESKTOP, at=paying_shop)
        page = visitor.open(f"/checkout?variant={variant}")
        page.locator("#email").wait_for()
        fill(page)
        choose(page.frame_locator("[slot=stripe] iframe"), way)
        return visitor, page

    return open_


def choose(form: FrameLocator, way: str) -> None:
    press(form.locator(f"input[value='{way}']"))
    expect(form.owner).to_have_attribute("data-choice", way)


def press(control: Locator) -> None:
    """Press what stands in a frame of another origin. Such a frame is a process of its own, and for a moment after the
    page around it has moved, Chromium sends the pointer to where it was: a person presses again, so here it is told.
    """
    control.dispatch_event("click")


def state(shop: Shop, page: Page) -> str:
    order = page.locator("[data-receipt]").get_attribute("data-receipt")
    return str(shop.get(f"/api/orders/{order}")["state"])


def test_a_card_is_paid_in_stripes_frame_and_no_other_page_may_load_its_script(
    checkout: Callable[..., tuple[Visitor, Page]], paying_shop: Shop, stripe: StripeServer
) -> None:
    visitor, page = checkout("ok")
    options = page.evaluate("({...window.stripeElements.options, locale: window.stripeOptions.locale})")
    assert (options["mode"], options["currency"], options["locale"]) == ("payment", "eur", "en")
    total = options["amount"]
    # Another country costs another shipping; the form is told.
    page.locator("#country").select_option("CH")
    until(page, f"window.stripeElements.options.amount !== {total}")
    page.locator("#country").select_option("DE")
    until(page, f"window.stripeElements.options.amount === {total}")
    page.locator("[data-order]").click()
    page.locator("[data-receipt]").wait_for()
    assert state(paying_shop, page) == "paid"
    (intent,) = stripe.intents.values()
    assert intent["amount"] == total
    billing = page.evaluate("window.stripeParams.payment_method_data.billing_details")
    assert (billing["name"], billing["email"], billing["address"]["city"]) == (
        "Ada Muster",
        "ada@example.org",
        "Berlin",
    )
    assert visitor.complaints == []
    assert {url.split("/")[2] for url in visitor.foreign_requests} == {stripe.url.split("/")[2]}
    for path in ("/", "/watch/gala", "/fitting", f"/orders/{intent['metadata']['order']}"):
        policy = page.request.get(paying_shop.url + path).headers["content-security-policy"]
        assert stripe.url not in policy and "stripe.com" not in policy, path


def test_a_form_that_is_not_filled_in_says_so_and_nothing_is_ordered(
    visit: Callable[..., Visitor], paying_shop: Shop, stripe: StripeServer
) -> None:
    page = visit(PHONE, at=paying_shop).open("/checkout?variant=tee-m")
    page.locator("#email").wait_for()
    fill(page)
    before = len(stripe.intents)
    page.locator("[data-order]").click()
    expect(page.get_by_role("alert")).to_have_text("Please choose how to pay.")
    assert len(stripe.intents) == before


def test_a_declined_card_says_so_and_another_way_succeeds(
    checkout: Callable[..., tuple[Visitor, Page]], paying_shop: Shop
) -> None:
    _, page = checkout("declined")
    page.locator("[data-order]").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was charged")
    choose(page.frame_locator("[slot=stripe] iframe"), "ok")
    page.locator("[data-order]").click()
    page.locator("[data-receipt]").wait_for()
    assert state(paying_shop, page) == "paid"


@pytest.mark.parametrize("answer", ["Confirm", "Deny"])
def test_three_d_secure_is_asked_in_a_frame_and_its_answer_counts(
    checkout: Callable[..., tuple[Visitor, Page]], paying_shop: Shop, answer: str
) -> None:
    _, page = checkout("3ds")
    page.locator("[data-order]").click()
    press(page.frame_locator("iframe.stripe-step").get_by_role("button", name=answer))
    if answer == "Confirm":
        page.locator("[data-receipt]").wait_for()
        assert state(paying_shop, page) == "paid"
    else:
        expect(page.get_by_role("alert")).to_contain_text("Nothing was charged")
        choose(page.frame_locator("[slot=stripe] iframe"), "ok")
        page.locator("[data-order]").click()
        page.locator("[data-receipt]").wait_for()


def test_a_step_that_was_left_goes_on_from_the_orders_page(
    checkout: Callable[..., tuple[Visitor, Page]], stripe: StripeServer
) -> None:
    _, page = checkout("3ds")
    page.locator("[data-order]").click()
    page.locator("iframe.stripe-step").wait_for()
    intent = list(stripe.intents.values())[-1]
    page.goto(intent["return_url"])
    page.get_by_role("link", name="To the bank").click()
    page.locator("[data-step]").click()
    press(page.frame_locator("iframe.stripe-step").get_by_role("button", name="Confirm"))
    page.locator("[data-receipt]").wait_for()


def test_a_wallets_page_comes_back_to_the_order(
    checkout: Callable[..., tuple[Visitor, Page]], paying_shop: Shop
) -> None:
    _, page = checkout("paypal")
    page.locator("[data-order]").click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(f"{paying_shop.url}/orders/*")
    expect(page.locator("h1[data-state=paid]")).to_be_visible()


def test_beside_the_show_a_wallet_opens_its_own_page_and_the_show_goes_on(
    visit: Callable[..., Visitor], paying_shop: Shop
) -> None:
    page = visit(PHONE, at=paying_shop).open("/watch/gala?piece=hat")
    page.locator("[data-variant=hat-m]").click()
    page.locator("[data-buy]").click()
    frame = page.frame_locator("iframe")
    fill(frame)
    choose(frame.frame_locator("[slot=stripe] iframe"), "paypal")
    before = page.evaluate(MOVES)
    frame.locator("[data-order]").click()
    with page.context.expect_page() as opened:
        frame.locator("[data-step]").click()
    opened.value.get_by_role("button", name="Confirm").click()
    expect(opened.value.locator("h1[data-state=paid]")).to_be_visible()
    frame.locator("[data-receipt]").wait_for()
    until(page, f"{MOVES} > {before}")


def test_a_direct_debit_says_that_it_is_ordered_and_takes_days(
    checkout: Callable[..., tuple[Visitor, Page]], paying_shop: Shop
) -> None:
    _, page = checkout("sepa")
    page.locator("[data-order]").click()
    expect(page.get_by_role("heading", name="Thank you, it is ordered")).to_be_visible()
    assert state(paying_shop, page) == "processing"
    page.locator("[data-receipt] a").click()
    expect(page.locator("h1[data-state=processing]")).to_be_visible()


def test_a_host_is_warned_of_a_dispute_and_may_send_the_pieces_all_the_same(
    checkout: Callable[..., tuple[Visitor, Page]],
    visit: Callable[..., Visitor],
    paying_shop: Shop,
    stripe: StripeServer,
) -> None:
    _, page = checkout("ok")
    page.locator("[data-order]").click()
    page.locator("[data-receipt]").wait_for()
    payload, signature = signed(stripe.dispute(list(stripe.intents.values())[-1], "needs_response"))
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    assert page.request.post(str(stripe.webhook_url), data=payload, headers=headers).status == 204
    host = visit(PHONE, at=paying_shop).open("/host?lang=en")
    host.locator("#password").fill(paying_shop.password)
    host.keyboard.press("Enter")
    host.get_by_role("button", name="Orders", exact=True).click()
    order = host.locator("ls-orders li").first
    expect(order).to_contain_text("disputed by the bank, do not ship")
    order.locator("[data-step]").click()
    expect(order).to_contain_text("Send the pieces only if you mean to.")
    expect(order.get_by_role("button", name="Not now")).to_be_focused()
    assert violations(host) == []
    order.locator("[data-state=packed]").click()
    expect(order).to_contain_text("· packed")
    expect(order.get_by_role("alert")).to_have_count(0)
    assert state(paying_shop, page) == "packed"
