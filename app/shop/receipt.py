"""An order's receipt as a page without any script, to be printed: seller, buyer, lines, and the VAT of each rate.

What section 14 UStG asks of an invoice: both parties, its number and date, quantity and kind of the goods, net amount,
rate and VAT for each rate, and a note where a delivery is free of it.
"""

from collections.abc import Sequence
from html import escape

from app.mail.format import date, money, rate
from app.mail.texts import MailTexts
from app.sheet import NO_SCRIPT, sheet
from app.shop.money import Money
from app.shop.order import order_number
from app.shop.record import Order, OrderLine, Refund
from app.shop.snapshot import Snapshot, decoded
from app.shop.tax import percent

POLICY = f"{NO_SCRIPT}; frame-ancestors 'none'"


def receipt_page(
    texts: MailTexts, order: Order, lines: Sequence[OrderLine], refunds: Sequence[Refund], seller: str
) -> str:
    """The page as HTML, in the order's language; `seller` is the shop's imprint as HTML of ours."""
    snapshot, language = decoded(order.document), order.language

    def say(key: str, **values: str) -> str:
        return escape(texts.text(language, key, **values))

    def cash(amount: Money) -> str:
        return escape(money(amount, language))

    columns = ("quantity", "piece", "vat", "price", "sum")
    head = "".join(f'<th scope="col">{say(f"paper.{name}")}</th>' for name in columns)
    rows = "".join(_line(line, order.currency, language, say("size")) for line in lines)
    sums = [(say("goods"), snapshot.subtotal), (say("shipping"), snapshot.shipping), (say("total"), snapshot.total)]
    sums += [
        (say("paper.refund", date=date(refund.created_ms, language)), Money(-refund.amount, order.currency))
        for refund in refunds
    ]
    totals = "".join(f"<tr><th>{name}</th><td>{cash(amount)}</td></tr>" for name, amount in sums)
    title = texts.text(language, "paper.title", number=order_number(order.id))
    content = f"""\
    <main>
      <h1>{escape(title)}</h1>
      <p>{say("receipt.date", date=date(order.created_ms, language))}</p>
      <address>{_address(snapshot)}</address>
      <table class="lines"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>
      <table class="sums"><tbody>{totals}</tbody></table>
      {_vat(texts, snapshot, language)}
    </main>
    <footer>{seller}</footer>"""
    return sheet("receipt", language, title, content)


def _line(line: OrderLine, currency: str, language: str, size: str) -> str:
    piece = escape(line.title) + ("" if line.size == "one" else f", {size} {escape(line.size)}")
    price, total = Money(line.unit_amount, currency), Money(line.unit_amount * line.quantity, currency)
    cells = (
        str(line.quantity),
        f"{piece}<br><small>{escape(line.material)}</small>",
        escape(rate(percent(line.vat_basis_points), language)),
        escape(money(price, language)),
        escape(money(total, language)),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _address(snapshot: Snapshot) -> str:
    address = snapshot.address
    place = f"{address.postal_code} {address.city}, {address.country}"
    return "<br>".join(escape(part) for part in (address.name, address.line1, address.line2, place) if part)


def _vat(texts: MailTexts, snapshot: Snapshot, language: str) -> str:
    def cells(kind: str, *words: str) -> str:
        return "<tr>" + "".join(f"<{kind}>{escape(word)}</{kind}>" for word in words) + "</tr>"

    names = (texts.text(language, f"paper.{name}") for name in ("vat", "net", "tax", "gross"))
    rows = "".join(
        cells("td", rate(part.percent, language), *(money(one, language) for one in (part.net, part.vat, part.gross)))
        for part in snapshot.vat
    )
    free = any(not part.percent for part in snapshot.vat)
    note = f"<p>{escape(texts.text(language, 'export'))}</p>" if free else ""
    return f'<table class="vat"><thead>{cells("th", *names)}</thead><tbody>{rows}</tbody></table>{note}'
