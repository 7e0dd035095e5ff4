"""What a process remembers of the holds that it has just kept."""

from msgspec.structs import replace

from app.drops.recent import RECENT_MAX, Recent
from app.drops.rules import Drop, Hold, HoldState

DROP = Drop("drp_1", "gala", "tee", "tee-m", 9, 2, 0, 0, 0, None, "", 0, confirm_email=True)
HOLD = Hold("hld_1", "drp_1", "gala", "tee", "tee-m", "shp_1", 1, HoldState.HELD, 1000, 2000)


def test_a_hold_is_told_once_with_what_a_checkout_has_to_know() -> None:
    recent = Recent()
    recent.add(HOLD, DROP)
    (held,) = recent.take(["hld_1", "hld_unknown", "hld_1"], 1999)
    assert (held.id, held.shopper, held.quantity, held.state, held.expires_ms) == ("hld_1", "shp_1", 1, "held", 2000)
    assert (held.drop, held.variant, held.per_customer, held.confirm_email) == ("drp_1", "tee-m", 2, True)
    assert recent.take(["hld_1"], 1999) == ()


def test_one_whose_time_is_over_is_looked_up_because_it_may_have_been_given_more() -> None:
    recent = Recent()
    recent.add(HOLD, DROP)
    assert recent.take(["hld_1"], 2000) == ()


def test_the_oldest_are_forgotten_first() -> None:
    recent = Recent()
    for number in range(RECENT_MAX + 1):
        recent.add(replace(HOLD, id=f"hld_{number}"), DROP)
    assert recent.take(["hld_0"], 0) == ()
    assert [held.id for held in recent.take(["hld_1", f"hld_{RECENT_MAX}"], 0)] == ["hld_1", f"hld_{RECENT_MAX}"]
