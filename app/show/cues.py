"""What a host may put on which frame. Pure; the newest frame's media time and the known products are arguments."""

from collections.abc import Collection, Sequence

import msgspec

from app.errors import NotFound, Unprocessable
from app.show.queries import Announced
from overlays.cue import DEFAULT_DURATION_MS, PRODUCT, Anchor, Cue, CueError, check, check_media_ms
from overlays.messages import numbered
from overlays.timeline import Timeline

# Viewers can seek back about two minutes; a cue further back would be seen by nobody.
REWIND_MS = 120_000
# A show is planned for an evening.
AHEAD_MS = 6 * 3_600_000


class CueRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /api/events/{event}/cues."""

    products: list[str]
    kind: str = PRODUCT
    at_ms: int | None = None
    duration_ms: int = DEFAULT_DURATION_MS
    anchor: Anchor | None = None


class BadCue(Unprocessable):
    """The cue breaks a rule."""

    slug = "bad-cue"
    title = "This cue cannot be shown"


class UnknownProduct(Unprocessable):
    """A product that is not on sale cannot be tapped."""

    slug = "unknown-product"
    title = "This product is not in the shop"


class NoSuchCue(NotFound):
    """There is no such cue, or it has been taken back already."""

    slug = "no-such-cue"
    title = "There is no such cue"


def plan(request: CueRequest, cue_id: str, now_ms: int, known: Collection[str]) -> Cue:
    """The cue that the host asks for; without `at_ms` it begins on the newest frame. Raises BadCue, UnknownProduct."""
    at_ms = now_ms if request.at_ms is None else request.at_ms
    try:
        cue = check(Cue(cue_id, request.kind, tuple(request.products), at_ms, request.duration_ms, request.anchor))
    except CueError as error:
        raise BadCue(f"{error}.") from None
    _reachable("at_ms", at_ms, now_ms)
    missing = [sku for sku in cue.products if sku not in known]
    if missing:
        raise UnknownProduct(f"The shop has no product {missing[0]!r}; GET /api/products lists what it has.")
    return cue


def end(rows: Sequence[Announced], cue_id: str, at_ms: int | None, now_ms: int) -> dict[str, object]:
    """The `cue_end` of a cue from the announcements about it; `at_ms` None takes it back. Raises NoSuchCue, BadCue."""
    timeline = Timeline()
    for seq, row in enumerate(rows, 1):
        timeline.apply(msgspec.structs.replace(numbered(row.kind, row.body), seq=seq))
    if timeline.find(cue_id) is None:
        raise NoSuchCue("There is no such cue, or it has been taken back already.")
    if at_ms is not None:
        try:
            check_media_ms("at_ms", at_ms)
        except CueError as error:
            raise BadCue(f"{error}.") from None
        _reachable("at_ms", at_ms, now_ms)
    return {"id": cue_id, "at_ms": at_ms}


def _reachable(name: str, at_ms: int, now_ms: int) -> None:
    if at_ms < now_ms - REWIND_MS:
        raise BadCue(f"{name} lies {(now_ms - at_ms) // 1000} s back; viewers can reach {REWIND_MS // 1000} s at most.")
    if at_ms > now_ms + AHEAD_MS:
        raise BadCue(f"{name} lies more than {AHEAD_MS // 3_600_000} hours ahead; announce it on the evening itself.")
