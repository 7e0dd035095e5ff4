import hashlib
import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.drops.draw.rules import Entry, lot, order, seed_hash, winners


def entries(quantities: list[int]) -> list[Entry]:
    return [Entry(f"e{number}", "drp", f"shp{number}", quantity, 0) for number, quantity in enumerate(quantities)]


def test_the_draw_is_uniform_over_customers_and_places() -> None:
    source = random.Random(7)
    customers, units, draws = 20, 5, 6000
    first, won = Counter[str](), Counter[str]()
    field = entries([1] * customers)
    for _ in range(draws):
        served = winners(source.randbytes(32).hex(), field, units)
        first[served[0].id] += 1
        won.update(entry.id for entry in served)
    expected_first, expected_won = draws / customers, draws * units / customers
    # Chi-square with 19 degrees of freedom: 43.8 is exceeded once in a thousand tries.
    assert sum((first[e.id] - expected_first) ** 2 / expected_first for e in field) < 43.8
    share = units / customers
    assert sum((won[e.id] - expected_won) ** 2 / (expected_won * (1 - share)) for e in field) < 43.8 * 20 / 19


def test_everybody_can_recompute_the_draw_from_the_seed() -> None:
    seed = "5e" * 32
    assert seed_hash(seed) == hashlib.sha256(bytes.fromhex(seed)).hexdigest()
    ids = [f"e{number}" for number in range(50)]
    assert order(seed, ids) == order(seed, reversed(ids)) == sorted(ids, key=lambda id_: lot(seed, id_))
    assert order("5f" * 32, ids) != order(seed, ids)


@given(st.lists(st.integers(1, 4), max_size=40), st.integers(0, 30), st.binary(min_size=32, max_size=32))
def test_a_draw_never_gives_more_than_is_there_nor_leaves_what_somebody_drawn_could_have(
    quantities: list[int], left: int, seed: bytes
) -> None:
    field = entries(quantities)
    served = winners(seed.hex(), field, left)
    rest = left - sum(entry.quantity for entry in served)
    assert rest >= 0
    assert len({entry.id for entry in served}) == len(served)
    assert all(entry.quantity > rest for entry in field if entry not in served)
