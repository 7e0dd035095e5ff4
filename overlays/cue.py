"""A cue: what is tappable on the picture, from which frame on and for how long."""

import math
import re

import msgspec

PRODUCT = "product"
LOOK = "look"
# A product is one tag a product; a look is one tag for an outfit that is bought together.
KINDS = (PRODUCT, LOOK)

# More tags than this cannot be told apart on a phone.
MAX_PRODUCTS = 8
# A tag that is shorter than this cannot be tapped; one that is longer belongs into the shop's list.
MIN_DURATION_MS = 500
MAX_DURATION_MS = 600_000
# How long an outfit usually stays in the picture.
DEFAULT_DURATION_MS = 8_000
# 2000-01-01 and 2100-01-01: media time is epoch milliseconds, so seconds or microseconds are caught here.
MIN_MEDIA_MS = 946_684_800_000
MAX_MEDIA_MS = 4_102_444_800_000

_SKU = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")


class CueError(ValueError):
    """A cue cannot be shown as it is written. The message says which value to mend."""


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the tag sits: fractions of the picture's width and height, origin top left, unmirrored."""

    x: float
    y: float


class Cue(msgspec.Struct, frozen=True, omit_defaults=True):
    """One tag on the picture, from `at_ms` (media time, epoch ms) up to, not including, `at_ms + duration_ms`."""

    id: str
    kind: str
    products: tuple[str, ...]
    at_ms: int
    duration_ms: int
    anchor: Anchor | None = None

    @property
    def end_ms(self) -> int:
        """The media time of the first frame that does not carry the cue any more."""
        return self.at_ms + self.duration_ms


def check(cue: Cue) -> Cue:
    """The cue, unchanged. Raises CueError when it breaks a rule that no other part of the show is needed for."""
    if cue.kind not in KINDS:
        raise CueError(f"kind is {cue.kind!r}; use one of {', '.join(KINDS)}")
    if not 1 <= len(cue.products) <= MAX_PRODUCTS:
        raise CueError(f"products has {len(cue.products)} entries; name 1 to {MAX_PRODUCTS} products")
    for sku in cue.products:
        if not _SKU.match(sku):
            raise CueError(f"products names {sku[:80]!r}; a product is named by its sku, such as 'silk-dress'")
    if len(set(cue.products)) != len(cue.products):
        raise CueError("products names the same product twice; name each once")
    if not MIN_DURATION_MS <= cue.duration_ms <= MAX_DURATION_MS:
        raise CueError(f"duration_ms is {cue.duration_ms}; use {MIN_DURATION_MS} to {MAX_DURATION_MS}")
    check_media_ms("at_ms", cue.at_ms)
    anchor = cue.anchor
    if anchor and not all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in (anchor.x, anchor.y)):
        raise CueError("anchor lies outside the picture; x and y are fractions from 0 to 1")
    return cue


def check_media_ms(name: str, value: int) -> int:
    """The media time, unchanged. Raises CueError when it cannot be epoch milliseconds."""
    if not MIN_MEDIA_MS <= value <= MAX_MEDIA_MS:
        raise CueError(f"{name} is {value}; media times are epoch milliseconds, such as 1790000000000")
    return value
