"""The pseudonym of who chats."""

from app.chat.names import NUMBERS, WORDS, name_of


def test_a_name_is_stable_during_an_event_and_another_one_at_the_next() -> None:
    assert name_of("shp_1", "gala", "secret") == name_of("shp_1", "gala", "secret")
    assert name_of("shp_1", "gala", "secret") != name_of("shp_1", "matinee", "secret")
    assert name_of("shp_1", "gala", "secret") != name_of("shp_1", "gala", "another")


def test_names_are_spread_evenly_and_say_nothing_of_the_shopper() -> None:
    names = [name_of(f"shp_{n}", "gala", "secret") for n in range(2000)]
    assert len(set(names)) > 1900
    assert len({name.split()[0] for name in names}) == len(set(WORDS))
    assert not any("shp" in name or not name.split()[1].isdigit() for name in names)
    assert NUMBERS * len(WORDS) > 50_000
