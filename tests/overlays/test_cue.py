"""What a cue may say."""

from typing import Any

import msgspec
import pytest

from overlays.cue import MAX_DURATION_MS, MAX_PRODUCTS, MIN_DURATION_MS, Anchor, Cue, CueError, check

GOOD = Cue("cue_1", "product", ("tee",), 1_790_000_000_000, 8000, Anchor(0.5, 0.5))


def test_a_good_cue_passes_unchanged() -> None:
    assert check(GOOD) is GOOD
    assert GOOD.end_ms == GOOD.at_ms + 8000


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "advert"}, "kind"),
        ({"products": ()}, "products"),
        ({"products": tuple(f"p{n}" for n in range(MAX_PRODUCTS + 1))}, "products"),
        ({"products": ("tee", "tee")}, "twice"),
        ({"products": ("../etc/passwd",)}, "sku"),
        ({"products": ("",)}, "sku"),
        ({"products": ("x" * 65,)}, "sku"),
        ({"products": ("tee\n",)}, "sku"),
        ({"duration_ms": MIN_DURATION_MS - 1}, "duration_ms"),
        ({"duration_ms": MAX_DURATION_MS + 1}, "duration_ms"),
        ({"at_ms": 1_790_000_000}, "at_ms"),
        ({"at_ms": 1_790_000_000_000_000}, "at_ms"),
        ({"anchor": Anchor(1.01, 0.5)}, "anchor"),
        ({"anchor": Anchor(0.5, -0.1)}, "anchor"),
        ({"anchor": Anchor(float("nan"), 0.5)}, "anchor"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(CueError, match=named):
        check(msgspec.structs.replace(GOOD, **change))
