"""Was a drop fair? What a host is told after the draw, and how everybody recomputes it. No I/O."""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from app.drops.draw import rules
from app.drops.draw.rules import Entry
from app.drops.rules import TAKING, Drop, Hold
from app.drops.views import Draw

# The opening window in equal parts: enough to see whether who was early won more often, few enough to count.
PARTS = 3
# Chi-square with two degrees of freedom: an even draw exceeds this once in a thousand drops (NIST handbook, 1.3.6.7.4).
UNEVEN = 13.816


class Part(Struct, frozen=True):
    """Who entered the draw in one part of its window, and how many of them won."""

    from_ms: int
    entered: int
    won: int


class Fairness(Struct, frozen=True, kw_only=True):
    """The report. `chi_square`: how far winning depended on the moment of asking; above `uneven_above` it did.

    `after_draw`: holds that were granted in the order of arrival, once the draw had taken place.
    """

    drop: str
    entered: int
    won: int
    parts: list[Part]
    chi_square: float
    uneven_above: float
    after_draw: int
    per_customer: int
    most_by_one: int


def report(drop: Drop, entries: Sequence[Entry], holds: Iterable[Hold]) -> Fairness:
    """What happened in a drop whose draw has taken place; `holds`: every one that there was, whatever became of it."""
    granted = list(holds)
    winners = {hold.id for hold in granted if hold.created_ms == drop.drawn_ms} & {entry.id for entry in entries}
    width = max(1, -(-drop.draw_ms // PARTS))
    entered, won = Counter[int](), Counter[int]()
    for entry in entries:
        part = min(PARTS - 1, max(0, (entry.entered_ms - drop.opens_at_ms) // width))
        entered[part] += 1
        won[part] += entry.id in winners
    by_one = Counter[str]()
    for hold in granted:
        by_one[hold.shopper] += hold.quantity if hold.state in TAKING else 0
    return Fairness(
        drop=drop.id,
        entered=len(entries),
        won=len(winners),
        parts=[Part(part * width, entered[part], won[part]) for part in range(PARTS)],
        chi_square=round(_chi_square([(entered[part], won[part]) for part in range(PARTS)]), 3),
        uneven_above=UNEVEN,
        after_draw=len(granted) - len(winners),
        per_customer=drop.per_customer,
        most_by_one=max(by_one.values(), default=0),
    )


def _chi_square(parts: Sequence[tuple[int, int]]) -> float:
    """Of winning against the part of the window; 0 when everybody or nobody won."""
    entered, won = (sum(numbers) for numbers in zip(*parts, strict=True))
    share = won / entered if entered else 0.0
    if share in (0.0, 1.0):
        return 0.0
    return sum((w - e * share) ** 2 / (e * share * (1 - share)) for e, w in parts if e)


def deviations(told: Draw, promised: str | None = None) -> list[str]:
    """What is wrong with a published draw, one sentence each; `promised`: the seed's hash as it was told before."""
    found = []
    if rules.seed_hash(told.seed) != (promised or told.seed_hash):
        found.append("the seed is not the one whose hash was published before")
    if len({entry.customer for entry in told.entries}) != len(told.entries):
        found.append("a customer is in the draw more than once")
    entries = [Entry(entry.id, told.drop, entry.customer, entry.quantity, 0) for entry in told.entries]
    right = {entry.id for entry in rules.winners(told.seed, entries, told.quantity)}
    for entry in told.entries:
        if entry.won != (entry.id in right):
            found.append(f"{entry.id} {'won' if entry.won else 'lost'}; by the seed it is the other way round")
    return found
