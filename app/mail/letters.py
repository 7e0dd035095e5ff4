"""What the shop writes: the receipt, the refund's notice, the withdrawal's confirmation, the code. No I/O."""

from app.customers.confirmation import LIFE_MS, grouped
from app.mail.format import date, money, rate
from app.mail.queries import Letter
from app.mail.texts import MailTexts
from app.shop.money import Money
from app.shop.order import order_number
from app.shop.snapshot import Snapshot
from app.shop.tax import percent

WIDTH = 62


def receipt(texts: MailTexts, snapshot: Snapshot, order: str, at_ms: int, public_url: str) -> tuple[str, str]:
    """Subject and text of the paid order's receipt; see `app.mail.receipts`."""
    lines = _order(texts, snapshot, order, "receipt.intro", at_ms, public_url)
    subject = texts.text(snapshot.language, "receipt.subject", number=order_number(order))
    return subject, "\n".join(lines) + "\n"


def acknowledgement(
    texts: MailTexts, snapshot: Snapshot, order: str, at_ms: int, *, letter: str, public_url: str
) -> Letter:
    """Says that an order has arrived whose payment takes days (section 312i BGB), once an order."""
    lines = _order(texts, snapshot, order, "processing.intro", at_ms, public_url)
    subject = texts.text(snapshot.language, "receipt.subject", number=order_number(order))
    return _letter(letter, f"processing:{order}", snapshot, subject, lines, order, at_ms)


def unpaid(texts: MailTexts, snapshot: Snapshot, order: str, at_ms: int, *, letter: str) -> Letter:
    """Says that the payment of such an order did not arrive, once an order."""
    language, number = snapshot.language, order_number(order)
    hello = texts.text(language, "receipt.hello", name=snapshot.address.name)
    lines = [hello, "", texts.text(language, "unpaid.text", number=number), "", texts.text(language, "goodbye")]
    return _letter(
        letter, f"unpaid:{order}", snapshot, texts.text(language, "unpaid.subject", number=number), lines, order, at_ms
    )


def _order(texts: MailTexts, snapshot: Snapshot, order: str, intro: str, at_ms: int, public_url: str) -> list[str]:
    """An order's content, from the greeting to the farewell."""
    language = snapshot.language

    def say(key: str, **values: str) -> str:
        return texts.text(language, key, **values)

    number = order_number(order)
    lines = [say("receipt.hello", name=snapshot.address.name), "", say(intro, number=number), ""]
    for line in snapshot.lines:
        size = "" if line.size == "one" else f", {say('size')} {line.size}"
        lines += [_row(f"{line.quantity} × {line.title}{size}", money(line.total, language)), f"    {line.material}"]
        lines.append(f"    {say('paper.vat')} {rate(percent(line.vat_basis_points), language)}")
    lines += [
        "-" * WIDTH,
        _row(say("goods"), money(snapshot.subtotal, language)),
        _row(say("shipping"), money(snapshot.shipping, language)),
        _row(say("total"), money(snapshot.total, language)),
    ]
    for vat in snapshot.vat:
        if vat.percent:
            lines.append(_row("  " + say("vat", rate=rate(vat.percent, language)), money(vat.vat, language)))
        else:
            lines.append("  " + say("export"))
    address = snapshot.address
    return [
        *lines,
        "",
        say("receipt.address"),
        *(f"    {part}" for part in (address.name, address.line1, address.line2) if part),
        f"    {address.postal_code} {address.city}, {address.country}",
        "",
        say("receipt.date", date=date(at_ms, language)),
        say("receipt.page", url=f"{public_url}/orders/{order}"),
        "",
        say("receipt.withdrawal", url=f"{public_url}/legal/withdrawal?lang={language}"),
        "",
        say("goodbye"),
    ]


def refund_notice(
    texts: MailTexts, snapshot: Snapshot, order: str, amount: Money, at_ms: int, *, letter: str, refund: str
) -> Letter:
    """Tells that money is on its way back, once a refund."""
    language, number = snapshot.language, order_number(order)
    body = texts.text(language, "refund.text", amount=money(amount, language), number=number)
    hello = texts.text(language, "receipt.hello", name=snapshot.address.name)
    lines = [hello, "", body, "", texts.text(language, "goodbye")]
    subject = texts.text(language, "refund.subject", number=number)
    return _letter(letter, f"refund:{refund}", snapshot, subject, lines, order, at_ms)


def withdrawal_confirmation(
    texts: MailTexts, snapshot: Snapshot, order: str, name: str, at_ms: int, *, letter: str, recipient: str
) -> Letter:
    """Confirms a withdrawal with its time of arrival (section 356a BGB), once an order."""
    language, number = snapshot.language, order_number(order)
    when = date(at_ms, language) + f", {(at_ms // 3_600_000) % 24:02d}:{(at_ms // 60_000) % 60:02d} UTC"
    lines = [
        texts.text(language, "receipt.hello", name=name),
        "",
        texts.text(language, "withdrawal.text", number=number, when=when),
        "",
        texts.text(language, "goodbye"),
    ]
    subject = texts.text(language, "withdrawal.subject", number=number)
    return _letter(letter, f"withdrawal:{order}", snapshot, subject, lines, order, at_ms, recipient)


def code_letter(texts: MailTexts, recipient: str, code: str, language: str, at_ms: int, *, letter: str) -> Letter:
    """The code that confirms an e-mail address. Every one is a letter of its own, and about no order."""
    values = {"code": grouped(code), "minutes": str(LIFE_MS // 60_000)}
    lines = [texts.text(language, "code.text", **values), "", texts.text(language, "code.ignore")]
    return Letter(
        id=letter,
        key=f"code:{letter}",
        recipient=recipient,
        subject=texts.text(language, "code.subject", **values),
        text="\n".join([*lines, "", texts.text(language, "goodbye")]) + "\n",
        language=language,
        order_id=None,
        state="waiting",
        tries=0,
        due_ms=at_ms,
        created_ms=at_ms,
    )


def _letter(
    letter: str,
    key: str,
    snapshot: Snapshot,
    subject: str,
    lines: list[str],
    order: str,
    at_ms: int,
    recipient: str | None = None,
) -> Letter:
    return Letter(
        id=letter,
        key=key,
        recipient=recipient or snapshot.email,
        subject=subject,
        text="\n".join(lines) + "\n",
        language=snapshot.language,
        order_id=order,
        state="waiting",
        tries=0,
        due_ms=at_ms,
        created_ms=at_ms,
    )


def _row(left: str, right: str) -> str:
    """A label and an amount at the two edges; Chinese characters are as wide as two letters."""
    width = sum(2 if ord(character) > 0x2E7F else 1 for character in left + right)
    return left + " " * max(2, WIDTH - width) + right
