"""Card numbers are found wherever they hide, and ordinary numbers pass."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadRequest
from app.payments.card_numbers import CardNumber, has_card_number, luhn, refuse_card_numbers

# Published test numbers of the card networks.
CARDS = ["4242424242424242", "5555555555554444", "378282246310005", "6011111111111117", "30569309025904",
         "3530111333300000", "6200000000000005", "2223003122003222", "4222222222222"]  # fmt: skip


@pytest.mark.parametrize("number", CARDS)
@pytest.mark.parametrize("shape", ["{}", "card {}!", "12345 {}", "x{}y", "10115 Berlin {} 7"])
def test_a_card_number_is_found_in_any_text(number: str, shape: str) -> None:
    grouped = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    for written in (number, grouped, grouped.replace(" ", "-"), grouped.replace(" ", "."), number.translate(WIDE)):
        assert has_card_number(shape.format(written))


WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    "body",
    [
        {"a": [{"b": ["4242 4242 4242 4242"]}]},
        {"4242424242424242": True},
        {"number": 4242424242424242},
        {"number": 4242424242424242.0},
        ["5555-5555-5555-4444"],
        "378282246310005",
    ],
)
def test_it_is_found_in_any_member(body: object) -> None:
    with pytest.raises(CardNumber) as caught:
        refuse_card_numbers(msgspec.json.encode(body))
    assert not any(character.isdigit() for character in caught.value.detail)


@pytest.mark.parametrize(
    "text",
    ["", "tee-m", "+49 30 1234567", "10115", "4242424242424241", "424242424242425", "1" * 40,
     "hld_4Qb7Zk2mP9x0LcT5uV8wYa", "ord_1234567890abcdef123456", "2026-11-23T20:30:00.000Z", "0000000000000000"],
)  # fmt: skip
def test_ordinary_texts_pass(text: str) -> None:
    assert not has_card_number(text)
    refuse_card_numbers(msgspec.json.encode({"text": text, "quantity": 3, "at_ms": 1_790_000_000_000}))


@given(st.integers(10**11, 10**17))
def test_the_check_digit_is_unique(digits: int) -> None:
    assert sum(luhn(f"{digits}{last}") for last in range(10)) == 1


@given(st.sampled_from(["4242424242424242", "5555555555554444", "378282246310005"]), st.data())
def test_no_spelling_of_a_body_hides_it(number: str, data: st.DataObject) -> None:
    separators = data.draw(st.lists(st.sampled_from(["", " ", "-", "."]), min_size=len(number), max_size=len(number)))
    text = "".join(digit + separator for digit, separator in zip(number, separators, strict=True)).rstrip(" -.")
    escaped = "".join(f"\\u{ord(one):04x}" if data.draw(st.booleans()) else one for one in text)
    spelt = [f'{{"a":"{escaped}"}}', f'{{"a": ["x {text}"]}}', f'{{"{text}":1}}', f'{{"a":{number}}}']
    spelt += [f'{{"a":{number[0]}.{number[1:]}e{len(number) - 1}}}', f"[{number}E0]", f"[ -{number}.0]"]
    for body in spelt:
        with pytest.raises(CardNumber):
            refuse_card_numbers(body.encode())


def test_what_is_no_json_is_refused_as_such() -> None:
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(BadRequest):
            refuse_card_numbers(body)
