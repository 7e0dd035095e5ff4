"""What may be said."""

import pytest

from app.chat.lines import clean, same
from overlays.messages import MAX_TEXT, Refused


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  So   schön!  ", "So schön!"),
        ("line\nbreak\r\n\ttab", "line break tab"),
        ("旗袍很美 👩🏽‍🎤", "旗袍很美 👩🏽‍🎤"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("e\u0301" + "\u0302" * 30, "\u00e9" + "\u0302" * 3),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("costs 12.50 or so", "costs 12.50 or so"),
        ("x" * MAX_TEXT, "x" * MAX_TEXT),
    ],
)
def test_a_line_is_shown_as_others_may_read_it(text: str, line: str) -> None:
    assert clean(text) == line


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("", "empty"),
        (" \n\u200b\u200d", "empty"),
        ("see https://evil.example", "link"),
        ("see WWW.evil", "link"),
        ("cheap at evil-shop.com/x", "link"),
        ("x" * (MAX_TEXT + 1), "invalid"),
    ],
)
def test_what_must_not_be_said_is_refused_by_name(text: str, slug: str) -> None:
    with pytest.raises(Refused) as refusal:
        clean(text)
    assert refusal.value.slug == slug


def test_a_repetition_is_seen_through_capitals() -> None:
    assert same("Buy NOW", "buy now")
    assert not same("Buy now", "buy it")
