"""Money and dates as a reader of the language expects them; a number keeps its sign on its line. No I/O."""

from datetime import UTC, datetime

from app.shop.money import Money

# Minor units: ISO 4217 gives most currencies two decimals, these none.
_WHOLE = frozenset({"JPY", "KRW", "CLP", "ISK", "HUF", "VND"})
_SIGNS = {"EUR": "€", "USD": "US$", "GBP": "£", "CNY": "¥", "JPY": "¥"}


def money(value: Money, language: str) -> str:
    """An amount such as 1.234,50 € or €1,234.50."""
    whole = value.currency in _WHOLE
    units = f"{abs(value.amount):,}" if whole else f"{abs(value.amount) // 100:,}.{abs(value.amount) % 100:02d}"
    minus = "-" if value.amount < 0 else ""
    sign = _SIGNS.get(value.currency)
    if language == "de":
        swapped = units.replace(",", " ").replace(".", ",").replace(" ", ".")
        return f"{minus}{swapped}\u00a0{sign or value.currency}"
    return f"{minus}{sign}{units}" if sign else f"{minus}{value.currency} {units}"


def date(at_ms: int, language: str) -> str:
    """A day, in UTC."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    if language == "de":
        return f"{moment:%d.%m.%Y}"
    return f"{moment.year}年{moment.month}月{moment.day}日" if language == "zh" else f"{moment.day} {moment:%B %Y}"


def rate(percent: float, language: str) -> str:
    """A VAT rate such as 19 % or 8,1 %."""
    number = f"{percent:g}"
    return f"{number.replace('.', ',')}\u00a0%" if language == "de" else f"{number}%"
