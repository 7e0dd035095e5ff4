"""Mail: what it says, and that it arrives at least once, not twice, and never silently not."""

import asyncio
import shutil
import socket
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import msgspec
import pytest

from app.backoff import LONGEST_PAUSE_MS, TRIES_MAX, pause_ms
from app.config import Mail
from app.ledger.engine import Ledger
from app.mail import queries
from app.mail.delivery import BATCH, CLAIM_MS, Delayed, Delivery, Refused, envelope
from app.mail.duties import deliver
from app.mail.format import date, money, rate
from app.mail.letters import WIDTH, receipt, refund_notice, withdrawal_confirmation
from app.mail.queries import Letter
from app.mail.smtp import smtp_post
from app.mail.texts import FOLDER, MailTexts
from app.shop.address import Address
from app.shop.money import Money
from app.shop.snapshot import Snapshot, SnapshotLine
from app.shop.tax import breakdown
from tests.app.shopping import HOST, ManualClock, open_shop, order_of
from tests.mail_server import MailServer

TEXTS = MailTexts.load()


def letter(key: str = "receipt:ord_1", recipient: str = "ada@example.org", subject: str = "Your order") -> Letter:
    return Letter(
        id=f"mail_{key[-8:]}", key=key, recipient=recipient, subject=subject, text="Hello\n", language="en",
        order_id="ord_1", state="waiting", tries=0, due_ms=1000, created_ms=1000,
    )  # fmt: skip


def snapshot(language: str, *, export: bool = False) -> Snapshot:
    rate_, cost = (0 if export else 1900), Money(490, "EUR")
    line = SnapshotLine(1, "tee-m", "tee", "日落海浪T恤", "M", "100 % cotton", None, 2, Money(61725, "EUR"), rate_)
    vat = breakdown(((rate_, line.total),), cost)
    address = Address("Ada Muster", "Weg 1", "10115", "Berlin", "DE")
    return Snapshot((line,), line.total, cost, vat, line.total + cost, "ada@example.org", address, language)


@dataclass
class Postbox:
    """A mail server's side: takes, refuses or delays."""

    taken: list[EmailMessage] = field(default_factory=list)
    answers: list[Exception] = field(default_factory=list)

    async def __call__(self, message: EmailMessage) -> None:
        if self.answers:
            raise self.answers.pop(0)
        self.taken.append(message)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(2000)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def delivery(ledger: Ledger, postbox: Postbox, clock: ManualClock) -> Delivery:
    return Delivery(ledger, postbox, clock, TEXTS, sender="Shop <shop@example.org>", public_url="https://shop.example")


async def add(ledger: Ledger, *letters: Letter) -> list[bool]:
    async with ledger.write() as conn:
        return [await queries.add(conn, one) for one in letters]


async def states(ledger: Ledger) -> list[str]:
    async with ledger.read() as conn:
        return [one.state for one in await queries.newest(conn, None, 10)]


async def test_a_letter_is_written_once_a_key_and_sent_once(
    ledger: Ledger, delivery: Delivery, postbox: Postbox
) -> None:
    assert await add(ledger, letter(), letter()) == [True, False]
    assert [await delivery.perform() for _ in range(2)] == [1, 0]
    assert [message["To"] for message in postbox.taken] == ["ada@example.org"]
    assert await states(ledger) == ["sent"]


async def test_two_workers_share_the_letters(ledger: Ledger, delivery: Delivery, postbox: Postbox) -> None:
    await add(ledger, *(letter(f"receipt:{number}") for number in range(8)))
    await asyncio.gather(*(delivery.perform() for _ in range(3)))
    assert len(postbox.taken) == 8


async def test_a_crash_after_sending_sends_again_with_the_same_message_id(
    ledger: Ledger, delivery: Delivery, postbox: Postbox, clock: ManualClock
) -> None:
    await add(ledger, letter())
    async with ledger.write() as conn:  # claimed by a process that died while it sent
        assert len(await queries.claim_due(conn, clock(), clock() + CLAIM_MS, 20)) == 1
    assert await delivery.perform() == 0
    clock.advance(CLAIM_MS)
    assert await delivery.perform() == 1
    assert postbox.taken[0]["Message-ID"] == envelope(letter(), "a@b.de", "shop.example")["Message-ID"]


async def test_a_server_that_is_away_is_tried_later_and_later_and_then_given_up(
    ledger: Ledger, delivery: Delivery, postbox: Postbox, clock: ManualClock
) -> None:
    await add(ledger, letter())
    postbox.answers = [Delayed("away")] * TRIES_MAX
    for tries in range(1, TRIES_MAX):
        assert await delivery.perform() == 1
        clock.advance(pause_ms(tries) - 1)
        assert await delivery.perform() == 0
        clock.advance(1)
    assert await delivery.perform() == 1
    assert await states(ledger) == ["failed"]
    assert pause_ms(2) > pause_ms(1)
    assert pause_ms(50) == LONGEST_PAUSE_MS


async def test_a_letter_that_nobody_will_ever_take_is_marked_and_the_others_go(
    ledger: Ledger, delivery: Delivery, postbox: Postbox
) -> None:
    await add(ledger, letter("a"), letter("b"))
    postbox.answers = [Refused("550 no such user")]
    await delivery.perform()
    assert sorted(await states(ledger)) == ["failed", "sent"]


async def test_a_letter_that_nobody_foresaw_keeps_no_other_waiting(
    ledger: Ledger, delivery: Delivery, postbox: Postbox, clock: ManualClock
) -> None:
    await add(ledger, letter("a", subject="Hi\r\nBcc: all@example.org"), letter("b"))
    await delivery.perform()
    assert (sorted(await states(ledger)), len(postbox.taken)) == (["sent", "waiting"], 1)
    clock.advance(pause_ms(1))
    assert await delivery.perform() == 1


def test_an_envelope_cannot_be_opened_from_within() -> None:
    with pytest.raises(ValueError, match="Header values"):
        envelope(letter(subject="Hi\r\nBcc: all@example.org"), "shop@example.org", "shop.example")


async def test_a_real_mail_server_takes_refuses_and_delays() -> None:
    async with MailServer().serve() as (kept, url):
        post = smtp_post(Mail(url, "shop@example.org"))
        await post(envelope(letter(subject="您的订单"), "Shop <shop@example.org>", "shop.example"))
        message = message_from_bytes(kept.taken[0], policy=default)
        assert (message["Subject"], message["To"]) == ("您的订单", "ada@example.org")
        with pytest.raises(Refused):
            await post(envelope(letter(recipient="ada@nowhere.example"), "shop@example.org", "shop.example"))
        with pytest.raises(Delayed):
            await post(envelope(letter(recipient="ada@full.example"), "shop@example.org", "shop.example"))


async def test_what_a_drop_sold_at_once_is_confirmed_in_one_turn(
    migrated_file: Path, redis_url: str, tmp_path: Path
) -> None:
    path = shutil.copy(migrated_file, tmp_path / "ledger.db")
    async with MailServer().serve() as (kept, url):
        mail = Mail(url, "shop@example.org")
        async with open_shop(f"sqlite:///{path}", redis_url, tmp_path / "data", ManualClock(), mail=mail) as shop:
            await add(shop.ledger, *(letter(f"receipt:{number}") for number in range(2 * BATCH + 1)))
            order = await shop.browser().buy(("tee-m", 1))
            before = (await shop.browser().get("/api/outbox?limit=200", headers=HOST))["mails"]
            await deliver(shop.app)
            after = (await shop.browser().get("/api/outbox?limit=200", headers=HOST))["mails"]
    assert len(kept.taken) == 2 * BATCH + 2
    # A receipt is written out when somebody reads it, and says the same to everybody.
    told = [{one["text"] for one in mails if one["order"] == order} for mails in (before, after)]
    messages = [message_from_bytes(one, policy=default) for one in kept.taken]
    sent = {text for one in messages if order in (text := one.get_content().replace("\r\n", "\n").removesuffix(".\n"))}
    assert told[0] == told[1] == sent


async def test_a_mail_server_that_is_away_delays() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Delayed):
        await smtp_post(Mail(f"smtp://127.0.0.1:{port}", "a@b.de"))(envelope(letter(), "a@b.de", "shop.example"))


def test_every_language_has_every_text_with_the_same_places() -> None:
    import re

    texts = {path.stem: msgspec.json.decode(path.read_bytes()) for path in FOLDER.glob("*.json")}
    places = {
        language: {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in words.items() if key.startswith("mail.")}
        for language, words in texts.items()
    }
    assert set(places) == {"en", "de", "zh"}
    assert places["en"] == places["de"] == places["zh"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Your order", "€1,239.40", "VAT rate 19%", "of which VAT 19%", "€197.89", "2 ×"]),
        (
            "de",
            ["Deine Bestellung", "MwSt.-Satz 19\u00a0%", "1.239,40\u00a0€", "davon MwSt. 19\u00a0%", "197,89\u00a0€"],
        ),
        ("zh", ["您的订单", "€1,239.40", "其中增值税 19%"]),
    ],
)
def test_a_receipt_says_what_was_bought_for_how_much(language: str, words: list[str]) -> None:
    subject, written = receipt(TEXTS, snapshot(language), "ord_1", 1000, "https://shop.example")
    text = subject + written
    for word in [*words, "https://shop.example/orders/ord_1", "/legal/withdrawal", "Ada Muster", "100 % cotton"]:
        assert word in text, (word, text)
    assert "{" not in text
    amounts = [line for line in written.splitlines() if line.endswith(("€", ".40", ".50", ".90"))]
    widths = {sum(2 if ord(character) > 0x2E7F else 1 for character in line) for line in amounts}
    assert widths == {WIDTH}


def test_an_export_says_that_it_is_free_of_vat() -> None:
    _, text = receipt(TEXTS, snapshot("en", export=True), "ord_1", 1000, "https://s.example")
    assert "free of VAT" in text
    assert "of which VAT" not in text


def test_refund_and_withdrawal_say_what_happened() -> None:
    told = refund_notice(TEXTS, snapshot("de"), "ord_1", Money(2490, "EUR"), 1000, letter="mail_1", refund="ref_1")
    assert "24,90\u00a0€" in told.text
    at_ms = 1_790_000_000_000
    confirmed = withdrawal_confirmation(
        TEXTS, snapshot("en"), "ord_1", "Ada", at_ms, letter="mail_2", recipient="ada@home.example"
    )
    assert "21 September 2026, 14:13 UTC" in confirmed.text
    assert confirmed.recipient == "ada@home.example"
    assert told.key != confirmed.key


def test_money_dates_and_rates_are_written_as_people_do() -> None:
    assert money(Money(-123456789, "EUR"), "de") == "-1.234.567,89\u00a0€"
    assert money(Money(5, "CHF"), "en") == "CHF 0.05"
    assert money(Money(1500, "JPY"), "zh") == "¥1,500"
    assert (rate(8.1, "de"), rate(19, "en")) == ("8,1\u00a0%", "19%")
    assert (date(0, "de"), date(0, "zh"), date(0, "en")) == ("01.01.1970", "1970年1月1日", "1 January 1970")


async def test_receipts_and_other_letters_are_read_newest_first_whatever_a_page_holds(
    migrated_file: Path, redis_url: str, tmp_path: Path
) -> None:
    path, clock = shutil.copy(migrated_file, tmp_path / "ledger.db"), ManualClock()
    async with open_shop(f"sqlite:///{path}", redis_url, tmp_path / "data", clock) as shop:
        browser = shop.browser()
        for at_once in (True, True, False, False):
            order = await browser.buy(("tee-m", 1))
            clock.advance(0 if at_once else 1000)
            body = {"name": "Ada Muster", "email": "ada@example.org"}
            assert (await browser.ask("POST", f"/api/orders/{order}/withdrawal", body))[0] == 200
        every = (await browser.get("/api/outbox?limit=200", headers=HOST))["mails"]
        assert [mail["created_at"] for mail in every] == sorted((mail["created_at"] for mail in every), reverse=True)
        assert len({mail["id"] for mail in every}) == len(every) == 8
        for size in (1, 3):
            read: list[object] = []
            following: str | None = ""
            while following is not None:
                page = await browser.get(f"/api/outbox?limit={size}&before={following}", headers=HOST)
                read, following = read + page["mails"], page["next"]
            assert read == every


async def test_the_host_reads_the_outbox(migrated_file: Path, redis_url: str, tmp_path: Path) -> None:
    path = shutil.copy(migrated_file, tmp_path / "ledger.db")
    async with open_shop(f"sqlite:///{path}", redis_url, tmp_path / "data", ManualClock()) as shop:
        browser = shop.browser()
        orders = [await browser.buy(("tee-m", 1), language=language) for language in ("de", "zh", "en")]
        assert (await browser.checkout(order_of(("tee-m", 1), behaviour="decline")))[0] == 402
        first = await browser.get("/api/outbox?limit=2", headers=HOST)
        rest = await browser.get(f"/api/outbox?before={first['next']}", headers=HOST)
        mails = first["mails"] + rest["mails"]
        assert {mail["order"] for mail in mails} == set(orders)
        assert {mail["language"] for mail in mails} == {"de", "zh", "en"}
        assert {mail["state"] for mail in mails} == {"waiting"}
        assert (await browser.ask("GET", "/api/outbox"))[0] == 401
