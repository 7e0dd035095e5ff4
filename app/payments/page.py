"""The sandbox's "bank": one page without any script, on which the demo's customer confirms or denies a payment."""

import html
from urllib.parse import quote, urlsplit

from app.mail.format import money
from app.sheet import NO_SCRIPT, sheet
from app.shop.money import Money

WORDS = {
    "en": ("Demo bank", "Confirm the payment of {amount}?", "Confirm", "Deny", "No money moves here."),
    "de": ("Demobank", "Zahlung von {amount} bestätigen?", "Bestätigen", "Ablehnen", "Hier fließt kein Geld."),
    "zh": ("演示银行", "确认支付 {amount}？", "确认", "拒绝", "此处不会发生真实扣款。"),
}
POLICY = f"{NO_SCRIPT}; form-action 'self'; frame-ancestors 'self'"


def local_path(path: str | None, fallback: str) -> str:
    """`path` if it stays on this site, else `fallback`: a return address must not lead a customer elsewhere."""
    if not path or len(path) > 500 or not path.startswith("/") or path.startswith(("//", "/\\")):
        return fallback
    if any(ord(character) < 33 or character == "\\" for character in path) or urlsplit(path).netloc:
        return fallback
    return path


def bank_page(attempt: str, amount: Money, language: str, back: str) -> str:
    """The page as HTML; `back` is a local path."""
    title, question, confirm, deny, note = WORDS[language]
    target = html.escape(f"/payments/sandbox/{attempt}?return={quote(back, safe='')}")
    asked = html.escape(question.format(amount=money(amount, language)))
    content = f"""\
    <main>
      <h1>{title}</h1>
      <p>{asked}</p>
      <form method="post" action="{target}">
        <button class="primary" name="decision" value="confirm">{confirm}</button>
        <button name="decision" value="deny">{deny}</button>
      </form>
      <p><small>{note}</small></p>
    </main>"""
    return sheet("bank", language, title, content)
